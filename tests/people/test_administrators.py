"""Owners: who may do everything in a tenant."""

import pytest

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.step import Save
from sekisho.people import administrators, permissions, users
from sekisho.people.factors.password import verify
from sekisho.registry.system_apis import system
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.spec.refusals.people import LOGIN_MALFORMED, PASSWORD_WRONG
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, ADMIN, somebody, town
from tests.tenants import NOW, TENANT


async def realm() -> Tenant:
    """A town with a management API."""
    tenant = await town()
    assert await tenant.change(Save(system(TENANT, NOW))) is None
    return tenant


async def test_an_owner_may_do_everything():
    """A new person without a password has every scope of the management API, by a role."""
    tenant = await realm()
    owner = await administrators.appoint(tenant, "Me@Example.com", ADMIN)
    api = await tenant.store.named(Api, tenant.id, MANAGEMENT)
    assert api
    assert await permissions.of_user(tenant, owner, api) == tuple(scope.value for scope in api.scopes)
    assert owner.permissions == ()
    with pytest.raises(Refused, match=PASSWORD_WRONG.slug):
        await verify(tenant, "me@example.com", "", ADDRESS)


async def test_somebody_who_is_there_becomes_an_owner():
    """No second account is made, a second time changes nothing, and two owners share one role."""
    tenant = await realm()
    ann = await somebody(tenant)
    owner = await administrators.appoint(tenant, "ann@example.com", ADMIN)
    assert owner == await administrators.appoint(tenant, "ann@example.com", ADMIN)
    assert owner.id == ann.id
    other = await administrators.appoint(tenant, "other@example.com", ADMIN)
    assert other.roles == owner.roles
    assert len(owner.roles) == 1


@pytest.mark.parametrize("address", ["", "ann", "a b@example.com", "ann@", "@example.com"])
async def test_an_owner_has_an_address(address: str):
    """What nobody can sign in with makes nobody."""
    tenant = await realm()
    with pytest.raises(Refused, match=LOGIN_MALFORMED.slug):
        await administrators.appoint(tenant, address, ADMIN)


async def test_nobody_owns_what_cannot_be_administered():
    """Without the management API there is nothing to be allowed, and that is said."""
    tenant = await town()
    with pytest.raises(Refused, match=API_ABSENT.slug):
        await administrators.appoint(tenant, "me@example.com", ADMIN)
    assert (await users.find(tenant, "me@example.com")).roles == ()
