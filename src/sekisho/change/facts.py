"""What claim rules are told of a person and of an application."""

from collections.abc import Mapping

from sekisho.model.client import Client
from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.tenant import Tenant


async def of_user(user: User, tenant: Tenant) -> Mapping[str, object]:
    """Everything that a whole profile says, and the names of the roles, which are known: nothing is read."""
    found = [await tenant.known.named(Role, tenant.id, id) for id in user.roles]
    roles = [role.name for role in found if role]
    return {**user.whole, "connection": user.connection, "roles": roles}


def of_client(client: Client) -> Mapping[str, object]:
    """Who it is, and what its owner noted."""
    return {"client_id": client.client_id, "name": client.name, "metadata": client.client_metadata}
