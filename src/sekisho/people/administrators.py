"""Administrators: who may do what at the management API and in the dashboard, by three ranks."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.connection import DATABASE
from sekisho.model.role import Permission, Role
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import assignments, permissions, roles, users
from sekisho.people.user_fields import UserFields, email_is_sound
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.spec.refusals.people import RANK_TOO_LOW, USER_ABSENT
from sekisho.tenant import Tenant

OWNER, EDITOR, VIEWER = "Owner", "Editor", "Viewer"
# From the one who may do most; a rank is the role of this name.
RANKS: Mapping[str, str] = {
    OWNER: "Administers this tenant",
    EDITOR: "Changes everything but the settings of the tenant, its keys, its roles and its members",
    VIEWER: "Sees everything and changes nothing",
}
# How its role is called, where there is a role of the rank's own name that has nothing to do with it.
_OTHERWISE = "Sekisho {rank}"
# What is not an editor's: it would make owners of them.
_OWNERS_ONLY = ("tenant_settings", "signing_keys", "roles", "role_members", "certificates")


def may(rank: str, scope: str) -> bool:
    """Whether a rank has this scope of the management API."""
    act, _, what = scope.partition(":")
    return rank == OWNER or act == "read" or (rank == EDITOR and what not in _OWNERS_ONLY)


def rank_of(scopes: Collection[str]) -> str:
    """The rank that these scopes come to; empty where somebody is no administrator."""
    if "update:tenant_settings" in scopes:
        return OWNER
    if any(not scope.startswith("read:") for scope in scopes):
        return EDITOR
    return VIEWER if scopes else ""


async def scopes_of(tenant: Tenant, user: User) -> frozenset[str]:
    """What somebody may do as an administrator, now."""
    api = await tenant.known.named(Api, tenant.id, MANAGEMENT)
    return frozenset(await permissions.of_user(tenant, user, api)) if api else frozenset()


async def may_be_changed(tenant: Tenant, user: User, scopes: Collection[str]) -> None:
    """Nobody changes a person who may do more than they: a new password would make them that person."""
    if not await scopes_of(tenant, user) <= set(scopes):
        raise Refused(RANK_TOO_LOW)


async def may_be_given(tenant: Tenant, role: Role, scopes: Collection[str]) -> None:
    """Nobody gives a role by which somebody may do more than they."""
    api, held = await _api(tenant), permissions.of_administrators(role.permissions)
    if not {scope.value for scope in api.scopes if scope.id in held} <= set(scopes):
        raise Refused(RANK_TOO_LOW)


async def appoint(tenant: Tenant, email: str, actor: Actor, rank: str = OWNER) -> User:
    """The user of this address, made where there is none, may do all that goes with the rank."""
    user = await invited(tenant, email, actor)
    role = await role_of(tenant, rank, actor)
    return await assignments.assign(tenant, user.id, [role.id], actor)


async def invited(tenant: Tenant, email: str, actor: Actor) -> User:
    """The user of this address, made without a password where there is none."""
    email_is_sound(email)
    try:
        return await users.find(tenant, email)
    except Refused as refused:
        if refused.reason is not USER_ABSENT:
            raise
    return await users.create(tenant, UserFields(connection=DATABASE, email=email), actor)


async def roles_of_ranks(tenant: Tenant) -> Mapping[str, Role]:
    """The role of each rank that somebody has or had; one that carries nothing of ours is none."""
    found = {rank: await _role_of(tenant, rank) for rank in RANKS}
    return {rank: role for rank, role in found.items() if role}


async def role_of(tenant: Tenant, rank: str, actor: Actor) -> Role:
    """The role of a rank, with all of it that this version of the server knows."""
    api, now = await _api(tenant), tenant.now()
    carried = [
        Permission(api=MANAGEMENT, scope=scope.value, id=scope.id)
        for scope in api.scopes
        if may(rank, scope.value)
    ]

    async def attempt() -> tuple[Role, tuple[Step, ...]]:
        there = await _role_of(tenant, rank)
        role = there or await _blank(tenant, rank)
        new = replace(role, permissions=permissions.more(role.permissions, carried))
        if new == there:
            return there, ()
        slug = "role_permitted" if there else "role_created"
        note = actor.note(tenant.audit, tenant.id, slug, {"role": new.id, "name": new.name})
        new = replace(new, updated_at=now)
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def _role_of(tenant: Tenant, rank: str) -> Role | None:
    """By its name, and by what it carries: people of some application may be Owners or Editors, too."""
    for name in (rank, _OTHERWISE.format(rank=rank)):
        role = await tenant.store.named(Role, tenant.id, name)
        if role and role.name == name and permissions.of_administrators(role.permissions):
            return role
    return None


async def _blank(tenant: Tenant, rank: str) -> Role:
    """In one unit with what it carries: nobody ever meets it without."""
    is_taken, now = await tenant.store.named(Role, tenant.id, rank), tenant.now()
    name = _OTHERWISE.format(rank=rank) if is_taken else rank
    about = RANKS[rank]
    return Role(tenant=tenant.id, id=roles.fresh_id(), name=name, description=about, created_at=now)


async def _api(tenant: Tenant) -> Api:
    api = await tenant.known.named(Api, tenant.id, MANAGEMENT)
    if api is None:
        raise Refused(API_ABSENT)
    return api
