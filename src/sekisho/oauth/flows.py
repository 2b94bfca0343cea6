"""A flow between its pages: begun, found again, moved on (RFC 6749 section 4.1)."""

import secrets
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from msgspec.structs import replace

from sekisho.change.unit import taken
from sekisho.model.artifact import Flow, Owner
from sekisho.model.step import Put, Save, Swap, Take
from sekisho.model.step import Step as Write
from sekisho.oauth import answers
from sekisho.oauth.asked import Asked, asked_before
from sekisho.oauth.steps import CONSENT, LOGIN, PROVE, Agree, Login, Prove
from sekisho.people import sessions
from sekisho.people.second_factor.proving import Proof, used_before
from sekisho.people.sessions import Begun
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.browser import cookie
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, PERSON_DECLINED, PUSHED_UNKNOWN
from sekisho.tenant import Tenant

MOST = 10  # flows of one browser
LONGEST_ID = 64
TRIES = 5
RESUME = "/authorize/resume"
SIGN_UP = "signup"  # of screen_hint, as Auth0 has it


@dataclass(frozen=True, slots=True)
class Way:
    """A flow, and the half of its name that only its browser knows."""

    flow: Flow
    handle: str


async def begin(
    request: AuthorizationRequest, where: Login | Prove | Agree, told: Asked, ask: Ask, tenant: Tenant
) -> Answer:
    """A flow of its own for this request, which has what was pushed, and off to its first page."""
    now, id, handle = tenant.now(), str(uuid.uuid4()), secrets.token_urlsafe(32)
    flow = Flow(
        id=id,
        owner=Owner(tenant=tenant.id, client=request.client_id),
        born=now,
        expires_at=now + tenant.policy.flow_lifetime,
        request=request,
    )
    lost = await tenant.store.write(*told.opened(flow), Put(flow, handle))
    if lost:
        raise Refused(PUSHED_UNKNOWN, debug=f"the request was opened by another flow: {lost.why}")
    kept = cookie.kept(ask, _cookie(id, ask, tenant), handle, seconds=tenant.policy.flow_lifetime)
    answer = page(where, flow, ask, tenant)
    return replace(answer, headers=(*answer.headers, kept, *_room(ask, tenant)))


def page(where: Login | Prove | Agree, flow: Flow, ask: Ask, tenant: Tenant) -> Answer:
    """The page of a step; who was sent to sign up comes there first, where that is allowed."""
    path = "/consent"
    if isinstance(where, Login):
        is_new = flow.request.screen_hint == SIGN_UP and tenant.policy.sign_up_allowed
        path = "/signup" if is_new else "/login"
    elif isinstance(where, Prove):
        path = "/mfa"
    return _redirect(f"{ask.root}{path}?{_query(flow)}")


async def found(ask: Ask, tenant: Tenant) -> Way:
    """The flow that the address names, if this browser began it."""
    way = await _way(one(ask.query, "flow") or "", ask, tenant)
    if way is None:
        raise Refused(FLOW_LOST)
    return way


async def again(id: str, ask: Ask, tenant: Tenant) -> Way:
    """The flow that has a pushed request: only its browser may come back for it. RFC 9126 section 4."""
    way = await _way(id, ask, tenant)
    if way is None:
        raise Refused(PUSHED_UNKNOWN, debug="it is another browser's, or was answered")
    return way


async def _way(id: str, ask: Ask, tenant: Tenant) -> Way | None:
    sound = 0 < len(id) <= LONGEST_ID and id.replace("-", "").isalnum()
    handle = cookie.read(ask, _cookie(id, ask, tenant)) if sound else ""
    flow = await tenant.store.get(Flow, handle) if handle else None
    if not isinstance(flow, Flow) or flow.id != id or flow.owner.tenant != tenant.id:
        return None
    return Way(flow, handle)


async def signed_in(way: Way, begun: Begun, note: Write, ask: Ask, tenant: Tenant) -> Answer:
    """The person proved to be somebody: the session begins and the flow goes on, in one unit.

    It goes on from where another window, or the same form sent twice, has moved it to meanwhile.
    """
    for _ in range(TRIES):
        try:
            await land(tenant, *begun.steps, Swap(_of(begun, way.flow)), note)
        except Refused as refused:
            if refused.reason is not FLOW_LOST:
                raise
            there = await found(ask, tenant)
            way = Way(replace(there.flow, request=way.flow.request), way.handle)
        else:
            return answers.with_headers(onward(way, ask), begun.header)
    raise Refused(FLOW_LOST, debug="it was moved every time, or the person was signed out everywhere")


