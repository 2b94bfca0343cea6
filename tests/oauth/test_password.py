"""The password grants: RFC 6749 section 4.3, and Auth0's with a realm."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner, Refresh
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.oauth.token import token
from sekisho.people import lockout
from sekisho.people.factors import password
from sekisho.registry.tenant_fields import TenantFields, decided
from sekisho.spec.policy import PASSWORD_GRANTS, PASSWORD_REALM, Policy
from sekisho.spec.refusal import MISSING_PARAMETER, Reason, Refused
from sekisho.spec.refusals.authorization import CONSENT_REQUIRED, GRANT_BLOCKED
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN, PASSWORD_WRONG, SIGN_IN_LOCKED, USER_UNKNOWN
from sekisho.spec.refusals.protocol import (
    AUDIENCE_UNKNOWN,
    GRANT_TYPE_NOT_ALLOWED,
    GRANT_TYPE_UNKNOWN,
    SCOPE_MALFORMED,
)
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.oauth.test_pipelines import claims_of
from tests.people import folk
from tests.people.folk import PASSWORD, somebody, town
from tests.tenants import AUDIENCE, ORIGIN, SECRET, ask
from tests.visitor import web_client

REALM = "Username-Password-Authentication"
GRANTS = ("authorization_code", "refresh_token", *PASSWORD_GRANTS)
EVERYTHING = "openid profile email offline_access read:things unknown:things"


async def place(*, allowed: bool = True, **fields: Any) -> Tenant:
    """Ann with her password, and an application that may take it."""
    tenant = await town()
    await somebody(tenant)
    api = await folk.things(tenant)
    saves = [replace(api, allow_offline_access=True), web_client(**{"grant_types": GRANTS, **fields})]
    assert await tenant.change(*(Save(each) for each in saves)) is None
    grants = (*Policy().grant_types, *(PASSWORD_GRANTS if allowed else ()))
    return folk.decided(tenant, grant_types=grants)


async def given(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """What the application is given for a password; None leaves a parameter out."""
    told: dict[str, str | None] = {
        "grant_type": PASSWORD_REALM,
        "client_id": "web",
        "client_secret": SECRET,
        "username": "ann@example.com",
        "password": PASSWORD,
        "realm": REALM,
        "audience": AUDIENCE,
        "scope": EVERYTHING,
        **more,
    }
    form = tuple((name, value) for name, value in told.items() if value is not None)
    answer = await token(ask(form, address="198.51.100.7"), tenant)
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json


async def ann(tenant: Tenant) -> User:
    """She, as she is remembered."""
    found = await tenant.store.named(User, tenant.id, "ann@example.com")
    assert found
    return found


async def refused(tenant: Tenant, **more: str | None) -> Refused:
    """Why it is given nothing."""
    with pytest.raises(Refused) as found:
        await given(tenant, **more)
    return found.value


@pytest.mark.parametrize("grant", [{"grant_type": "password", "realm": None}, {}])
async def test_a_password_is_worth_what_a_code_is(grant: dict[str, str | None]) -> None:
    """An access token for the API, an ID token and a refresh token, with the scopes that there are."""
    tenant = await place()
    body = await given(tenant, **grant)
    assert body.keys() == {"access_token", "id_token", "refresh_token", "token_type", "expires_in", "scope"}
    assert body["scope"] == "openid profile email offline_access read:things"
    claims = claims_of(tenant, body["access_token"])
    her = (await ann(tenant)).user_id
    assert (claims["sub"], claims["gty"], claims["azp"]) == (her, "password", "web")
    assert claims["aud"] == [AUDIENCE, f"{ORIGIN}/userinfo"]
    about = claims_of(tenant, body["id_token"])
    assert (about["amr"], about["email"], "sid" in about) == (["pwd"], "ann@example.com", False)
    [event] = await tenant.store.events(tenant.id, {"slug": "password_redeemed"}, Window())
    assert (event.user, event.client) == (her, "web")


async def test_the_refresh_token_goes_on() -> None:
    """A family like any other: it turns, and too many of them end the oldest."""
    tenant = folk.decided(await place(), refresh_most=2)
    first = await given(tenant)
    again = await given(tenant, grant_type="refresh_token", refresh_token=first["refresh_token"], scope=None)
    assert again["refresh_token"] != first["refresh_token"]
    assert claims_of(tenant, again["access_token"])["gty"] == "refresh_token"
    for _ in range(3):
        await given(tenant)
    owner = Owner(tenant=tenant.id, user=(await ann(tenant)).user_id)
    assert len(await tenant.store.find(Refresh, owner, None, 10)) == 2


async def test_without_scope_nothing_is_given_but_a_token() -> None:
    """What was not asked for is not granted, as with a code; without audience the token is for /userinfo."""
    tenant = await place()
    body = await given(tenant, scope=None)
    assert (body["scope"], body.keys() & {"id_token", "refresh_token"}) == ("", set())
    body = await given(tenant, audience=None, scope="openid read:things")
    assert (body["scope"], "." in body["access_token"]) == ("openid", False)
    assert (await given(tenant, audience=None, resource=AUDIENCE, scope="read:things"))[
        "scope"
    ] == "read:things"


async def test_the_older_pipeline_is_kept_to() -> None:
    """A client that stayed with it is told attributes by their names."""
    tenant = await place(oidc_conformant=False)
    her = await ann(tenant)
    assert await tenant.change(Save(replace(her, user_metadata={"shoe": "blue"}))) is None
    body = await given(tenant, audience=None, scope="openid shoe")
    assert claims_of(tenant, body["id_token"])["shoe"] == "blue"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"password": "wrong words"}, PASSWORD_WRONG),
        ({"username": "nobody@example.com"}, USER_UNKNOWN),
        ({"username": "a b"}, USER_UNKNOWN),
        ({"username": None}, MISSING_PARAMETER),
        ({"password": None}, MISSING_PARAMETER),
        ({"realm": None}, MISSING_PARAMETER),
        ({"realm": "Elsewhere"}, CONNECTION_UNKNOWN),
        ({"audience": "https://nothing.example"}, AUDIENCE_UNKNOWN),
        ({"audience": f"{ORIGIN}/api/v2/"}, AUDIENCE_UNKNOWN),
        ({"scope": 'a"b'}, SCOPE_MALFORMED),
    ],
)
async def test_what_cannot_be_is_refused(more: dict[str, str | None], reason: Reason) -> None:
    """Nothing is given, and what has nothing to do with the password is told before it is looked at."""
    tenant = await place()
    assert (await refused(tenant, **more)).reason is reason


async def test_it_is_off_unless_a_tenant_wants_it() -> None:
    """By default there are no such grants, and a client has to be registered for each of them."""
    tenant = await place(allowed=False)
    for grant in PASSWORD_GRANTS:
        assert (await refused(tenant, grant_type=grant)).reason is GRANT_TYPE_UNKNOWN
    tenant = await place(grant_types=("authorization_code", "password"))
    assert (await refused(tenant)).reason is GRANT_TYPE_NOT_ALLOWED
    assert "access_token" in await given(tenant, grant_type="password")


def test_one_setting_switches_both_on_and_off() -> None:
    """It puts the grants among those of the tenant, and takes them away; null is the safe default."""
    usual = Policy()
    on = decided(usual, TenantFields(applications_may_take_passwords=True))
    assert on.applications_may_take_passwords
    assert on.grant_types == (*usual.grant_types, *PASSWORD_GRANTS)
    assert decided(on, TenantFields(applications_may_take_passwords=True)) == on
    assert decided(on, TenantFields(friendly_name="x")).applications_may_take_passwords
    for off in (False, None):
        assert decided(on, TenantFields(applications_may_take_passwords=off)) == usual
    assert not usual.applications_may_take_passwords


async def test_somebody_elses_application_takes_no_passwords() -> None:
    """Who would have to agree cannot be asked here."""
    tenant = await place(is_first_party=False)
    assert (await refused(tenant)).reason is CONSENT_REQUIRED


async def test_who_is_blocked_is_told_by_the_password() -> None:
    """In the words of the token endpoint, and only to who knows the password."""
    tenant = await place()
    her = await ann(tenant)
    assert await tenant.change(Save(replace(her, blocked=True))) is None
    found = await refused(tenant)
    assert (found.reason, found.text) == (GRANT_BLOCKED, "user is blocked")
    assert (await refused(tenant, password="wrong words")).reason is PASSWORD_WRONG


async def test_the_lockout_is_that_of_the_sign_in_page() -> None:
    """The same attempts, in the same count: 429 with a time to come back."""
    tenant = folk.decided(await place(), sign_in_account_burst=2)
    for _ in range(2):
        assert (await refused(tenant, password="wrong words")).reason is PASSWORD_WRONG
    locked = await refused(tenant)
    assert (locked.reason, locked.reason.error) == (SIGN_IN_LOCKED, "too_many_attempts")
    assert int(locked.headers["retry-after"]) > 0
    with pytest.raises(Refused) as found:
        await password.verify(tenant, "ann@example.com", PASSWORD, "")
    assert found.value.reason is SIGN_IN_LOCKED
    await lockout.lift(tenant, (await ann(tenant)).id)
    assert "access_token" in await given(tenant)
