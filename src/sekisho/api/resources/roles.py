"""/api/v2/roles: what people get together."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct

from sekisho.api import match, rights, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.people import assignments, permissions, roles, users
from sekisho.people.permissions import PermissionsFields
from sekisho.people.roles import RoleFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant

READ_MEMBERS = ("read:users", "read:roles", "read:role_members")
MOST_MEMBERS = 100  # in one request
ROLES = Listing(Role, "roles")
MEMBERS = Listing(User, "users")


class MembersFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users, by their ids."""

    NEEDS: ClassVar[tuple[str, ...]] = ("users",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    users: Annotated[
        tuple[Annotated[str, Meta(max_length=256)], ...], Meta(min_length=1, max_length=MOST_MEMBERS)
    ]


class MemberSeen(Struct, kw_only=True):
    """Somebody who has a role."""

    user_id: str
    name: str
    email: Maybe[str] = UNSET
    picture: Maybe[str] = UNSET


class Nothing(Struct):
    """It was done."""


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /roles."""
    return await listed(ask, tenant, ROLES, rights.role)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /roles."""
    asked = fields.creation(document.parse(ask.body), RoleFields)
    return rights.shown(await roles.create(tenant, asked, actor(bearer, ask)))


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /roles/{id}."""
    cut = view.cutter(ask)
    role = await roles.find(tenant, ask.names["id"])
    return view.shown(cut(rights.role(role)), version=role.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /roles/{id}."""
    asked = fields.amendment(document.parse(ask.body), RoleFields)
    id, at = ask.names["id"], match.versions(ask)
    return rights.shown(await roles.change(tenant, id, asked, actor(bearer, ask), at))


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /roles/{id}: nobody has it any more."""
    await roles.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.shown({})


async def every_permission(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /roles/{id}/permissions."""
    role = await roles.find(tenant, ask.names["id"])
    found = await rights.permissions(role.permissions, tenant)
    return rights.paged(ask, [view.members(each) for each in found], "permissions")


async def permit(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /roles/{id}/permissions."""
    asked = fields.creation(document.parse(ask.body), PermissionsFields)
    permissions.are_of_people(asked.permissions)
    await roles.permit(tenant, ask.names["id"], asked.permissions, actor(bearer, ask))
    return view.nothing(201)


async def forbid(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /roles/{id}/permissions."""
    asked = fields.creation(document.parse(ask.body), PermissionsFields)
    await roles.forbid(tenant, ask.names["id"], asked.permissions, actor(bearer, ask))
    return view.nothing()


async def members(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /roles/{id}/users."""
    role = await roles.find(tenant, ask.names["id"])
    return await listed(ask, tenant, MEMBERS, _member, {"tag": role.id})


async def join(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /roles/{id}/users: all of them, or nobody where one is unknown."""
    asked = fields.creation(document.parse(ask.body), MembersFields)
    role, who = await roles.find(tenant, ask.names["id"]), actor(bearer, ask)
    if not all(map(users.is_id, asked.users)):
        raise Refused(USER_ABSENT)
    found = [await users.find(tenant, name) for name in asked.users]
    for user in found:
        await assignments.assign(tenant, user.id, [role.id], who)
    return view.shown({})


def _member(user: User) -> view.View:
    told = user.standard
    seen = MemberSeen(
        user_id=user.user_id,
        name=str(told["name"]),
        email=unless_empty(user.email),
        picture=unless_empty(str(told.get("picture", ""))),
    )
    return view.members(seen)
