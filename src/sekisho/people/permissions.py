"""What people may do at an API: what was given to them, and what their roles carry."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.role import Permission, Role
from sekisho.model.user import User
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.tenant import Tenant

MOST = 1_000


class PermissionFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A permission, in the wire's words."""

    permission_name: Annotated[str, Meta(max_length=280)]
    resource_server_identifier: Annotated[str, Meta(max_length=metadata.LONGEST_IDENTIFIER)]


class PermissionsFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several of them."""

    NEEDS: ClassVar[tuple[str, ...]] = ("permissions",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    permissions: Annotated[tuple[PermissionFields, ...], Meta(min_length=1, max_length=MOST)]


async def asked_for(tenant: Tenant, asked: Sequence[PermissionFields]) -> tuple[Permission, ...]:
    """The permissions that are meant: both API and scope are there."""
    found = []
    for each in asked:
        api = await tenant.known.named(Api, tenant.id, each.resource_server_identifier)
        if api is None:
            raise Refused(API_ABSENT)
        ids = {scope.value: scope.id for scope in api.scopes}
        metadata.choice_is_known("permission_name", (each.permission_name,), ids)
        found.append(Permission(api=api.identifier, scope=each.permission_name, id=ids[each.permission_name]))
    return tuple(found)


def are_of_people(asked: Iterable[PermissionFields]) -> None:
    """Nobody administers by a permission of their own: the management API is not to be chosen."""
    if any(each.resource_server_identifier == MANAGEMENT for each in asked):
        raise Refused(API_ABSENT)


def of_administrators(held: Iterable[Permission]) -> frozenset[str]:
    """The ids of those scopes of the management API that are among these."""
    return frozenset(each.id for each in held if each.api == MANAGEMENT)


def more(old: Iterable[Permission], new: Iterable[Permission]) -> tuple[Permission, ...]:
    """Both, each once."""
    both = tuple(dict.fromkeys((*old, *new)))
    if len(both) > MOST:
        raise _too_many()
    return both


def named(asked: Sequence[PermissionFields]) -> list[str]:
    """How the audit calls them."""
    if len(asked) > MOST:
        raise _too_many()
    return [f"{each.permission_name} {each.resource_server_identifier}" for each in asked]


def fewer(old: Iterable[Permission], gone: Collection[PermissionFields]) -> tuple[Permission, ...]:
    """Those that are not named; what no API has any more can be named too."""
    names = {(each.resource_server_identifier, each.permission_name) for each in gone}
    return tuple(each for each in old if (each.api, each.scope) not in names)


async def roles_of(tenant: Tenant, user: User) -> list[Role]:
    """The roles of a user; those that were deleted since are none."""
    found = [await tenant.known.named(Role, tenant.id, id) for id in user.roles]
    # A role is also found by its name, which may look like an id.
    return [role for role, id in zip(found, user.roles, strict=True) if role and role.id == id]


async def of_user(tenant: Tenant, user: User, api: Api) -> tuple[str, ...]:
    """The scopes of an API that a user has, in the order of the API; directly or by a role."""
    roles = await roles_of(tenant, user)
    held = {each.id for each in (*user.permissions, *(one for role in roles for one in role.permissions))}
    return tuple(scope.value for scope in api.scopes if scope.enabled and scope.id in held)


def _too_many() -> Refused:
    return metadata.problem("permissions", f"More than {MOST}")
