"""Auth0's second factor at applications: the ticket, the grants, the addresses below /mfa."""

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.faces.auth0 import mfa
from sekisho.model.artifact import FactorTicket, Owner
from sekisho.model.step import Save
from sekisho.model.tenant import AccessPolicy
from sekisho.model.user import User
from sekisho.oauth.says import says
from sekisho.oauth.second_factor import ticket
from sekisho.oauth.token import token
from sekisho.people.factors import totp
from sekisho.people.second_factor import held, removal
from sekisho.spec.conditional.facts import MFA_ACR
from sekisho.spec.conditional.terms import Terms
from sekisho.spec.http import Ask
from sekisho.spec.policy import MFA_OTP, MFA_RECOVERY, PASSWORD_REALM, Policy, allows
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED
from sekisho.spec.refusals.conditional import ACCESS_BLOCKED
from sekisho.spec.refusals.factors import (
    ASSOCIATION_REQUIRED,
    CHALLENGE_UNSUPPORTED,
    FACTOR_PRESENT,
    FACTOR_REPLAYED,
    FACTOR_WRONG,
    MFA_REQUIRED,
    MFA_TOKEN_EXPIRED,
    MFA_TOKEN_INVALID,
    MFA_TOKEN_MISSING,
    RECOVERY_WRONG,
)
from sekisho.spec.refusals.people import PASSWORD_WRONG
from sekisho.spec.refusals.protocol import (
    AUDIENCE_UNKNOWN,
    GRANT_LOST,
    GRANT_TYPE_NOT_ALLOWED,
    GRANT_TYPE_UNKNOWN,
)
from sekisho.tenant import Tenant
from tests.oauth.test_password import EVERYTHING, GRANTS, ann, given, place
from tests.oauth.test_pipelines import claims_of
from tests.people import folk
from tests.people.folk import ADMIN, later
from tests.second_factors import code, enrolled, wrong
from tests.tenants import SECRET, ask
from tests.visitor import web_client


async def protected() -> tuple[Tenant, str, tuple[str, ...]]:
    """Ann with a password, an app and recovery codes."""
    tenant = await place()
    secret, found = await enrolled(tenant, await ann(tenant))
    return tenant, secret, found.codes


async def asked(tenant: Tenant, **more: str | None) -> Refused:
    """What a password is answered where a second factor is missing."""
    with pytest.raises(Refused) as caught:
        await given(tenant, **more)
    return caught.value


async def ticket_of(tenant: Tenant, **more: str | None) -> str:
    """The ticket of that answer."""
    refused = await asked(tenant, **more)
    assert refused.reason is MFA_REQUIRED
    return str(refused.extra["mfa_token"])


async def shown(tenant: Tenant, handle: str, **more: str) -> dict[str, Any]:
    """What the application is given for a ticket and a code."""
    told = {
        "grant_type": MFA_RECOVERY if "recovery_code" in more else MFA_OTP,
        "client_id": "web",
        "client_secret": SECRET,
        "mfa_token": handle,
        **more,
    }
    answer = await token(ask(tuple(told.items()), address="198.51.100.7"), tenant)
    assert isinstance(answer.json, dict)
    return answer.json


async def refusal(tenant: Tenant, handle: str, **more: str) -> Reason:
    """Why it is given nothing."""
    with pytest.raises(Refused) as caught:
        await shown(tenant, handle, **more)
    return caught.value.reason


def bearing(handle: str, body: bytes = b"", **fields: object) -> Ask:
    """A call below /mfa with the ticket as bearer."""
    headers = {"authorization": f"Bearer {handle}", "content-type": "application/json"}
    return replace(ask(), headers=headers, body=body, **fields)


async def test_a_password_is_half_the_way() -> None:
    """The answer says what is needed and hands out a ticket; no token was made."""
    tenant, _, _ = await protected()
    refused = await asked(tenant)
    answer = says(refused, ask())
    assert answer.status == 403
    assert isinstance(answer.json, dict)
    assert answer.json["error"] == "mfa_required"
    assert answer.json["mfa_requirements"] == {"challenge": [{"type": "otp"}, {"type": "recovery-code"}]}
    assert answer.json["mfa_token"] == refused.extra["mfa_token"]
    assert (
        str(refused.extra["mfa_token"])
        not in f"{refused.debug} {refused.text} {refused.words} {refused.seen}"
    )


