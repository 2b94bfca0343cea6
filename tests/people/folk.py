"""People of a test: a tenant with its connection, and somebody in it."""

import dataclasses
from typing import Any

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import Api
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, TENANT, Clock, demo_tenant

ADMIN = Actor(client="console", user="auth0|admin", address="192.0.2.1")
PASSWORD = "seven grey herons"
OTHER = "nine brown otters"
ADDRESS = "198.51.100.7"


async def town(clock: Clock | None = None, **policy: object) -> Tenant:
    """The demo tenant with its database of users; hashing costs as little as is allowed."""
    tenant = await demo_tenant(clock)
    assert await tenant.change(Save(Connection(tenant=TENANT, id="con_1"))) is None
    return decided(tenant, password_memory_kib=7_168, password_passes=5, **policy)


def decided(tenant: Tenant, **policy: object) -> Tenant:
    """The tenant with another policy."""
    return dataclasses.replace(tenant, record=replace(tenant.record, policy=replace(tenant.policy, **policy)))


async def somebody(tenant: Tenant, **fields: object) -> User:
    """Ann, who has a password."""
    told: dict[str, Any] = {"connection": DATABASE, "email": "Ann@Example.com", "password": PASSWORD} | fields
    return await users.create(tenant, UserFields(**told), ADMIN)


def elsewhere(tenant: Tenant) -> Tenant:
    """Another tenant of the same installation."""
    return dataclasses.replace(tenant, record=replace(tenant.record, id="x", tenant="x"))


def later(tenant: Tenant, seconds: float) -> None:
    """Time passes."""
    clock = tenant.tools.clock
    assert isinstance(clock, Clock)
    clock.now += seconds


async def kept(tenant: Tenant, user: User) -> Password:
    """The password of somebody, as it is remembered."""
    found = await tenant.store.record(Password, tenant.id, user.id)
    assert found is not None
    return found


async def things(tenant: Tenant) -> Api:
    """The API of the tenant."""
    found = await tenant.store.named(Api, tenant.id, AUDIENCE)
    assert found is not None
    return found
