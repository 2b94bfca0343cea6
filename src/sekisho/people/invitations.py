"""Invitations: a link that lets its holder set the password of a user, once."""

import secrets

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.artifact import Invitation, Owner, Spent
from sekisho.model.client import DASHBOARD
from sekisho.model.step import Put, Save, Step, Take
from sekisho.model.user import User
from sekisho.people import passwords, users
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import INVITATION_INVALID, INVITATION_SPENT
from sekisho.tenant import Tenant

LIFETIME = 86_400
LONGEST = 64
BYTES = 32


async def invite(tenant: Tenant, name: str, actor: Actor, roles: tuple[str, ...] = ()) -> str:
    """The secret half of a link, shown once: whoever has it sets the password of this user.

    The roles come with that password: one that somebody knew before, or an account that somebody made
    in the name of another, is of no use. Such invitations are found as those to the dashboard, and end when
    the user has another address: whoever has that could ask for one more password.
    """
    user, now, handle = await users.find(tenant, name), tenant.now(), secrets.token_urlsafe(BYTES)
    invitation = Invitation(
        id=secrets.token_hex(12),
        owner=Owner(tenant=tenant.id, user=user.user_id, client=DASHBOARD if roles else None),
        born=now,
        expires_at=now + LIFETIME,
        user=user.id,
        email=user.email if roles else "",
        roles=roles,
    )
    note = actor.note(tenant.audit, tenant.id, "user_invited", _what(invitation))

    async def attempt() -> tuple[str, tuple[Step, ...]]:
        # The user is written: whoever rose meanwhile, and whose links ended with that, gets no new one.
        there = await users.changeable(tenant, user.id, actor)
        return handle, (Put(invitation, handle), Save(there), note)

    return await land(tenant, attempt)


async def find(tenant: Tenant, handle: str) -> Invitation:
    """What a link stands for, as long as it does."""
    found = await tenant.store.get(Invitation, handle) if len(handle) <= LONGEST else None
    if found is None or found.owner.tenant != tenant.id:
        raise Refused(INVITATION_INVALID)
    if isinstance(found, Spent):
        raise Refused(INVITATION_SPENT, debug=found.id)
    return found


async def accept(tenant: Tenant, handle: str, text: str, actor: Actor) -> User:
    """The link is used up for a password; it, other links and everything else from before end."""
    invitation = await find(tenant, handle)
    hashed = await passwords.hashed(tenant, text, await users.find(tenant, invitation.user))
    note = actor.note(tenant.audit, tenant.id, "invitation_accepted", _what(invitation))

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        await find(tenant, handle)
        there = await users.find(tenant, invitation.user)
        if invitation.roles and there.email != invitation.email:
            raise Refused(INVITATION_INVALID, debug="the user has another address by now")
        roles = tuple(dict.fromkeys((*there.roles, *invitation.roles)))
        user = replace(there, roles=roles, updated_at=tenant.now())
        password = await passwords.saved(tenant, user, hashed)
        return kept(user), (Take(Invitation, handle), Save(user), password, note)

    user = await land(tenant, attempt)
    await users.end(tenant, user.user_id)
    return user


def _what(invitation: Invitation) -> dict[str, object]:
    """Which one, and what comes with it."""
    told: dict[str, object] = {"user_id": invitation.owner.user, "invitation": invitation.id}
    return {**told, "names": list(invitation.roles)} if invitation.roles else told
