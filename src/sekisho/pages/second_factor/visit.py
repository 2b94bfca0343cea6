"""Who is at these pages, in which flow, and where they go from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.change.actor import Actor
from sekisho.model.artifact import Session
from sekisho.model.user import User
from sekisho.oauth import flows
from sekisho.oauth.flow import is_theirs
from sekisho.pages import forms
from sekisho.pages.face import face
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import Attempt
from sekisho.people import sessions
from sekisho.people.second_factor import held
from sekisho.people.second_factor.proving import Proof, used_before
from sekisho.people.sessions import Begun
from sekisho.spec.browser.csrf import origin_of
from sekisho.spec.conditional.facts import MFA
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST
from sekisho.tenant import Tenant

PATH, SETUP = "/mfa", "/mfa/setup"
# What of the address stays from page to page.
KEPT = ("flow", "return_to", "ui_locales")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who signed in, and the flow that sent them here, if one did."""

    user: User
    session: Session
    way: flows.Way | None

    def is_owed(self, tenant: Tenant) -> bool:
        """Something is to be shown: whatever a flow wants, or what the person owes anywhere."""
        if self.way:
            return MFA not in self.session.amr
        return held.is_owed(self.user, self.session.amr, tenant)


async def found(ask: Ask, tenant: Tenant) -> Visit | None:
    """Who is here; None where nobody is, or somebody else than in this flow."""
    way = await entrance.way_of(ask, tenant)
    session = await sessions.current(ask, tenant)
    if session is None or (way and not is_theirs(way.flow, session)):
        return None
    return Visit(await sessions.person(session, tenant), session, way)


async def elsewhere(ask: Ask, tenant: Tenant) -> Answer:
    """To where it is decided who has to sign in."""
    way = await entrance.way_of(ask, tenant)
    return flows.onward(way, ask) if way else at(ask, "/login")


def at(ask: Ask, path: str, *more: tuple[str, str]) -> Answer:
    """Another page on the same way."""
    return forms.redirect(f"{ask.root}{path}{kept(ask, *more)}")


def kept(ask: Ask, *more: tuple[str, str]) -> str:
    """The query that says which way it is."""
    return forms.query(*more, *((name, one(ask.query, name) or "") for name in KEPT))


def next_address(visit: Visit, ask: Ask) -> str:
    """Where somebody goes who is done here."""
    if visit.way:
        return f"{ask.root}{flows.RESUME}" + forms.query(("flow", visit.way.flow.id))
    path = forms.return_to(one(ask.query, "return_to")) or f"{urlsplit(ask.root).path}/account"
    return origin_of(ask.root) + path


async def enter(visit: Visit, proof: Proof, ask: Ask, tenant: Tenant) -> Answer:
    """What was shown is used up; a session begins in the place of the one that was here, and on."""
    begun = sessions.stepped(visit.user, visit.session, proof.amr, ask, tenant)
    if visit.way:
        answer = await flows.proved(forms.spoken(visit.way, ask), begun, proof, ask, tenant)
    else:
        answer = await _entered(visit, begun, proof, ask, tenant)
    await sessions.leave_behind(ask, tenant)
    return answer


async def _entered(visit: Visit, begun: Begun, proof: Proof, ask: Ask, tenant: Tenant) -> Answer:
    lost = await tenant.store.write(*proof.steps, *begun.steps)
    if lost and lost.why == "revoked":
        raise Refused(FLOW_LOST, debug="the person was signed out meanwhile")
    if lost:
        raise used_before(proof)
    return forms.redirect(next_address(visit, ask), (begun.header,))


def actor(visit: Visit, ask: Ask) -> Actor:
    """The person, for what they do themselves."""
    return Actor(user=visit.user.user_id, address=ask.address, correlation=ask.correlation)


async def sheet(
    page: str, tried: Attempt, visit: Visit, ask: Ask, tenant: Tenant
) -> tuple[Mapping[str, object], Pairs]:
    """What both pages show, and the headers that belong to it."""
    context, headers = await entrance.sheet(page, tried, visit.way, ask, tenant)
    who = face(visit.user)
    return {**context, "face": who, "locale": who.locale, "kept": kept(ask)}, headers