async def test_a_code_is_the_other_half() -> None:
    """What was asked for with the password is given, with how the person signed in."""
    tenant, secret, _ = await protected()
    handle, began = await ticket_of(tenant), int(tenant.now())
    later(tenant, 20)
    body = await shown(tenant, handle, otp=code(secret, tenant))
    assert set(body["scope"].split()) < set(EVERYTHING.split())
    about = claims_of(tenant, body["id_token"])
    assert (about["amr"], about["acr"], about["auth_time"]) == (["pwd", "otp", "mfa"], MFA_ACR, began)
    assert claims_of(tenant, body["access_token"])["gty"] == "password"
    again = await given(tenant, grant_type="refresh_token", refresh_token=body["refresh_token"], scope=None)
    assert claims_of(tenant, again["id_token"])["amr"] == ["pwd", "otp", "mfa"]


async def test_a_recovery_code_is_exchanged_for_another() -> None:
    """The answer has a new code in the place of the one that was used."""
    tenant, _, codes = await protected()
    body = await shown(tenant, await ticket_of(tenant), recovery_code=codes[0])
    assert claims_of(tenant, body["id_token"])["amr"] == ["pwd", "mfa"]
    assert body["recovery_code"] not in codes
    assert await refusal(tenant, await ticket_of(tenant), recovery_code=codes[0]) is RECOVERY_WRONG
    await shown(tenant, await ticket_of(tenant), recovery_code=body["recovery_code"])


async def test_a_ticket_and_a_code_are_good_once() -> None:
    """A wrong code leaves the ticket; a right one uses both up."""
    tenant, secret, _ = await protected()
    handle, other = await ticket_of(tenant), await ticket_of(tenant)
    assert await refusal(tenant, handle, otp=wrong(secret, tenant)) is FACTOR_WRONG
    await shown(tenant, handle, otp=code(secret, tenant))
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is MFA_TOKEN_INVALID
    assert await refusal(tenant, other, otp=code(secret, tenant)) is FACTOR_REPLAYED


async def test_a_ticket_is_of_one_client_tenant_and_ten_minutes() -> None:
    """To another client or tenant it says nothing; what was never given and what is over are refused."""
    tenant, secret, _ = await protected()
    handle = await ticket_of(tenant)
    other = web_client(id="6" * 8 + "-0000-4000-8000-000000000000", client_id="other", grant_types=GRANTS)
    assert await tenant.change(Save(other)) is None
    assert await refusal(tenant, handle, otp="1", client_id="other") is MFA_TOKEN_INVALID
    for text in ("", "x", "x" * 1_000, SECRET):
        if text:
            assert await refusal(tenant, text, otp="1") is MFA_TOKEN_INVALID
    with pytest.raises(Refused) as caught:
        await ticket.found(handle, folk.elsewhere(tenant))
    assert caught.value.reason is MFA_TOKEN_INVALID
    later(tenant, ticket.LIFETIME)
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is MFA_TOKEN_EXPIRED


async def test_a_ticket_ends_with_its_person() -> None:
    """Who is blocked gets nothing for it, and signing somebody out everywhere ends it."""
    tenant, secret, _ = await protected()
    handle = await ticket_of(tenant)
    her = await ann(tenant)
    assert await tenant.change(Save(replace(her, blocked=True))) is None
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is GRANT_BLOCKED
    await tenant.store.revoke(Owner(tenant=tenant.id, user=her.user_id), tenant.now() + 1)
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is MFA_TOKEN_INVALID


async def test_an_api_that_is_gone_is_given_to_nobody() -> None:
    """What was asked for is looked up again."""
    tenant, secret, _ = await protected()
    handle = await ticket_of(tenant)
    api = await folk.things(tenant)
    assert await tenant.change(Save(replace(api, identifiers=("https://other.example",)))) is None
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is AUDIENCE_UNKNOWN


async def test_who_was_signed_out_everywhere_meanwhile_gets_no_ticket() -> None:
    """What ended everything of the person ends what was about to begin."""
    tenant, _, _ = await protected()
    await tenant.store.revoke(Owner(tenant=tenant.id, user=(await ann(tenant)).user_id), tenant.now())
    assert (await asked(tenant)).reason is GRANT_LOST


async def test_a_wrong_password_gets_no_ticket() -> None:
    """Whoever does not know the password does not learn that there is a second factor."""
    tenant, _, _ = await protected()
    refused = await asked(tenant, password="nine brown otters")
    assert (refused.reason, refused.extra) == (PASSWORD_WRONG, {})


