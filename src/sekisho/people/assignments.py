"""What users are given: roles, and permissions of their own."""

from collections.abc import Sequence

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import amend, kept, land
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import permissions, powers, roles, users
from sekisho.people.permissions import PermissionFields
from sekisho.spec import metadata
from sekisho.tenant import Tenant

MOST_ROLES = 50  # of one user


async def assign(tenant: Tenant, name: str, ids: Sequence[str], actor: Actor) -> User:
    """A user has more roles; those that were deleted since make room."""
    _are_few(ids)
    for id in ids:
        await powers.may_be_given(tenant, await roles.find(tenant, id), actor.scopes)
    had = await users.find(tenant, name)
    gone = set(had.roles) - {role.id for role in await permissions.roles_of(tenant, had)}
    note = actor.note(tenant.audit, tenant.id, "roles_assigned", _what(had, ids))

    def more(user: User) -> User:
        both = tuple(id for id in dict.fromkeys((*user.roles, *ids)) if id not in gone)
        _are_few(both)
        return replace(user, roles=both)

    return await amend(tenant, lambda: users.changeable(tenant, had.id, actor), more, note)


async def unassign(tenant: Tenant, name: str, ids: Sequence[str], actor: Actor) -> User:
    """A user has fewer roles."""
    _are_few(ids)
    had = await users.find(tenant, name)
    note = actor.note(tenant.audit, tenant.id, "roles_unassigned", _what(had, ids))

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        user = await users.changeable(tenant, had.id, actor)
        new = replace(user, roles=tuple(id for id in user.roles if id not in ids))
        if new == user:
            return user, ()
        stays = await users.another_stays(tenant, actor, user, new)
        new = replace(new, updated_at=tenant.now())
        return kept(new), (Save(new), *stays, note)

    return await land(tenant, attempt)


async def permit(tenant: Tenant, name: str, asked: Sequence[PermissionFields], actor: Actor) -> User:
    """A user has more permissions, whatever the roles."""
    names, new = permissions.named(asked), await permissions.asked_for(tenant, asked)
    had = await users.find(tenant, name)
    note = actor.note(tenant.audit, tenant.id, "user_permitted", _what(had, names))

    def permitted(user: User) -> User:
        return replace(user, permissions=permissions.more(user.permissions, new))

    return await amend(tenant, lambda: users.changeable(tenant, had.id, actor), permitted, note)


async def forbid(tenant: Tenant, name: str, asked: Sequence[PermissionFields], actor: Actor) -> User:
    """A user has fewer permissions; those of the roles stay."""
    names, had = permissions.named(asked), await users.find(tenant, name)
    note = actor.note(tenant.audit, tenant.id, "user_forbidden", _what(had, names))

    def forbidden(user: User) -> User:
        return replace(user, permissions=permissions.fewer(user.permissions, asked))

    return await amend(tenant, lambda: users.changeable(tenant, had.id, actor), forbidden, note)


def _what(user: User, names: Sequence[str]) -> dict[str, object]:
    """Whose rights changed, and which."""
    return {"user_id": user.user_id, "names": list(names)}


def _are_few(ids: Sequence[str]) -> None:
    if len(ids) > MOST_ROLES:
        raise metadata.problem("roles", f"More than {MOST_ROLES}")
