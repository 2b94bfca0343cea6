"""Members: who administers this tenant, in which rank. Invited, ranked anew, removed."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.api import MANAGEMENT
from sekisho.model.artifact import Invitation, Owner
from sekisho.model.client import DASHBOARD
from sekisho.model.role import Role
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import administrators, invitations, powers, users
from sekisho.people.powers import RANKS
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant

MOST = 100  # of those who are invited
NOTHING = ""  # the rank of those who are removed


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who administers the tenant."""

    user: User
    rank: str


async def every(tenant: Tenant) -> list[Member]:
    """From the highest rank to the lowest; who has several is of the highest."""
    found: dict[str, Member] = {}
    for rank, role in (await powers.roles_of_ranks(tenant)).items():
        for user in await powers.of_role(tenant, role):
            found.setdefault(user.id, Member(user, rank))
    return list(found.values())


async def find(tenant: Tenant, name: str) -> Member:
    """The member of this GUID or user_id."""
    user = await users.find(tenant, name) if users.is_id(name) else None
    rank = _rank_of(user, await powers.roles_of_ranks(tenant)) if user else NOTHING
    if user is None or not rank:
        raise Refused(USER_ABSENT)
    return Member(user, rank)


async def invite(tenant: Tenant, email: str, rank: str, actor: Actor) -> tuple[User, str]:
    """Whoever opens the link chooses a password, and is of this rank from then on.

    Not before: whoever made the account of this address, or knows its password, is not meant by that.
    """
    metadata.choice_is_known("rank", (rank,), RANKS)
    user = await administrators.invited(tenant, email, actor)
    if await powers.scopes_of(tenant, user):
        raise Refused(ALREADY_EXISTS, words={"what": "The member"})
    return user, await let_in(tenant, user, rank, actor)


async def let_in(tenant: Tenant, user: User, rank: str, actor: Actor) -> str:
    """A link for somebody who may be of this rank already: it sets another password, too."""
    role = await administrators.role_of(tenant, rank, actor)
    await powers.may_be_given(tenant, role, actor.scopes)
    return await invitations.invite(tenant, user.id, actor, (role.id,))


async def invited(tenant: Tenant) -> list[Invitation]:
    """Who did not open the link yet."""
    found = await tenant.store.find(Invitation, Owner(tenant=tenant.id, client=DASHBOARD), None, MOST)
    return sorted(found, key=lambda each: -each.born)


async def withdraw(tenant: Tenant, name: str, actor: Actor) -> None:
    """Somebody's invitations to the dashboard end."""
    user = await users.find(tenant, name)
    owner = Owner(tenant=tenant.id, user=user.user_id, client=DASHBOARD)
    note = actor.note(tenant.audit, tenant.id, "invitation_withdrawn", {"user_id": user.user_id})
    await tenant.store.revoke(owner, tenant.now())
    await tenant.store.write(note)


async def change(tenant: Tenant, name: str, rank: str, actor: Actor) -> User:
    """Another rank, or none. Who rises is signed out: what others began in their name ends before."""
    metadata.choice_is_known("rank", (rank,), (*RANKS, NOTHING))
    member = await find(tenant, name)
    role = await administrators.role_of(tenant, rank, actor) if rank else None
    user_id = member.user.user_id
    detail = {"user_id": user_id, "from": member.rank, "rank": rank}
    note = actor.note(tenant.audit, tenant.id, "member_changed", detail)

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        user, known = await _read(tenant, member, role, actor), await powers.roles_of_ranks(tenant)
        new = _ranked(user, role, known)
        if new == user:
            return user, ()
        stays = await powers.another_stays(tenant, user, new)
        if _rises(_rank_of(user, known), rank):
            # After the user was read: a link that is given from here on writes the user, and is in the way.
            await users.end(tenant, user_id)
        new = replace(new, updated_at=tenant.now())
        return kept(new), (Save(new), *stays, note)

    return await land(tenant, attempt)


async def _read(tenant: Tenant, member: Member, role: Role | None, actor: Actor) -> User:
    """As they are now, for somebody who may change them, and give this."""
    if role:
        await powers.may_be_given(tenant, role, actor.scopes)
    return await users.changeable(tenant, member.user.id, actor)


def _ranked(user: User, role: Role | None, known: Mapping[str, Role]) -> User:
    """The user with this rank alone; what else they may do is no matter of ranks."""
    ranks = {each.id for each in known.values()}
    others = tuple(id for id in user.roles if id not in ranks)
    permissions = tuple(each for each in user.permissions if each.api != MANAGEMENT)
    return replace(user, roles=(*others, role.id) if role else others, permissions=permissions)


def _rank_of(user: User, known: Mapping[str, Role]) -> str:
    return next((rank for rank, role in known.items() if role.id in user.roles), NOTHING)


def _rises(old: str, new: str) -> bool:
    order = [*RANKS, NOTHING]
    return order.index(new) < order.index(old)
