"""The consent page: who asks, for what, in whose name (OpenID Connect Core 1.0 section 3.1.2.4)."""

from dataclasses import dataclass

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.step import Note, Save
from sekisho.model.user import User
from sekisho.oauth import flows
from sekisho.oauth.asked import client_of
from sekisho.oauth.flow import CONSENT, Need, is_theirs
from sekisho.oauth.needs import Wish
from sekisho.oauth.wishes import wish
from sekisho.pages import forms, words
from sekisho.pages.caller import caller
from sekisho.pages.face import face
from sekisho.people import consents, sessions
from sekisho.spec import redirect_uri
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.tenant import Tenant

PAGE = "consent"
TRIES = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked, as exactly as it is shown."""

    client: Client
    session: Session
    user: User
    wish: Wish
    needs: tuple[Need, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """What an answer is bound to: it is this person's, and about nothing that was not seen."""
        return (self.session.id, *(f"{each.api or '*'} {' '.join(each.scopes)}" for each in self.needs))


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The question, if there is one; the flow knows what else comes next."""
    way = await flows.found(ask, tenant)
    question = await _question(way, ask, tenant)
    if question is None:
        return flows.onward(way, ask)
    request, who = way.flow.request, face(question.user)
    asked = [line for each in question.needs for line in await words.lines(each.api, each.scopes, tenant)]
    context = {
        "caller": caller(question.client, request.redirect_uri),
        "face": who,
        "lines": asked,
        "scopes": question.wish.scopes,
        "api": request.audience and question.wish.api.identifier,
        "redirect_uri": request.redirect_uri,
        "flow": way.flow.id,
        "csrf": forms.of_flow(way.handle, PAGE, tenant, *question.shown).token,
        "in_flow": True,
        "leads_to": redirect_uri.target(request.redirect_uri),
        "locale": who.locale,
    }
    return Answer(page=("consent", context))


async def decide(ask: Ask, tenant: Tenant) -> Answer:
    """Yes is remembered, no is told to the application; an answer that was sent twice is one."""
    for _ in range(TRIES):
        try:
            return await _decided(ask, tenant)
        except Refused as refused:
            # Another window agreed at this moment, here or in a flow of its own: what is left to ask now?
            if refused.reason not in (FLOW_LOST, ALREADY_EXISTS):
                raise
    return await _decided(ask, tenant)


async def _decided(ask: Ask, tenant: Tenant) -> Answer:
    way = await flows.found(ask, tenant)
    question = await _question(way, ask, tenant)
    if question is None:
        return flows.onward(way, ask)
    forms.is_of_flow(way.handle, PAGE, ask, tenant, *question.shown)
    match ask.get("decision"):
        case "allow":
            saves = await _saves(question, tenant)
            note = _note(question, ask, tenant)
            return await flows.agreed(forms.spoken(way, ask), (*saves, note), ask, tenant)
        case "deny":
            return await flows.declined(way, ask, tenant)
        case _:
            raise Refused(FORM_FORGED, debug="the form says neither yes nor no")


async def _question(way: flows.Way, ask: Ask, tenant: Tenant) -> Question | None:
    """None where nobody is signed in, somebody else than in this flow, or there is nothing left to ask."""
    request, session = way.flow.request, await sessions.current(ask, tenant)
    if session is None or not is_theirs(way.flow, session) or CONSENT in way.flow.done:
        return None
    client = await client_of(request.client_id, tenant)
    wanted = await wish(request, client, session, tenant)
    needs = wanted.needs
    if not needs and "consent" in request.prompt:
        # Asked again, also about what was agreed to before.
        needs = wanted.every
    if not needs:
        return None
    return Question(client, session, await sessions.person(session, tenant), wanted, needs)


async def _saves(question: Question, tenant: Tenant) -> tuple[Save, ...]:
    user, client, now = question.session.owner.user or "", question.client, tenant.now()
    return tuple(
        [
            consents.giving(
                consents.new(user, client, each.api, each.scopes, now),
                await consents.agreed(user, client, each.api, tenant),
            )
            for each in question.needs
        ]
    )


def _note(question: Question, ask: Ask, tenant: Tenant) -> Note:
    event = tenant.audit.event(
        *(tenant.id, "consent_given"),
        client=question.client.client_id,
        user=question.user.user_id,
        address=ask.address,
        correlation=ask.correlation,
        detail={"scopes": [scope for each in question.needs for scope in each.scopes]},
    )
    return Note(event)
