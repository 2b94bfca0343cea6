"""Where people are signed in, and what lasts beyond that: looked up and ended by administrators."""

from collections.abc import AsyncIterator
from typing import TypeVar

from sekisho.change.actor import Actor
from sekisho.model.artifact import Artifact, Owner, Refresh, Session
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import REFRESH_TOKEN_ABSENT, SESSION_ABSENT
from sekisho.tenant import Tenant

A = TypeVar("A", bound=Artifact)

LONGEST = 64
BATCH = 100


async def session(tenant: Tenant, id: str) -> Session:
    """The session of this id, which is the `sid` of its ID tokens."""
    whose = Owner(tenant=tenant.id, session=id)
    found = await tenant.store.find(Session, whose, None, 1) if 0 < len(id) <= LONGEST else []
    if not found:
        raise Refused(SESSION_ABSENT)
    return found[0]


async def family(tenant: Tenant, id: str) -> Refresh:
    """The family of refresh tokens of this id, which is no token."""
    found = await tenant.store.get(Refresh, id) if len(id) <= LONGEST else None
    if not isinstance(found, Refresh) or found.owner.tenant != tenant.id:
        raise Refused(REFRESH_TOKEN_ABSENT)
    return found


async def of_user(tenant: Tenant, kind: type[A], user: User, after: str | None, limit: int) -> list[A]:
    """Sessions or families of a person, by id."""
    return await tenant.store.find(kind, Owner(tenant=tenant.id, user=user.user_id), after, limit)


async def end_session(tenant: Tenant, id: str, actor: Actor) -> None:
    """Signed out there; what clients were given lasts as long as it does."""
    await _end_session(tenant, await session(tenant, id), actor)


async def revoke_session(tenant: Tenant, id: str, actor: Actor) -> None:
    """Signed out there, and nothing that came of it can be refreshed any more."""
    found = await session(tenant, id)
    # First: a code of the session that is not redeemed yet begins no family from here on.
    await _end_session(tenant, found, actor)
    async for each in _every(tenant, Refresh, found.owner.user or ""):
        if each.session == id:
            await _end_family(tenant, each, actor)


async def end_sessions(tenant: Tenant, user: User, actor: Actor) -> None:
    """Signed out everywhere."""
    async for each in _every(tenant, Session, user.user_id):
        await _end_session(tenant, each, actor)


async def end_family(tenant: Tenant, id: str, actor: Actor) -> None:
    """The refresh token is good for nothing any more, and what it gave ends with it."""
    await _end_family(tenant, await family(tenant, id), actor)


async def end_families(tenant: Tenant, user: User, actor: Actor) -> None:
    """No client can refresh anything in the name of this person."""
    async for each in _every(tenant, Refresh, user.user_id):
        await _end_family(tenant, each, actor)


async def _every(tenant: Tenant, kind: type[A], user: str) -> AsyncIterator[A]:
    after = None
    while batch := await tenant.store.find(kind, Owner(tenant=tenant.id, user=user), after, BATCH):
        after = batch[-1].id
        for each in batch:
            yield each


async def _end_session(tenant: Tenant, ended: Session, actor: Actor) -> None:
    await sessions.end(ended, tenant)
    detail = {"user_id": ended.owner.user or "", "session": ended.id}
    await tenant.store.write(actor.note(tenant.audit, tenant.id, "session_ended", detail))


async def _end_family(tenant: Tenant, ended: Refresh, actor: Actor) -> None:
    await tenant.store.revoke(Owner(tenant=tenant.id, grant=ended.id), tenant.now())
    detail = {"user_id": ended.user, "client_id": ended.client_id, "grant": ended.id}
    await tenant.store.write(actor.note(tenant.audit, tenant.id, "token_revoked", detail))