async def test_the_first_code_of_an_app_sets_it_up() -> None:
    """Where the tenant wants a factor and there is none: associate, then the grant with its first code."""
    tenant = folk.decided(await place(), second_factor="always")
    refused = await asked(tenant)
    assert refused.extra["mfa_requirements"] == {"enroll": [{"type": "otp"}]}
    handle = str(refused.extra["mfa_token"])
    assert (await mfa.authenticators(bearing(handle), tenant)).json == []
    assert await refusal(tenant, handle, otp="123456") is FACTOR_WRONG
    assert await refusal(tenant, handle, recovery_code="123456") is ASSOCIATION_REQUIRED
    answer = await mfa.associate(bearing(handle, b'{"authenticator_types":["otp"]}'), tenant)
    told = answer.json
    assert isinstance(told, dict)
    assert told.keys() == {"authenticator_type", "secret", "barcode_uri", "recovery_codes"}
    assert told["secret"] in told["barcode_uri"]
    listed = (await mfa.authenticators(bearing(handle), tenant)).json
    assert isinstance(listed, list)
    assert [each["active"] for each in listed] == [False]
    assert await held.of_user(tenant, await ann(tenant)) == {}
    assert await refusal(tenant, handle, otp=wrong(told["secret"], tenant)) is FACTOR_WRONG
    assert await held.of_user(tenant, await ann(tenant)) == {}
    body = await shown(tenant, handle, otp=code(told["secret"], tenant))
    assert claims_of(tenant, body["id_token"])["amr"] == ["pwd", "otp", "mfa"]
    assert set(await held.of_user(tenant, await ann(tenant))) == {"totp", "recovery"}
    assert await refusal(tenant, await ticket_of(tenant), otp=code(told["secret"], tenant)) is FACTOR_REPLAYED
    await shown(tenant, await ticket_of(tenant), recovery_code=told["recovery_codes"][0])


async def test_a_password_alone_replaces_no_app() -> None:
    """Who has a factor associates none; an app that was begun before theirs is none."""
    tenant = folk.decided(await place(), second_factor="always")
    handle = await ticket_of(tenant)
    told = (await mfa.associate(bearing(handle, b'{"authenticator_types":["otp"]}'), tenant)).json
    assert isinstance(told, dict)
    await enrolled(tenant, await ann(tenant))
    assert await refusal(tenant, handle, otp=code(told["secret"], tenant)) is FACTOR_WRONG
    with pytest.raises(Refused) as caught:
        await mfa.associate(bearing(handle, b'{"authenticator_types":["otp"]}'), tenant)
    assert caught.value.reason is FACTOR_PRESENT


@pytest.mark.parametrize(
    "body", [b"{}", b'{"authenticator_types":["oob"]}', b'{"authenticator_types":"otp"}']
)
async def test_only_apps_are_associated(body: bytes) -> None:
    """A type that is not supported is refused."""
    tenant = folk.decided(await place(), second_factor="always")
    handle = await ticket_of(tenant)
    with pytest.raises(Refused) as caught:
        await mfa.associate(bearing(handle, body), tenant)
    assert caught.value.reason is CHALLENGE_UNSUPPORTED


async def test_what_there_is_is_listed() -> None:
    """App and codes, by Auth0's names; nothing that proves them."""
    tenant, secret, _ = await protected()
    handle = await ticket_of(tenant)
    found = (await mfa.authenticators(bearing(handle), tenant)).json
    assert isinstance(found, list)
    assert {each["authenticator_type"] for each in found} == {"otp", "recovery-code"}
    assert all(each["active"] for each in found)
    assert secret not in str(found)


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer  "])
async def test_without_a_ticket_nothing_is_told(header: str) -> None:
    """The addresses below /mfa want the ticket in the header."""
    tenant, _, _ = await protected()
    with pytest.raises(Refused) as caught:
        await mfa.authenticators(replace(ask(), headers={"authorization": header}), tenant)
    assert caught.value.reason is MFA_TOKEN_MISSING


@pytest.mark.parametrize(
    ("types", "expected"),
    [("otp", None), ("oob otp", None), (None, None), ("oob", CHALLENGE_UNSUPPORTED)],
)
async def test_a_challenge_says_what_to_ask_for(types: str | None, expected: Reason | None) -> None:
    """The app, where the application can ask for codes of one."""
    tenant, _, _ = await protected()
    form = {"mfa_token": await ticket_of(tenant), "client_id": "web", "challenge_type": types}
    told = ask(tuple((name, value) for name, value in form.items() if value))
    if expected is None:
        assert (await mfa.challenge(told, tenant)).json == {"challenge_type": "otp"}
        return
    with pytest.raises(Refused) as caught:
        await mfa.challenge(told, tenant)
    assert caught.value.reason is expected


