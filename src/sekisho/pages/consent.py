"""The consent page: who asks, for what, in whose name (OpenID Connect Core 1.0 section 3.1.2.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.step import Note, Save
from sekisho.model.user import User
from sekisho.oauth import authorize, flows
from sekisho.oauth.asked import client_of
from sekisho.oauth.delegation import own_roles
from sekisho.oauth.flow import is_theirs
from sekisho.oauth.needs import Wish
from sekisho.oauth.steps import CONSENT, Login, Need, Prove, Stop
from sekisho.pages import forms, words
from sekisho.pages.caller import Caller, caller
from sekisho.pages.face import face
from sekisho.pages.words import Line
from sekisho.people import consents, powers, sessions
from sekisho.spec import redirect_uri
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED, PERSON_DECLINED
from sekisho.spec.refusals.entra import ADMIN_NEEDED
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.tenant import Tenant

PAGE = "consent"
TRIES = 4
TICKED = "yes"


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked, as exactly as it is shown; `clients` are all that would be given something."""

    request: AuthorizationRequest
    client: Client
    session: Session
    user: User
    wish: Wish
    needs: tuple[Need, ...]
    clients: Mapping[str, Client]
    is_administrators: bool = False

    @property
    def is_beyond_them(self) -> bool:
        """Somebody else has to agree: they can only go back."""
        return not self.is_administrators and any(need.is_admins for need in self.needs)

    @property
    def whose(self) -> tuple[str, ...]:
        """Whose answer it has to be: this person's, as who they are now."""
        return (self.session.id, *(["administrator"] if self.is_administrators else []))

    @property
    def shown(self) -> frozenset[str]:
        """All that it is about, one by one; an answer is about nothing that was not seen."""
        return frozenset(each for need in self.needs for each in _named(need))


@dataclass(frozen=True, slots=True)
class Asking:
    """An application and what it would be able to do: in people's names, and in its own."""

    caller: Caller
    lines: tuple[Line, ...]
    own: tuple[Line, ...]
    names: tuple[str, ...]


