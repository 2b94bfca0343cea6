"""The roles of an API that an application has itself, because an administrator agreed to them."""

from sekisho.model.client import Client
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Save
from sekisho.oauth.steps import Need
from sekisho.people.entra import admin_consents
from sekisho.tenant import Tenant


async def missing(need: Need, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """Of the roles (their ids) that an application is to get of an API, those that it does not have."""
    found: list[str] = []
    for role in need.roles:
        name = f"{client.id} {need.api} {role}"
        if await tenant.store.named(RoleAssignment, tenant.id, name) is None:
            found.append(role)
    return tuple(found)


async def giving(need: Need, client: Client, tenant: Tenant) -> tuple[Save, ...]:
    """The steps by which it has them."""
    return tuple(
        [
            Save(admin_consents.assignment(client, need.api or "", role, tenant.now()))
            for role in await missing(need, client, tenant)
        ]
    )
