"""What the client is answered: a code, or why not (RFC 6749 section 4.1.2, RFC 9207)."""

import secrets
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Code, Owner, Session, id_of
from sekisho.model.step import Note, Put, Step
from sekisho.oauth.asked import Asked
from sekisho.oauth.needs import Wish
from sekisho.oauth.response_modes import RESPONSE_MODES
from sekisho.oauth.says import described
from sekisho.people import sessions
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.http import Answer, Ask, Pairs, every
from sekisho.spec.refusal import INTERNAL, Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, PUSHED_UNKNOWN
from sekisho.tenant import Tenant

# What a second window is told: the client gets its one answer from the first.
SHOWN = frozenset((FLOW_LOST, PUSHED_UNKNOWN))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a code is for: the request, what it comes down to, whose session, and what it uses up.

    `at` is when all this began to be read: what is revoked from then on, the code does not outlive.
    """

    request: AuthorizationRequest
    wish: Wish
    session: Session
    uses: tuple[Step, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an answer goes, in which way, and what the client recognises it by."""

    redirect_uri: str
    mode: str
    state: str | None


async def code(settled: Settled, ask: Ask, tenant: Tenant) -> Answer:
    """A code for what was asked and agreed to; the unit uses up what it descends from."""
    request, session = settled.request, settled.session
    text = secrets.token_urlsafe(32)
    made = await _made(settled, ask, tenant)
    event = tenant.audit.event(
        *(tenant.id, "code_issued"),
        client=request.client_id,
        user=made.user,
        address=ask.address,
        correlation=ask.correlation,
    )
    lost = await tenant.store.write(*settled.uses, Put(made, text), Note(event))
    if lost:
        raise Refused(FLOW_LOST, debug=f"it was answered before, or the session ended: {lost.why}")
    seen = sessions.seen(session, request.client_id, tenant)
    if seen:
        await tenant.store.write(*seen)
    to = Recipient(request.redirect_uri, request.response_mode, request.state)
    return _sent((("code", text),), to, ask, tenant)


async def _made(settled: Settled, ask: Ask, tenant: Tenant) -> Code:
    request, session, wish = settled.request, settled.session, settled.wish
    id = id_of(settled.at)
    whose = Owner(
        tenant=tenant.id, grant=id, session=session.id, user=session.owner.user, client=request.client_id
    )
    return Code(
        id=id,
        owner=whose,
        born=settled.at,
        expires_at=settled.at + tenant.policy.code_lifetime,
        request=request,
        issuer=tenant.issuer(ask),
        user=(await sessions.person(session, tenant)).user_id,
        scopes=wish.scopes,
        audience=wish.api.identifier,
        session=session.id,
        auth_time=session.auth_time,
        amr=session.amr,
        acr=session.acr,
    )


def refusal(refused: Refused, told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    """The error goes to the client, in the way that it asked for if that can be understood."""
    if refused.reason.status >= INTERNAL.status or refused.reason in SHOWN:
        raise refused
    facts = {"client": told.client.client_id, "address": ask.address, "correlation": ask.correlation}
    tenant.audit.refused(tenant.id, refused, **facts)
    params = (("error", refused.reason.error), ("error_description", described(refused)))
    mode, state = _first(told.pairs, "response_mode") or "query", _first(told.pairs, "state")
    return _sent(params, Recipient(told.redirect_uri, mode, state), ask, tenant)


def _sent(params: Pairs, to: Recipient, ask: Ask, tenant: Tenant) -> Answer:
    told = (("state", to.state),) if to.state is not None else ()
    deliver = RESPONSE_MODES.get(to.mode, RESPONSE_MODES["query"])
    status = 303 if ask.method == "POST" else 302
    return deliver((*params, *told, ("iss", tenant.issuer(ask))), to.redirect_uri, status)


def _first(pairs: Pairs, name: str) -> str | None:
    """What was sent once; what was sent twice is not repeated to anybody."""
    values = every(pairs, name)
    return values[0] if len(values) == 1 else None


def with_headers(answer: Answer, *headers: tuple[str, str]) -> Answer:
    """The answer, with these too."""
    return replace(answer, headers=(*answer.headers, *headers))
