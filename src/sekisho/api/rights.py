"""Roles and permissions as several resources show them."""

from collections.abc import Iterable, Sequence

from msgspec import UNSET, Struct

from sekisho.api import paging, view
from sekisho.api.view import Maybe, unless_empty
from sekisho.model.api import Api
from sekisho.model.role import Permission, Role
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


class RoleSeen(Struct, kw_only=True):
    """A name for permissions that people get together."""

    id: str
    name: str
    description: Maybe[str] = UNSET


class SourceSeen(Struct, kw_only=True):
    """Where a permission comes from: a role, or the user itself."""

    source_id: str
    source_name: str
    source_type: str


class PermissionSeen(Struct, kw_only=True):
    """A scope of an API that somebody has; `sources` where it is a user's."""

    permission_name: str
    description: str
    resource_server_name: str
    resource_server_identifier: str
    sources: Maybe[Sequence[SourceSeen]] = UNSET


def role(found: Role) -> view.View:
    """A role."""
    seen = RoleSeen(id=found.id, name=found.name, description=unless_empty(found.description))
    return view.members(seen)


def shown(found: Role, status: int = 200) -> Answer:
    """A role as the answer."""
    return view.shown(role(found), status, version=found.version)


async def permissions(found: Iterable[Permission], tenant: Tenant) -> list[PermissionSeen]:
    """Those whose scope is still there."""
    seen = []
    for each in found:
        api = await tenant.known.named(Api, tenant.id, each.api)
        scope = next((scope for scope in api.scopes if scope.id == each.id), None) if api else None
        if api and scope:
            told = PermissionSeen(
                permission_name=scope.value,
                description=scope.description,
                resource_server_name=api.name,
                resource_server_identifier=each.api,
                sources=UNSET,
            )
            seen.append(told)
    return seen


def paged(ask: Ask, views: Sequence[view.View], plural: str) -> Answer:
    """The page that is asked for, of what is all there."""
    place = paging.place(ask)
    return place.shown(views[place.start : place.start + place.limit], plural, len(views))
