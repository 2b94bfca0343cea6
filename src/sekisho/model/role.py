"""What people are to an API: permissions, and roles that carry several of them."""

from typing import Literal
from uuid import UUID, uuid5

import msgspec

from sekisho.model.record import Record


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """A scope of an API. It ends with that scope: a later one of the same name has another `id`."""

    api: str
    scope: str
    id: str


class Role(Record, frozen=True, kw_only=True):
    """A name for permissions that people get together."""

    name: str
    description: str = ""
    permissions: tuple[Permission, ...] = ()

    @property
    def object_id(self) -> str:
        """The GUID by which Entra's words name it: there, a role is a group of people."""
        return group_id(self.tenant, self.id)


def group_id(tenant: str, role: str) -> str:
    """The GUID of a role as a group."""
    return str(uuid5(UUID(tenant), role))


# Of an assignment that gives no role: it says that somebody may use the application at all.
NO_ROLE = "00000000-0000-0000-0000-000000000000"


class RoleAssignment(Record, frozen=True, kw_only=True):
    """A role of an API (its id) that somebody has: a user, the people of a role (a group), or a client.

    `principal` is the GUID of the user, of the group or of the client; `api` is the API's first identifier.
    """

    principal: str
    kind: Literal["User", "Group", "ServicePrincipal"]
    api: str
    role: str = NO_ROLE
