"""Permissions as rows of a table, and the form that one more is typed into."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.role import Permission, Role
from sekisho.model.user import User
from sekisho.pages.dashboard import fields
from sekisho.pages.dashboard.fields import Kind
from sekisho.people import permissions
from sekisho.people.permissions import PermissionFields
from sekisho.spec.http import Pairs
from sekisho.store import Window
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"resource_server_identifier": "text", "permission_name": "text"}
MOST = 100  # APIs and roles that are offered while one types


@dataclass(frozen=True, slots=True)
class Carried:
    """A permission that still stands: of which API, in its words, and from where."""

    api: Api
    scope: str
    text: str
    is_own: bool
    roles: tuple[Role, ...] = ()


async def of_role(role: Role, tenant: Tenant) -> list[Carried]:
    """What a role carries."""
    return await _rows(((each, None) for each in role.permissions), tenant)


async def of_user(user: User, held: Iterable[Role], tenant: Tenant) -> list[Carried]:
    """What a user has: each once, with all the roles that it comes by. Ranks are shown as such."""
    own: list[tuple[Permission, Role | None]] = [(each, None) for each in user.permissions]
    by_role = [(each, role) for role in held for each in role.permissions if each.api != MANAGEMENT]
    return await _rows((*own, *by_role), tenant)


async def apis(tenant: Tenant) -> list[Api]:
    """The first of those that somebody may have permissions of."""
    found = await tenant.store.records(Api, tenant.id, {}, Window(limit=MOST))
    return [api for api in found if not api.is_system]


def typed(form: Pairs) -> PermissionFields:
    """The one that is meant; nobody administers by a permission of their own."""
    told = {name: value or "" for name, value in fields.typed(form, KINDS).items()}
    asked = fields.converted(told, PermissionFields)
    permissions.are_of_people((asked,))
    return asked


async def _rows(held: Iterable[tuple[Permission, Role | None]], tenant: Tenant) -> list[Carried]:
    found: dict[str, Carried] = {}
    for each, role in held:
        api = await tenant.known.named(Api, tenant.id, each.api)
        scope = next((scope for scope in api.scopes if scope.id == each.id), None) if api else None
        if api and scope:
            had = found.get(each.id, Carried(api, scope.value, scope.description, is_own=False))
            by = (*had.roles, role) if role else had.roles
            found[each.id] = Carried(api, scope.value, scope.description, had.is_own or role is None, by)
    return sorted(found.values(), key=lambda row: (row.api.name, row.scope))