def _named(need: Need) -> Iterator[str]:
    """Each scope and role of a need, so that no two are called alike: no part can have a line feed in it."""
    place = f"{need.client}\n{need.api or '*'}"
    yield from (f"{place}\n{each}" for each in need.scopes or ("",))
    yield from (f"{place}\nrole\n{each}" for each in need.roles)


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The question, if there is one; the flow knows what else comes next."""
    way = await flows.found(ask, tenant)
    question = await _question(way, ask, tenant)
    if question is None:
        return flows.onward(way, ask)
    request, who = way.flow.request, face(question.user)
    asking = [await _asking(each, question, tenant) for each in question.clients.values()]
    context = {
        "caller": caller(question.client, request.redirect_uri),
        "face": who,
        "asking": asking,
        "scopes": request.scopes if request.dialect else question.wish.scopes,
        "api": request.audience and question.wish.api.identifier,
        "is_beyond_them": question.is_beyond_them,
        "is_for_everybody": request.is_for_everybody,
        "may_say_for_everybody": question.is_administrators and not request.is_for_everybody,
        "redirect_uri": request.redirect_uri,
        "flow": way.flow.id,
        "csrf": forms.that_shows(way.handle, PAGE, tenant, question.whose, question.shown),
        "in_flow": True,
        "leads_to": redirect_uri.target(request.redirect_uri),
        "locale": who.locale,
    }
    return Answer(page=("consent", context))


async def _asking(client: Client, question: Question, tenant: Tenant) -> Asking:
    """All that the page says of one application."""
    is_first, official = client is question.client, question.request.is_for_everybody
    needs = [
        each for each in question.needs if (each.client or question.client.client_id) == client.client_id
    ]
    lines = [
        line
        for each in needs
        if each.scopes or not each.roles
        for line in await words.lines(each.api, each.scopes, tenant, official=official)
    ]
    return Asking(
        caller(client, question.request.redirect_uri if is_first else client.homepage_uri),
        tuple(lines),
        tuple([line for each in needs for line in await words.roles(each.api, each.roles, tenant)]),
        tuple(f"{each.api}/{scope}" if each.api else scope for each in needs for scope in each.scopes),
    )


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
    if not question.shown <= forms.seen(way.handle, PAGE, ask, tenant, question.whose):
        raise Refused(FORM_FORGED, debug="there is more to agree to than was shown")
    match ask.get("decision"):
        case "allow":
            whose = _whose(question, ask)
            saves = await _saves(question, whose, tenant)
            note = _note(question, whose, ask, tenant)
            return await flows.agreed(forms.spoken(way, ask), (*saves, note), ask, tenant)
        case "deny":
            why = ADMIN_NEEDED if question.is_beyond_them else PERSON_DECLINED
            return await flows.declined(way, ask, tenant, why)
        case _:
            raise Refused(FORM_FORGED, debug="the form says neither yes nor no")


def _whose(question: Question, ask: Ask) -> str | None:
    """In whose name it is said: their own, or (None) everybody's, which is an administrator's to say."""
    for_everybody = question.request.is_for_everybody or ask.get("everyone") == TICKED
    if question.is_beyond_them or (for_everybody and not question.is_administrators):
        raise Refused(ADMIN_NEEDED, debug=question.user.user_id)
    return None if for_everybody else question.user.user_id


async def _question(way: flows.Way, ask: Ask, tenant: Tenant) -> Question | None:
    """None where nobody is signed in, somebody else than in this flow, or there is nothing left to ask."""
    request, session = way.flow.request, await sessions.current(ask, tenant)
    if session is None or not is_theirs(way.flow, session) or CONSENT in way.flow.done:
        return None
    client = await client_of(request.client_id, tenant)
    there = await authorize.stand(way.flow, client, ask, tenant)
    user = there.demands.user or await sessions.person(session, tenant)
    is_administrators = await powers.agrees_for_everybody(tenant, user)
    # A second factor comes first, and of an administrator a sign-in that is fresh enough.
    if isinstance(there.step, (Prove, Stop, Login) if is_administrators else (Prove, Stop)):
        return None
    wanted = there.opening.wish
    needs = wanted.needs
    if not needs and "consent" in request.prompt:
        # Asked again, also about what was agreed to before.
        needs = wanted.every
    if not needs:
        return None
    others = {each.client: await client_of(each.client, tenant) for each in needs if each.client}
    clients = {client.client_id: client, **others}
    return Question(request, client, session, user, wanted, needs, clients, is_administrators)


async def _saves(question: Question, whose: str | None, tenant: Tenant) -> tuple[Save, ...]:
    """One agreement for each application and API; roles are given by those who agree for everybody."""
    found: list[Save] = []
    for each in question.needs:
        client = question.clients[each.client or question.client.client_id]
        if each.scopes or not each.roles:
            new = consents.new(whose, client, each.api, each.scopes, tenant.now())
            found.append(consents.giving(new, await consents.agreed(whose, client, each.api, tenant)))
        if whose is None:
            found += await own_roles.giving(each, client, tenant)
    return tuple(found)


def _note(question: Question, whose: str | None, ask: Ask, tenant: Tenant) -> Note:
    detail: dict[str, object] = {"scopes": [scope for each in question.needs for scope in each.scopes]}
    if whose is None:
        roles = [f"{each.api}/{role}" for each in question.needs for role in each.roles]
        detail |= {"for": "everybody", **({"roles": roles} if roles else {})}
    if len(question.clients) > 1:
        detail["clients"] = list(question.clients)
    event = tenant.audit.event(
        *(tenant.id, "consent_given"),
        client=question.client.client_id,
        user=question.user.user_id,
        address=ask.address,
        correlation=ask.correlation,
        detail=detail,
    )
    return Note(event)