async def proved(way: Way, begun: Begun, proof: Proof, ask: Ask, tenant: Tenant) -> Answer:
    """More was shown: the code is used up, the session begins anew and the flow goes on, in one unit."""
    for _ in range(TRIES):
        flow = way.flow
        on = replace(
            flow, done=(*flow.done, PROVE), session=begun.session.id, user=begun.session.owner.user or ""
        )
        lost = await tenant.store.write(*proof.steps, *begun.steps, Swap(on))
        if lost is None:
            return answers.with_headers(onward(way, ask), begun.header)
        if not isinstance(lost.step, Swap):
            raise used_before(proof) if isinstance(lost.step, Save) else Refused(FLOW_LOST, debug=lost.why)
        there = await found(ask, tenant)
        way = Way(replace(there.flow, request=way.flow.request), way.handle)
    raise Refused(FLOW_LOST, debug="it was moved every time")


def _of(begun: Begun, flow: Flow) -> Flow:
    """The flow of whoever signed in; what somebody else agreed to is nothing that this person agreed to."""
    session = begun.session
    user = session.owner.user or ""
    before = tuple(done for done in flow.done if done not in (LOGIN, PROVE)) if user == flow.user else ()
    return replace(flow, done=(*before, LOGIN), session=session.id, user=user)


async def agreed(way: Way, saves: tuple[Write, ...], ask: Ask, tenant: Tenant) -> Answer:
    """The person said yes: that is remembered and the flow, theirs from now on, goes on, in one unit."""
    flow = replace(way.flow, done=(*way.flow.done, CONSENT))
    session = await sessions.current(ask, tenant)
    if session and not flow.session:
        flow = replace(flow, session=session.id, user=session.owner.user or "")
    await land(tenant, *saves, Swap(flow))
    return onward(way, ask)


def onward(way: Way, ask: Ask) -> Answer:
    """To where it is decided what comes next."""
    return _redirect(f"{ask.root}{RESUME}?{_query(way.flow)}")


async def declined(way: Way, ask: Ask, tenant: Tenant, why: Reason = PERSON_DECLINED) -> Answer:
    """The person said no, or may not say yes: the client is told, and the flow is over. RFC 6749 4.1.2.1."""
    told = await asked_before(way.flow.request, tenant)
    return await stopped(Refused(why), way, told, ask, tenant)


async def stopped(refused: Refused, way: Way, told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    """The client is told why not, once, and the flow is over."""
    answer = answers.refusal(refused, told, ask, tenant)
    await land(tenant, Take(Flow, way.handle))
    return answers.with_headers(answer, ended(way, ask, tenant))


def ended(way: Way, ask: Ask, tenant: Tenant) -> tuple[str, str]:
    """The header that lets the browser forget the flow."""
    return cookie.gone(ask, _cookie(way.flow.id, ask, tenant))


async def land(tenant: Tenant, *steps: Write) -> None:
    """All of it, or a refusal: what begins here may have ended in another window."""
    lost = await tenant.store.write(*steps)
    if lost and lost.why == "duplicate":
        raise taken(lost.step)
    if lost:
        raise Refused(FLOW_LOST, debug=f"another window was faster, or the person is gone: {lost.why}")


def _query(flow: Flow) -> str:
    told: Pairs = (("flow", flow.id), ("ui_locales", " ".join(flow.request.ui_locales)))
    return urlencode([pair for pair in told if pair[1]])


def _redirect(location: str) -> Answer:
    return Answer(status=303, headers=(("location", location), *NO_STORE))


def _cookie(id: str, ask: Ask, tenant: Tenant) -> str:
    return cookie.name_of(f"flow-{id}", tenant.record.slug, ask)


def _room(ask: Ask, tenant: Tenant) -> Pairs:
    """A browser that began many flows forgets the ones it named first."""
    start = cookie.name_of("flow-", tenant.record.slug, ask).partition("flow-")[0] + "flow-"
    names = [part.strip(" \t").partition("=")[0] for part in ask.headers.get("cookie", "").split(";")]
    flows = [name for name in names if name.startswith(start)]
    return tuple(cookie.gone(ask, name) for name in flows[: max(0, len(flows) + 1 - MOST)])