async def test_a_challenge_wants_a_factor() -> None:
    """Who has none, and begins none, has to associate one first."""
    tenant = folk.decided(await place(), second_factor="always")
    handle = await ticket_of(tenant)
    told = ask((("mfa_token", handle), ("client_id", "web")))
    with pytest.raises(Refused) as caught:
        await mfa.challenge(told, tenant)
    assert caught.value.reason is ASSOCIATION_REQUIRED
    await mfa.associate(bearing(handle, b'{"authenticator_types":["otp"]}'), tenant)
    assert (await mfa.challenge(told, tenant)).status == 200


@pytest.mark.parametrize(
    ("grant_types", "wanted", "expected"),
    [
        ((PASSWORD_REALM,), MFA_OTP, True),
        (("password",), MFA_RECOVERY, True),
        (("authorization_code",), MFA_OTP, False),
        ((MFA_OTP,), MFA_OTP, True),
        (("password",), PASSWORD_REALM, False),
    ],
)
def test_what_finishes_goes_with_what_begins(
    grant_types: tuple[str, ...], wanted: str, expected: bool
) -> None:
    """The grants for a second factor are allowed where one that asks for it is."""
    assert allows(grant_types, wanted) is expected


async def test_who_takes_no_passwords_finishes_none() -> None:
    """Neither a tenant without password grants nor a client without them has these grants."""
    tenant, _, _ = await protected()
    handle = await ticket_of(tenant)
    off = folk.decided(tenant, grant_types=Policy().grant_types)
    assert await refusal(off, handle, otp="1") is GRANT_TYPE_UNKNOWN
    plain = web_client(id="7" * 8 + "-0000-4000-8000-000000000000", client_id="plain")
    assert await tenant.change(Save(plain)) is None
    assert await refusal(tenant, handle, otp="1", client_id="plain") is GRANT_TYPE_NOT_ALLOWED


async def test_two_setups_with_one_ticket_are_the_newer_one() -> None:
    """Whoever is second at the same moment begins again; a secret from before opens nothing."""
    tenant = folk.decided(await place(), second_factor="always")
    handle = await ticket_of(tenant)
    there = await ticket.found(handle, tenant)
    her: User = await ann(tenant)
    sealed = totp.kept(tenant, her.id, totp.drawn())
    await ticket.begun(there, sealed, (), tenant)
    with pytest.raises(Refused) as caught:
        await ticket.begun(there, sealed, (), tenant)
    assert caught.value.reason is MFA_TOKEN_INVALID
    assert isinstance(await tenant.store.get(FactorTicket, handle), FactorTicket)


async def test_what_was_reset_meanwhile_is_set_up_first() -> None:
    """A ticket of somebody whose factor was taken away is good for setting one up."""
    tenant, secret, _ = await protected()
    handle = await ticket_of(tenant)
    await removal.remove(tenant, (await ann(tenant)).id, ADMIN)
    assert await refusal(tenant, handle, otp=code(secret, tenant)) is FACTOR_WRONG
    told = (await mfa.associate(bearing(handle, b'{"authenticator_types":["otp"]}'), tenant)).json
    assert isinstance(told, dict)
    await shown(tenant, handle, otp=code(told["secret"], tenant))


async def test_policies_are_held_against_both_halves() -> None:
    """A policy asks somebody without a factor for one; one that blocks is decided again at the end."""
    tenant = await place()
    wants = AccessPolicy(tenant=tenant.id, id="p", name="Two", terms=Terms(second_factor=True))
    wanting = dataclasses.replace(tenant, policies=(wants,))
    assert (await asked(wanting)).extra["mfa_requirements"] == {"enroll": [{"type": "otp"}]}
    secret, _ = await enrolled(tenant, await ann(tenant))
    handle = await ticket_of(wanting)
    blocks = AccessPolicy(tenant=tenant.id, id="b", name="No", terms=Terms(block=True))
    blocking = dataclasses.replace(tenant, policies=(wants, blocks))
    assert (await asked(blocking)).reason is ACCESS_BLOCKED
    assert await refusal(blocking, handle, otp=code(secret, tenant)) is ACCESS_BLOCKED
    await shown(wanting, handle, otp=code(secret, tenant))
