"""What the client is answered: a code, or why not (RFC 6749 section 4.1.2, RFC 9207)."""

import dataclasses
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import id_of
from sekisho.model.step import Note, Swap
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.asked import MODES, Asked
from sekisho.oauth.needs import Given, Giving, Settled
from sekisho.oauth.response_modes import RESPONSE_MODES
from sekisho.oauth.response_types import RESPONSE_TYPES
from sekisho.oauth.says import described
from sekisho.people import sessions
from sekisho.spec.authorization import AuthorizationRequest, WireDialect, usual_mode
from sekisho.spec.entra import place, wording
from sekisho.spec.entra.wording import Told
from sekisho.spec.http import Answer, Ask, Pairs, every
from sekisho.spec.refusal import INTERNAL, Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, PUSHED_UNKNOWN
from sekisho.tenant import Tenant
from sekisho.tokens import custom
from sekisho.tokens.entra import whom

# What a second window is told: the client gets its one answer from the first.
SHOWN = frozenset((FLOW_LOST, PUSHED_UNKNOWN))
# Who answers, in the words of the request.
ISSUERS: Mapping[WireDialect, Callable[[str, str], str]] = {
    "": lambda issuer, _: issuer,
    "entra_v1": place.older,
    "entra_v2": place.newer,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an answer goes, in which way, and what the client recognises it by."""

    redirect_uri: str
    mode: str
    state: str | None
    dialect: WireDialect = ""


async def answer(settled: Settled, ask: Ask, tenant: Tenant) -> Answer:
    """What was asked and agreed to; the unit uses up what it descends from."""
    request = settled.request
    user = settled.user or await sessions.person(settled.session, tenant)
    giving = await _with_rules(Giving(settled, user, tenant.issuer(ask), id_of(settled.at)), tenant)
    given = _given(giving, await tenant.able("tokens", settled.wish.api.signing_alg))
    crowd = await _crowded(giving, given, tenant)
    noted = _noted(giving, given, ask, tenant)
    lost = await tenant.store.write(*settled.uses, *given.steps, *crowd, *noted)
    if lost:
        raise Refused(FLOW_LOST, debug=f"it was answered before, or the session ended: {lost.why}")
    seen = sessions.seen(settled.session, request.client_id, tenant)
    if seen:
        await tenant.store.write(*seen)
    to = Recipient(request.redirect_uri, request.response_mode, request.state, request.dialect)
    return _sent((*given.params, *_about(request, user, tenant)), to, ask, tenant)


def _noted(giving: Giving, given: Given, ask: Ask, tenant: Tenant) -> tuple[Note, ...]:
    """What was given. What an administrator agreed to was noted when they did, and gives nobody a token."""
    request = giving.settled.request
    if request.is_for_everybody:
        return ()
    event = tenant.audit.event(
        *(tenant.id, "code_issued" if given.value("code") else "token_issued"),
        client=request.client_id,
        user=giving.user.user_id,
        address=ask.address,
        correlation=ask.correlation,
        detail={**giving.granted.detail, "response_type": request.response_type},
    )
    return (Note(event),)


def _about(request: AuthorizationRequest, user: User, tenant: Tenant) -> Pairs:
    """Whom clients keep it under, where they ask for that in Entra's words."""
    if not request.dialect or not request.names_user:
        return ()
    return (("client_info", whom.mint(user.id, tenant)),)


async def _with_rules(giving: Giving, tenant: Tenant) -> Giving:
    """With what rules of the tenant say, where there are any and the answer has a token that says it."""
    if not tenant.rules or giving.words.isdisjoint(("token", "id_token")):
        return giving
    granted = await custom.told(giving.granted, tenant)
    return dataclasses.replace(giving, custom=granted.custom)


async def _crowded(giving: Giving, given: Given, tenant: Tenant) -> tuple[Swap, ...]:
    """A refresh token in the answer itself counts like any other."""
    if not given.value("refresh_token"):
        return ()
    return await whose.crowded_out(giving.code(tenant), giving.settled.at, tenant)


def _given(giving: Giving, tenant: Tenant) -> Given:
    given, words = Given(), giving.words
    for word, give in RESPONSE_TYPES.items():
        if word in words:
            given = give(giving, given, tenant)
    return given


def refusal(refused: Refused, told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    """The error goes to the client, in the way that it asked for if that can be understood."""
    if refused.reason.status >= INTERNAL.status or refused.reason in SHOWN:
        raise refused
    facts = {"client": told.client.client_id, "address": ask.address, "correlation": ask.correlation}
    params = _worded(refused, told, ask, tenant)
    tenant.audit.refused(tenant.id, refused, **facts)
    to = Recipient(told.redirect_uri, _mode(told), _first(told.pairs, "state"), told.dialect)
    return _sent(params, to, ask, tenant)


def _worded(refused: Refused, asked: Asked, ask: Ask, tenant: Tenant) -> Pairs:
    """The error in the words of the request; where it is given a name, log and audit know it by that."""
    if not asked.dialect:
        return (("error", refused.reason.error), ("error_description", described(refused)))
    refused.trace = str(uuid.uuid4())
    sent = _first(ask.query, "client-request-id") or ""
    # It comes back in a sentence that applications show: a name, and nothing that somebody wrote there.
    correlation = sent if place.GUID.fullmatch(sent) else ask.correlation
    told = Told(trace=refused.trace, correlation=correlation, at=tenant.now(), root=ask.root)
    if asked.is_for_everybody:
        return wording.pairs_of_administrators(refused, told, is_older=asked.dialect == "entra_v1")
    return wording.pairs(refused, told)


def _sent(params: Pairs, to: Recipient, ask: Ask, tenant: Tenant) -> Answer:
    told = (("state", to.state),) if to.state is not None else ()
    deliver = RESPONSE_MODES[to.mode]
    status = 303 if ask.method == "POST" else 302
    issuer = ISSUERS[to.dialect](tenant.issuer(ask), tenant.id)
    return deliver((*params, *told, ("iss", issuer)), to.redirect_uri, status)


def _mode(told: Asked) -> str:
    """The one that was asked for; where that cannot be had, the usual one of what was asked for."""
    usual = usual_mode(_first(told.pairs, "response_type") or "code")
    wanted = _first(told.pairs, "response_mode") or usual
    known = MODES if told.dialect else RESPONSE_MODES
    return usual if wanted not in known or (wanted, usual) == ("query", "fragment") else wanted


def _first(pairs: Pairs, name: str) -> str | None:
    """What was sent once; what was sent twice is not repeated to anybody."""
    values = every(pairs, name)
    return values[0] if len(values) == 1 else None


def with_headers(answer: Answer, *headers: tuple[str, str]) -> Answer:
    """The answer, with these too."""
    return replace(answer, headers=(*answer.headers, *headers))
