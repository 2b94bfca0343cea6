"""Admin consent: all of it in one unit, once however often it is given, and taken back whole."""

import asyncio

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api, AppRole, Scope
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Save
from sekisho.people import consents
from sekisho.people.entra import admin_consents
from sekisho.people.entra.admin_consents import Share
from sekisho.registry import system_apis
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, SYSTEM_CLIENT
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, TENANT, api, client, demo_tenant

ADMIN = Actor(user="auth0|admin")
THINGS = Share(AUDIENCE, ("read:things", "write:things"), ("clerk",))


@pytest.fixture
async def tenant() -> Tenant:
    """The demo tenant with a machine, and an API that has roles."""
    tenant = await demo_tenant()
    found = await tenant.store.named(Api, TENANT, AUDIENCE)
    assert found
    roles = (
        AppRole(id="clerk", value="Clerk"),
        AppRole(id="person", value="Person", members=("User",)),
        AppRole(id="off", value="Off", enabled=False),
    )
    scopes = (*api().scopes, Scope(id="off", value="off:things", enabled=False))
    told = replace(found, app_roles=roles, scopes=scopes)
    assert await tenant.change(Save(told), Save(client()), Save(system_apis.system(TENANT, 0))) is None
    return tenant


async def machine(tenant: Tenant) -> Client:
    """The application."""
    found = await tenant.store.named(Client, TENANT, "machine")
    assert found
    return found


async def given(tenant: Tenant) -> dict[str | None, tuple[str, ...]]:
    """What there is for everybody, by the API."""
    return {each.api: each.scopes for each in await admin_consents.of_client(tenant, await machine(tenant))}


async def told(tenant: Tenant) -> list[str]:
    """What happened, oldest first."""
    await tenant.audit.flush()
    return [each.slug for each in await tenant.store.events(TENANT, {}, Window())][::-1]


async def test_it_is_given_once(tenant: Tenant) -> None:
    """However often and at whatever moment: one agreement for each API, one assignment of each role."""
    who = await machine(tenant)
    shares = (Share(None, ("openid", "nothing")), THINGS)
    await asyncio.gather(*(admin_consents.give(tenant, who, shares, ADMIN) for _ in range(8)))
    assert await given(tenant) == {None: ("openid",), AUDIENCE: THINGS.scopes}
    assert [each.role for each in await admin_consents.roles_of(tenant, who)] == ["clerk"]
    assert sorted(await told(tenant)) == [
        *("app_role_assigned", "permission_grant_created", "permission_grant_created"),
    ]


async def test_what_was_agreed_to_before_stays(tenant: Tenant) -> None:
    """More comes to it, and people who agreed for themselves have that beside it."""
    who = await machine(tenant)
    mine = consents.new("auth0|aya", who, AUDIENCE, ("read:things",), 0)
    assert await tenant.change(Save(mine)) is None
    for scope in ("write:things", "read:things"):
        await admin_consents.give(tenant, who, (Share(AUDIENCE, (scope,)),), ADMIN)
    assert await given(tenant) == {AUDIENCE: ("write:things", "read:things")}
    assert await told(tenant) == ["permission_grant_created", "permission_grant_changed"]
    await admin_consents.take_back(tenant, who, AUDIENCE, ADMIN)
    assert await given(tenant) == {}
    assert await tenant.store.count(Consent, TENANT, {"client_id": "machine"}) == 1


async def test_what_an_api_does_not_have_is_not_given(tenant: Tenant) -> None:
    """Neither a scope or a role that is disabled, nor a role of people, nor one that is not there."""
    who = await machine(tenant)
    share = Share(AUDIENCE, ("off:things", "gone"), ("person", "off", "gone"))
    await admin_consents.give(tenant, who, (share,), ADMIN)
    assert (await given(tenant), await told(tenant)) == ({}, [])
    assert await admin_consents.roles_of(tenant, who) == []


async def test_only_roles_of_that_api_are_taken_back(tenant: Tenant) -> None:
    """What it has of another one stays."""
    who = await machine(tenant)
    await admin_consents.give(tenant, who, (THINGS,), ADMIN)
    other = RoleAssignment(
        tenant=TENANT, id="1", principal=who.id, kind="ServicePrincipal", api="other", role="r"
    )
    assert await tenant.change(Save(other)) is None
    await admin_consents.take_back(tenant, who, AUDIENCE, ADMIN)
    assert [each.api for each in await admin_consents.roles_of(tenant, who)] == ["other"]


@pytest.mark.parametrize("name", [MANAGEMENT, "gone"])
async def test_our_own_api_is_nobodys_to_give(tenant: Tenant, name: str) -> None:
    """Whoever administers gives nobody their own rights like this. Reason: api_absent."""
    with pytest.raises(Refused, match=API_ABSENT.slug):
        await admin_consents.give(tenant, await machine(tenant), (Share(name, ("read:users",)),), ADMIN)
    assert await given(tenant) == {}


async def test_our_own_application_is_given_nothing(tenant: Tenant) -> None:
    """The dashboard signs administrators in, and does nothing in their name. Reason: system_client."""
    ours = replace(await machine(tenant), client_id=DASHBOARD)
    with pytest.raises(Refused, match=SYSTEM_CLIENT.slug):
        await admin_consents.give(tenant, ours, (THINGS,), ADMIN)


async def test_an_agreement_that_goes_meanwhile_is_made_anew(tenant: Tenant) -> None:
    """Giving and taking back at the same moments ends in one of both, and never in half of one."""
    who = await machine(tenant)
    for _ in range(5):
        await asyncio.gather(
            *(admin_consents.give(tenant, who, (THINGS,), ADMIN) for _ in range(3)),
            *(admin_consents.take_back(tenant, who, AUDIENCE, ADMIN) for _ in range(3)),
        )
        roles = await admin_consents.roles_of(tenant, who)
        assert (await given(tenant), len(roles)) in (({AUDIENCE: THINGS.scopes}, 1), ({}, 0))
        kept = await tenant.store.records(Consent, TENANT, {}, Window())
        assert await tenant.change(*map(Erase, (*kept, *roles))) is None
