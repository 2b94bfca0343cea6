"""/mfa/*: the second factor at applications that take passwords themselves, by the ticket of the first."""

from collections.abc import Mapping

from sekisho.faces.auth0 import hears
from sekisho.model.password import Factor
from sekisho.oauth.asked import client_of
from sekisho.oauth.second_factor import ticket
from sekisho.people.factors import recovery, totp
from sekisho.people.letters.sending import house_of
from sekisho.people.second_factor import enrolment, held
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import (
    ASSOCIATION_REQUIRED,
    CHALLENGE_UNSUPPORTED,
    FACTOR_PRESENT,
    MFA_TOKEN_MISSING,
)
from sekisho.tenant import Tenant

OTP = "otp"
# What is called otherwise here: the type, and how its id begins.
CALLED: Mapping[str, tuple[str, str]] = {
    totp.KIND: (OTP, "totp"),
    recovery.KIND: ("recovery-code", "recovery-code"),
}
LONGEST = 64


async def authenticators(ask: Ask, tenant: Tenant) -> Answer:
    """GET /mfa/authenticators: what the person has; what is being set up does not count yet."""
    shown = await ticket.found(_bearer(ask), tenant)
    user = await ticket.person(shown, tenant)
    found = [_seen(each) for each in (await held.of_user(tenant, user)).values()]
    if shown.sealed and not found:
        found = [{"id": "totp|begun", "authenticator_type": OTP, "active": False}]
    return Answer(json=found, headers=NO_STORE)


async def associate(ask: Ask, tenant: Tenant) -> Answer:
    """POST /mfa/associate: a secret and recovery codes, which count once a code of the app was shown.

    Who has a factor sets none up like this: a password alone would be enough to replace it.
    """
    shown = await ticket.found(_bearer(ask), tenant)
    user = await ticket.person(shown, tenant)
    wanted = hears.members(ask).get("authenticator_types")
    if not isinstance(wanted, list) or OTP not in wanted:
        seen = contrast("authenticator_types", OTP, str(wanted)[:LONGEST])
        raise Refused(CHALLENGE_UNSUPPORTED, seen=seen)
    if user.has_second_factor:
        raise Refused(FACTOR_PRESENT, debug=user.user_id)
    secret, codes = totp.drawn(), recovery.drawn()
    kept = totp.kept(tenant, user.id, secret)
    await ticket.begun(shown, kept, recovery.kept(user.id, codes), tenant)
    told = {
        "authenticator_type": OTP,
        "secret": secret,
        "barcode_uri": totp.address(secret, enrolment.account_of(user), house_of(tenant)),
        "recovery_codes": list(codes),
    }
    return Answer(json=told, headers=NO_STORE)


async def challenge(ask: Ask, tenant: Tenant) -> Answer:
    """POST /mfa/challenge: which of the types that the application can do it is to ask for."""
    client = await client_of(one(ask.form, "client_id"), tenant)
    shown = await ticket.of_client(hears.text(ask, "mfa_token"), client, tenant)
    types = (one(ask.form, "challenge_type") or OTP).split()
    if OTP not in types:
        raise Refused(CHALLENGE_UNSUPPORTED, seen=contrast("challenge_type", OTP, " ".join(types)[:LONGEST]))
    user = await ticket.person(shown, tenant)
    if not user.has_second_factor and not shown.sealed:
        raise Refused(ASSOCIATION_REQUIRED, debug=user.user_id)
    return Answer(json={"challenge_type": OTP}, headers=NO_STORE)


def _seen(factor: Factor) -> dict[str, object]:
    kind, prefix = CALLED[factor.kind]
    return {"id": f"{prefix}|{factor.user}", "authenticator_type": kind, "active": True}


def _bearer(ask: Ask) -> str:
    """The `mfa_token` of the header; it is no access token, and opens nothing else."""
    scheme, _, text = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Refused(MFA_TOKEN_MISSING)
    return text.strip()
