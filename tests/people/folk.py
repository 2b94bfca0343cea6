"""People of a test: a tenant with its connection, and somebody in it."""

import dataclasses

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from sekisho.tenant import Tenant
from tests.tenants import TENANT, Clock, demo_tenant

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
    told = {"connection": DATABASE, "email": "Ann@Example.com", "password": PASSWORD} | fields
    return await users.create(tenant, UserFields(**told), ADMIN)
