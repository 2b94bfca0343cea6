"""Administrators: appointed, and the roles of their ranks."""

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.api import MANAGEMENT
from sekisho.model.connection import DATABASE
from sekisho.model.role import Permission, Role
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import assignments, permissions, powers, roles, users
from sekisho.people.powers import OTHERWISE, OWNER, RANKS
from sekisho.people.user_fields import UserFields, email_is_sound
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant


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


async def role_of(tenant: Tenant, rank: str, actor: Actor) -> Role:
    """The role of a rank, with all of it that this version of the server knows."""
    api, now = await powers.management(tenant), tenant.now()
    carried = [
        Permission(api=MANAGEMENT, scope=scope.value, id=scope.id)
        for scope in api.scopes
        if powers.may(rank, scope.value)
    ]

    async def attempt() -> tuple[Role, tuple[Step, ...]]:
        there = await powers.role_named(tenant, rank)
        role = there or await _blank(tenant, rank)
        new = replace(role, permissions=permissions.more(role.permissions, carried))
        if new == there:
            return there, ()
        slug = "role_permitted" if there else "role_created"
        note = actor.note(tenant.audit, tenant.id, slug, {"role": new.id, "name": new.name})
        new = replace(new, updated_at=now)
        return kept(new), (Save(new), note)

    try:
        return await land(tenant, attempt)
    except Refused as refused:
        if refused.reason is not ALREADY_EXISTS:
            raise
    # Somebody else made it at the same moment.
    return await land(tenant, attempt)


async def _blank(tenant: Tenant, rank: str) -> Role:
    """In one unit with what it carries: nobody ever meets it without."""
    is_taken, now = await tenant.store.named(Role, tenant.id, rank), tenant.now()
    name = OTHERWISE.format(rank=rank) if is_taken else rank
    about = RANKS[rank]
    return Role(tenant=tenant.id, id=roles.fresh_id(), name=name, description=about, created_at=now)
