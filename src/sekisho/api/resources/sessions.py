"""/api/v2/sessions: where users are signed in."""

from collections.abc import Sequence

from msgspec import UNSET, Struct

from sekisho.api import paging, query, view, whom
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe, unless_empty
from sekisho.model.artifact import Session
from sekisho.model.bearer import Bearer
from sekisho.people import signed_in
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant


class DeviceSeen(Struct, kw_only=True):
    """Where a session began."""

    initial_ip: Maybe[str] = UNSET
    initial_user_agent: Maybe[str] = UNSET


class ClientOfSession(Struct, kw_only=True):
    """A client that was given something in a session."""

    client_id: str


class MethodSeen(Struct, kw_only=True):
    """How somebody proved who they are, and when."""

    name: str
    timestamp: str


class AuthenticationSeen(Struct, kw_only=True):
    """How a session began."""

    methods: Sequence[MethodSeen]


class SessionSeen(Struct, kw_only=True):
    """Somebody who is signed in, in one browser."""

    id: str
    user_id: str
    created_at: str
    updated_at: str
    authenticated_at: str
    last_interacted_at: str
    idle_expires_at: str
    expires_at: str
    device: DeviceSeen
    clients: Sequence[ClientOfSession]
    authentication: AuthenticationSeen


class SessionsSeen(Struct, kw_only=True):
    """A step of a list of sessions."""

    sessions: Sequence[SessionSeen]
    next: Maybe[str] = UNSET


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /sessions/{id}."""
    return view.shown(view.members(_seen(await signed_in.session(tenant, ask.names["id"]), tenant)))


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /sessions/{id}: signed out there."""
    await signed_in.end_session(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing(202)


async def revoke(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /sessions/{id}/revoke: signed out there, and its refresh tokens end."""
    await signed_in.revoke_session(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing(202)


async def of_user(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/sessions."""
    query.flag(ask, "include_totals", default=False)
    limit, user = paging.step(ask), await whom.user(ask, tenant)
    found = await signed_in.of_user(tenant, Session, user, one(ask.query, "from"), limit + 1)
    seen = SessionsSeen(sessions=[_seen(each, tenant) for each in found[:limit]])
    if len(found) > limit:
        seen.next = found[limit - 1].id
    return view.shown(view.members(seen))


async def delete_of_user(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/sessions: signed out everywhere."""
    await signed_in.end_sessions(tenant, await whom.user(ask, tenant), actor(bearer, ask))
    return view.nothing(202)


def _seen(session: Session, tenant: Tenant) -> SessionSeen:
    began = view.moment(session.auth_time)
    return SessionSeen(
        id=session.id,
        user_id=session.owner.user or "",
        created_at=view.moment(session.born),
        updated_at=view.moment(session.seen_at),
        authenticated_at=began,
        last_interacted_at=view.moment(session.seen_at),
        idle_expires_at=view.moment(session.expires_at),
        expires_at=view.moment(session.born + tenant.policy.session_lifetime),
        device=DeviceSeen(
            initial_ip=unless_empty(session.address), initial_user_agent=unless_empty(session.agent)
        ),
        clients=[ClientOfSession(client_id=each) for each in session.clients],
        authentication=AuthenticationSeen(
            methods=[MethodSeen(name=each, timestamp=began) for each in session.amr]
        ),
    )
