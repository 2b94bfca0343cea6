"""/api/v2/users/{id}/roles and /permissions: what users are given."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from sekisho.api import rights, view, whom
from sekisho.api.bearer import actor
from sekisho.api.rights import PermissionSeen, SourceSeen
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.user import User
from sekisho.people import assignments, permissions
from sekisho.people.assignments import MOST_ROLES
from sekisho.people.permissions import PermissionsFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

READ_ROLES = ("read:users", "read:roles", "read:role_members")


class RolesFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Roles, by their ids."""

    NEEDS: ClassVar[tuple[str, ...]] = ("roles",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    roles: Annotated[
        tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=MOST_ROLES)
    ]


async def roles(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/roles."""
    found = await permissions.roles_of(tenant, await whom.user(ask, tenant))
    return rights.paged(ask, [rights.role(each) for each in found], "roles")


async def assign(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /users/{id}/roles."""
    asked = fields.creation(document.parse(ask.body), RolesFields)
    await assignments.assign(tenant, whom.user_id(ask), asked.roles, actor(bearer, ask))
    return view.nothing()


async def unassign(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/roles."""
    asked = fields.creation(document.parse(ask.body), RolesFields)
    await assignments.unassign(tenant, whom.user_id(ask), asked.roles, actor(bearer, ask))
    return view.nothing()


async def every_permission(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/permissions: those of the roles too, each with where it comes from."""
    found = await _permissions(tenant, await whom.user(ask, tenant))
    return rights.paged(ask, [view.members(each) for each in found], "permissions")


async def permit(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /users/{id}/permissions."""
    asked = fields.creation(document.parse(ask.body), PermissionsFields)
    permissions.are_of_people(asked.permissions)
    await assignments.permit(tenant, whom.user_id(ask), asked.permissions, actor(bearer, ask))
    return view.nothing(201)


async def forbid(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/permissions."""
    asked = fields.creation(document.parse(ask.body), PermissionsFields)
    await assignments.forbid(tenant, whom.user_id(ask), asked.permissions, actor(bearer, ask))
    return view.nothing()


async def _permissions(tenant: Tenant, user: User) -> list[PermissionSeen]:
    """Each once, with all its sources."""
    sources = [(SourceSeen(source_id="", source_name="", source_type="DIRECT"), user.permissions)]
    for role in await permissions.roles_of(tenant, user):
        source = SourceSeen(source_id=role.id, source_name=role.name, source_type="ROLE")
        sources.append((source, role.permissions))
    found: dict[tuple[str, str], tuple[PermissionSeen, list[SourceSeen]]] = {}
    for source, held in sources:
        for each in await rights.permissions(held, tenant):
            name = (each.resource_server_identifier, each.permission_name)
            found.setdefault(name, (each, []))[1].append(source)
    return [replace(each, sources=own) for each, own in found.values()]
