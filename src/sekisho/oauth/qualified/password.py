"""A person's password, shown by an application (RFC 6749 section 4.3): off, unless a tenant wants it."""

from msgspec.structs import replace

from sekisho.model.artifact import id_of
from sekisho.model.client import Client
from sekisho.model.connection import DATABASE
from sekisho.model.granted import Granted, SignIn
from sekisho.oauth import whose
from sekisho.oauth.delegation import given, wanted
from sekisho.oauth.delegation.given import Turn
from sekisho.people import directories
from sekisho.people.second_factor.held import is_owed
from sekisho.spec import scope
from sekisho.spec.conditional.facts import MFA
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import SECOND_FACTOR_NEEDED
from sekisho.spec.refusals.entra import PROOF_MISSING
from sekisho.tenant import Tenant

AMR = ("pwd",)


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What the person agreed to before; what else is wrong is said before the password is looked at."""
    if not client.is_public and not client.is_fallback_public and given.proof_of(ask) == "0":
        raise Refused(PROOF_MISSING)
    words = scope.parse(ask.need("scope")) or ()
    one = await wanted.one(words, client, tenant)
    name, text = ask.need("username"), ask.need("password")
    now = tenant.now()
    user = await directories.verify(tenant, DATABASE, name, text, ask.address)
    if is_owed(user, AMR, tenant):
        raise Refused(SECOND_FACTOR_NEEDED, seen=contrast("amr", MFA, " ".join(AMR)))
    turn = Turn(
        id=id_of(now),
        at=now,
        grant_type="password",
        user=user,
        sign_in=SignIn(auth_time=now, amr=AMR, address=ask.address),
        client=client,
        issuer=tenant.issuer(ask),
        words=words,
    )
    granted = await given.delegated(turn, one, ask, tenant)
    kind = "web" if given.proof_of(ask) != "0" else "public"
    begins = given.beginning(turn, granted, "", tenant)
    family = whose.family_of(begins, client, granted.at, tenant)
    family = replace(family, began_at=kind) if family else None
    spends = await whose.beginning(family, begins, granted.at, tenant)
    return replace(granted, spends=spends, refresh=family)
