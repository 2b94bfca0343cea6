"""The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core 1.0 section 3.1.2)."""

from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Flow, Session
from sekisho.model.client import Client
from sekisho.model.step import Take
from sekisho.oauth import answers, flows
from sekisho.oauth.asked import Asked, asked, asked_before, checked
from sekisho.oauth.conditions.asked import Opening, demanded, done
from sekisho.oauth.flow import is_theirs, next_step
from sekisho.oauth.needs import Settled
from sekisho.oauth.steps import Demands, Finish, Situation, Stop
from sekisho.oauth.steps import Step as Next
from sekisho.oauth.wishes import wish
from sekisho.people import login_tickets, sessions
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PUSHED_UNKNOWN
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

# What asks for a sign-in although there is a session.
AGAIN = frozenset(("login", "select_account"))


async def authorize(ask: Ask, tenant: Tenant) -> Answer:
    """Who asks and where to answer; then what is asked; then what happens next."""
    return await answered(await asked(ask.form if ask.method == "POST" else ask.query, tenant), ask, tenant)


async def answered(told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    """The answer to a request that may be answered, in whichever words it came."""
    if told.pushed and told.pushed.opened:
        return await _gone_on(await flows.again(told.pushed.opened, ask, tenant), ask, tenant)
    try:
        return await _answered(told, ask, tenant)
    except Refused as refused:
        answer = answers.refusal(refused, told, ask, tenant)
        if told.pushed and await tenant.store.write(*told.answered()):
            raise Refused(PUSHED_UNKNOWN, debug="another window opened it at the same moment") from refused
        return answer


async def _answered(told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    now = tenant.now()
    request, session, kept = await _entered(checked(told, tenant), told, ask, tenant)
    wanted = await wish(request, told.client, session, tenant)
    hinted = await _hinted(request.id_token_hint, tenant)
    opening = Opening(request, told.client, wanted)
    demands = await demanded(opening, session, ask, tenant)
    step = next_step(Situation(request, session, hinted=hinted, needs=wanted.needs, demands=demands), now)
    done(step, demands, ask, tenant)
    match step:
        case Stop():
            raise Refused(step.reason)
        case Finish():
            stepped = opening.stepped(demands)
            settled = Settled(
                *(stepped, told.client, wanted, step.session, told.answered(), now), user=demands.user
            )
            answer = await answers.answer(settled, ask, tenant)
        case _:
            answer = await flows.begin(request, step, told, ask, tenant)
    return answers.with_headers(answer, *kept)


async def _entered(
    request: AuthorizationRequest, told: Asked, ask: Ask, tenant: Tenant
) -> tuple[AuthorizationRequest, Session | None, Pairs]:
    """Who is here, or comes in with a login ticket: they have just signed in, and are not asked to again."""
    text = one(told.pairs, "login_ticket")
    if text is None:
        return request, await sessions.current(ask, tenant), ()
    realm = one(told.pairs, "realm") or ""
    begun = await login_tickets.redeem(text, realm, told.client, ask, tenant)
    prompt = tuple(word for word in request.prompt if word not in AGAIN)
    kept = (begun.header, login_tickets.forgotten(ask, tenant))
    return replace(request, prompt=prompt, max_age=None), begun.session, kept


async def resume(ask: Ask, tenant: Tenant) -> Answer:
    """A page did its part: on with the flow, which only the browser that began it can name."""
    return await _gone_on(await flows.found(ask, tenant), ask, tenant)


async def _gone_on(way: flows.Way, ask: Ask, tenant: Tenant) -> Answer:
    told = await asked_before(way.flow.request, tenant)
    try:
        return await _resumed(way, told, ask, tenant)
    except Refused as refused:
        return await flows.stopped(refused, way, told, ask, tenant)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a flow stands: what is about to be given, what is missing for it, and what comes next."""

    opening: Opening
    demands: Demands
    step: Next


async def stand(flow: Flow, client: Client, ask: Ask, tenant: Tenant) -> Stand:
    """Read anew whenever it is asked: nothing is remembered that could be decided otherwise by now."""
    now, request = tenant.now(), flow.request
    session = await sessions.current(ask, tenant)
    opening = Opening(request, client, await wish(request, client, session, tenant))
    demands = await demanded(opening, session, ask, tenant)
    at = Situation(
        request,
        session,
        hinted=await _hinted(request.id_token_hint, tenant),
        done=flow.done,
        bound=session.id if session and is_theirs(flow, session) else flow.session,
        needs=opening.wish.needs,
        demands=demands,
    )
    return Stand(opening, demands, next_step(at, now))


async def _resumed(way: flows.Way, told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    now = tenant.now()
    there = await stand(way.flow, told.client, ask, tenant)
    step, opening = there.step, there.opening
    done(step, there.demands, ask, tenant)
    match step:
        case Stop():
            raise Refused(step.reason)
        case Finish():
            stepped, uses = opening.stepped(there.demands), (Take(Flow, way.handle),)
            settled = Settled(
                *(stepped, told.client, opening.wish, step.session, uses, now), user=there.demands.user
            )
            answer = await answers.answer(settled, ask, tenant)
            return answers.with_headers(answer, flows.ended(way, ask, tenant))
        case _:
            return flows.page(step, way.flow, ask, tenant)


async def _hinted(hint: str, tenant: Tenant) -> str:
    """The user that an ID token names; one that is gone is nobody who could be signed in."""
    if not hint:
        return ""
    subject, _, _ = id_token.hinted(hint, tenant)
    return subject
