"""Login tickets: a person showed a password to a page of a client, and is signed in by it in this browser."""

import secrets
from dataclasses import dataclass

from sekisho.model.artifact import LoginTicket, Owner, id_of
from sekisho.model.client import Client
from sekisho.model.step import Note, Put, Take
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.people.sessions import Begun
from sekisho.spec.browser import cookie
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PERSON_BLOCKED, TICKET_INVALID
from sekisho.spec.refusals.people import CROSS_ORIGIN_OFF
from sekisho.tenant import Tenant

COOKIE = "ticket"
# From the page of the client to us takes a moment.
LIFETIME = 60
LONGEST = 64
AMR = ("pwd",)


@dataclass(frozen=True, slots=True)
class Given:
    """The half of a ticket that the page is told, and the header by which the browser keeps the other."""

    id: str
    text: str
    header: tuple[str, str]


def may_sign_in(client: Client) -> None:
    """People may show their passwords to pages of this client, which is the tenant's own."""
    if not client.cross_origin_authentication:
        raise Refused(CROSS_ORIGIN_OFF, seen=contrast("cross_origin_authentication", "true", "false"))
    if not client.is_first_party:
        raise Refused(CROSS_ORIGIN_OFF, seen=contrast("is_first_party", "true", "false"))


async def give(user: User, client: Client, born: float, ask: Ask, tenant: Tenant) -> Given:
    """A ticket for this person, client and browser; it is born when the password began to be looked at."""
    now, page, browser = tenant.now(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    ticket = LoginTicket(
        id=id_of(now),
        owner=Owner(tenant=tenant.id, user=user.user_id, client=client.client_id),
        born=born,
        expires_at=now + LIFETIME,
        connection=user.connection,
        amr=AMR,
    )
    if await tenant.store.write(Put(ticket, _whole(page, browser))):
        raise Refused(PERSON_BLOCKED, debug="everything of the person ended meanwhile")
    kept = cookie.kept(ask, _cookie(ask, tenant), browser, seconds=LIFETIME, anywhere=True)
    return Given(ticket.id, page, kept)


async def redeem(text: str, realm: str, client: Client, ask: Ask, tenant: Tenant) -> Begun:
    """The ticket is used up for a session, in one unit, and what was in the browser before ends."""
    may_sign_in(client)
    handle = _whole(text, cookie.read(ask, _cookie(ask, tenant)))
    ticket = await tenant.store.get(LoginTicket, handle) if len(text) <= LONGEST else None
    theirs = (tenant.id, client.client_id)
    if not isinstance(ticket, LoginTicket) or (ticket.owner.tenant, ticket.owner.client) != theirs:
        raise Refused(TICKET_INVALID, debug="it is used up, over, or of another browser or client")
    if realm not in ("", ticket.connection):
        raise Refused(TICKET_INVALID, seen=contrast("realm", ticket.connection, realm))
    user = await tenant.store.named(User, tenant.id, ticket.owner.user or "")
    if user is None or user.blocked:
        raise Refused(PERSON_BLOCKED, debug="the user is gone or blocked")
    begun = sessions.begin(user, ticket.amr, ask, tenant, born=ticket.born)
    facts = {"client": client.client_id, "address": ask.address, "correlation": ask.correlation}
    note = Note(tenant.audit.event(tenant.id, "user_signed_in", user=user.user_id, **facts))
    if lost := await tenant.store.write(Take(LoginTicket, handle), *begun.steps, note):
        raise Refused(TICKET_INVALID, debug=f"it was used at the same moment: {lost.why}")
    await sessions.leave_behind(ask, tenant)
    return begun


def forgotten(ask: Ask, tenant: Tenant) -> tuple[str, str]:
    """The header that takes the browser's half away."""
    return cookie.gone(ask, _cookie(ask, tenant), anywhere=True)


def _whole(page: str, browser: str) -> str:
    return f"{page}.{browser}"


def _cookie(ask: Ask, tenant: Tenant) -> str:
    return cookie.name_of(COOKIE, tenant.record.slug, ask)
