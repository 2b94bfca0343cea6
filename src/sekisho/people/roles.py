"""Roles: created, changed, deleted; what they carry."""

import re
import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, amend, kept, land, meant
from sekisho.model.role import Role
from sekisho.model.step import Erase, Save, Step
from sekisho.people import permissions
from sekisho.people.permissions import PermissionFields
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ROLE_ABSENT, SYSTEM_ROLE
from sekisho.tenant import Tenant

ALPHABET = string.ascii_letters + string.digits
_ID = re.compile(r"rol_[A-Za-z0-9]{16}")


class RoleFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a role, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    name: Annotated[str, Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    description: Perhaps[Annotated[str, Meta(max_length=255)]] = UNSET


async def find(tenant: Tenant, id: str) -> Role:
    """The role with this id."""
    role = await tenant.store.record(Role, tenant.id, id) if _ID.fullmatch(id) else None
    if role is None:
        raise Refused(ROLE_ABSENT)
    return role


def is_ordinary(role: Role) -> Role:
    """The role, unless it makes administrators: their ranks decide on that, and nothing else does."""
    if permissions.of_administrators(role.permissions):
        raise Refused(SYSTEM_ROLE)
    return role


def fresh_id() -> str:
    """An id that no role ever had."""
    return "rol_" + "".join(secrets.choice(ALPHABET) for _ in range(16))


async def create(tenant: Tenant, asked: RoleFields, actor: Actor) -> Role:
    """A new role, without permissions."""
    now, id = tenant.now(), fresh_id()
    blank = Role(tenant=tenant.id, id=id, name="", created_at=now, updated_at=now)
    role = _changed(blank, asked)
    note = actor.note(tenant.audit, tenant.id, "role_created", {"role": id, "name": role.name})

    async def attempt() -> tuple[Role, tuple[Step, ...]]:
        return kept(role), (Save(role), note)

    return await land(tenant, attempt)


async def change(tenant: Tenant, id: str, asked: RoleFields, actor: Actor, at: At = None) -> Role:
    """A role, called something else."""
    note = actor.note(tenant.audit, tenant.id, "role_changed", {"role": id, "fields": written(asked)})

    def changed(role: Role) -> Role:
        return _changed(is_ordinary(role), asked)

    return await amend(tenant, lambda: find(tenant, id), changed, note, at)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """The role is gone at once for everybody who had it: no other one ever has its id."""
    note = actor.note(tenant.audit, tenant.id, "role_deleted", {"role": id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, (Erase(is_ordinary(meant(await find(tenant, id), at))), note)

    await land(tenant, attempt)


async def permit(tenant: Tenant, id: str, asked: Sequence[PermissionFields], actor: Actor) -> Role:
    """A role carries more."""
    new = await permissions.asked_for(tenant, asked)
    detail = {"role": id, "permissions": permissions.named(asked)}
    note = actor.note(tenant.audit, tenant.id, "role_permitted", detail)

    def permitted(role: Role) -> Role:
        return replace(role, permissions=permissions.more(role.permissions, new))

    return await amend(tenant, lambda: find(tenant, id), permitted, note)


async def forbid(tenant: Tenant, id: str, asked: Sequence[PermissionFields], actor: Actor) -> Role:
    """A role carries less."""
    detail = {"role": id, "permissions": permissions.named(asked)}
    note = actor.note(tenant.audit, tenant.id, "role_forbidden", detail)

    def forbidden(role: Role) -> Role:
        return replace(role, permissions=permissions.fewer(is_ordinary(role).permissions, asked))

    return await amend(tenant, lambda: find(tenant, id), forbidden, note)


def _changed(role: Role, asked: RoleFields) -> Role:
    changed = applied(role, given(asked))
    metadata.name_is_plain(changed.name)
    return changed
