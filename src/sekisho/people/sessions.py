"""Sessions: who is signed in, in which browser (OpenID Connect Core 1.0 section 2, auth_time)."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Owner, Session
from sekisho.model.step import Put, Step, Swap
from sekisho.model.user import User
from sekisho.spec.browser import cookie
from sekisho.spec.conditional.facts import MFA, MFA_ACR
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PERSON_BLOCKED
from sekisho.tenant import Tenant

LONGEST_AGENT = 256
SEEN_EVERY = 300.0  # seconds between two notes that a session was seen
MOST_CLIENTS = 50
MOST = 200  # sessions that one person is shown


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session, the step that keeps it, and the header that puts it into the browser.

    `first` is what has to land in the same unit: the person, where they are new.
    """

    session: Session
    put: Put
    header: tuple[str, str]
    first: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Everything that has to land."""
        return (*self.first, self.put)


def begin(user: User, amr: tuple[str, ...], ask: Ask, tenant: Tenant, born: float | None = None) -> Begun:
    """Always a new one with a new handle: what was in the browser before may be somebody else's.

    It is born when its proof was begun: what ends everything of this person since then ends it, too.
    """
    now, policy = tenant.now(), tenant.policy
    id, handle = str(uuid.uuid4()), secrets.token_urlsafe(32)
    session = Session(
        id=id,
        owner=Owner(tenant=tenant.id, session=id, user=user.user_id),
        born=now if born is None else born,
        expires_at=now + min(policy.session_lifetime, policy.session_idle_lifetime),
        auth_time=now,
        amr=amr,
        acr=acr_of(amr),
        seen_at=now,
        address=ask.address,
        agent=ask.headers.get("user-agent", "")[:LONGEST_AGENT],
    )
    name = cookie.name_of(cookie.SSO, tenant.record.slug, ask)
    header = cookie.kept(ask, name, handle, seconds=policy.session_lifetime, anywhere=True)
    return Begun(session, Put(session, handle), header)


def stepped(user: User, before: Session, amr: tuple[str, ...], ask: Ask, tenant: Tenant) -> Begun:
    """The session of somebody who showed more: another one with another handle, in the place of this one.

    Whoever had a copy of the handle from before has nothing of it. When the person signed in stays true,
    and so does when the session ends at the latest.
    """
    more = tuple(dict.fromkeys((*before.amr, *amr)))
    begun = begin(user, more, ask, tenant, born=before.born)
    ends = min(before.born + tenant.policy.session_lifetime, begun.session.expires_at)
    session = replace(begun.session, auth_time=before.auth_time, clients=before.clients, expires_at=ends)
    return Begun(session, Put(session, begun.put.handle), begun.header)


def acr_of(amr: Collection[str]) -> str:
    """The class of an authentication: that of more than one factor, or none that has a name."""
    return MFA_ACR if MFA in amr else ""


async def current(ask: Ask, tenant: Tenant) -> Session | None:
    """The session of this browser, if it lives and is this tenant's."""
    handle = cookie.read(ask, cookie.name_of(cookie.SSO, tenant.record.slug, ask))
    session = await tenant.store.get(Session, handle) if handle else None
    return session if isinstance(session, Session) and session.owner.tenant == tenant.id else None


def seen(session: Session, client: str, tenant: Tenant) -> tuple[Swap, ...]:
    """What keeps a session from ending while it is used, and remembers for whom; not at every request."""
    now, policy = tenant.now(), tenant.policy
    is_known = client in session.clients or len(session.clients) >= MOST_CLIENTS
    if is_known and now - session.seen_at < SEEN_EVERY:
        return ()
    ends = session.born + policy.session_lifetime
    clients = session.clients if is_known else {**session.clients, client: now}
    fresh = replace(
        session,
        seen_at=now,
        clients=clients,
        expires_at=min(ends, now + policy.session_idle_lifetime),
    )
    return (Swap(fresh),)


async def end(session: Session, tenant: Tenant) -> None:
    """It is over, everywhere at once, and so are its codes; tokens that were given end by themselves."""
    await tenant.store.revoke(Owner(tenant=tenant.id, session=session.id), tenant.now())


async def leave_behind(ask: Ask, tenant: Tenant) -> None:
    """What the browser had before another session began ends: a copy of its handle is good for nothing."""
    before = await current(ask, tenant)
    if before:
        await end(before, tenant)


async def person(session: Session, tenant: Tenant) -> User:
    """Who is signed in, still there and not blocked."""
    user = await tenant.store.named(User, tenant.id, session.owner.user or "")
    if user is None or user.blocked:
        seen = contrast("blocked", "false", "true") if user else None
        raise Refused(PERSON_BLOCKED, debug="the user is gone or blocked", seen=seen)
    return user


async def of_user(user: User, tenant: Tenant) -> list[Session]:
    """Where somebody is signed in, the latest first."""
    found = await tenant.store.find(Session, Owner(tenant=tenant.id, user=user.user_id), None, MOST)
    return sorted(found, key=lambda each: -each.seen_at)


def forgotten(ask: Ask, tenant: Tenant) -> tuple[str, str]:
    """The header that takes it out of the browser."""
    return cookie.gone(ask, cookie.name_of(cookie.SSO, tenant.record.slug, ask), anywhere=True)
