"""The account page: what is known about a person, where they are signed in, what they allowed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.model.artifact import Session
from sekisho.model.user import User
from sekisho.pages import forms
from sekisho.pages.account import connected
from sekisho.pages.account.device import device
from sekisho.pages.account.profile import profile
from sekisho.pages.face import face
from sekisho.people import sessions
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import held
from sekisho.people.second_factor.held import is_owed
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

PAGE, PATH = "account", "/account"
SECURITY = f"{PATH}#security"
RECENT = 600.0  # seconds since the sign-in, for what could take the account over
# What can have been done, and in which part of the page.
DONE: Mapping[str, str] = {
    "invitation": "",
    "profile": "profile",
    "password": "security",
    "session": "devices",
    "sessions": "devices",
    "application": "apps",
    "second_factor": "second",
    "second_factor_removed": "second",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose account it is, and the session that they look at it in."""

    user: User
    session: Session

    def is_recent(self, now: float) -> bool:
        """They proved a short time ago who they are."""
        return now - self.session.auth_time <= RECENT


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody is signed in."""

    id: str
    name: str
    icon: str
    address: str
    seen_at: float
    is_here: bool


@dataclass(frozen=True, slots=True)
class Second:
    """A second factor: since when, and how many recovery codes are left."""

    since: float | None
    left: int
    most: int = recovery.MANY


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """Everything on one page, for whoever is signed in."""
    visitor = await visitor_of(ask, tenant)
    return await shown(visitor, ask, tenant) if visitor else await entered_first(ask, tenant)


async def visitor_of(ask: Ask, tenant: Tenant) -> Visitor | None:
    """Who is signed in, with everything that they have to show."""
    session = await sessions.current(ask, tenant)
    if session is None:
        return None
    user = await sessions.person(session, tenant)
    return None if is_owed(user, session.amr, tenant) else Visitor(user, session)


async def entered_first(ask: Ask, tenant: Tenant, path: str = PATH) -> Answer:
    """Who is not signed in has to be first; who owes a second factor shows that."""
    if await sessions.current(ask, tenant) is None:
        return forms.to_sign_in(ask, path)
    spoken = one(ask.query, "ui_locales") or ""
    back = urlsplit(ask.root).path + path
    return forms.redirect(f"{ask.root}/mfa" + forms.query(("return_to", back), ("ui_locales", spoken)))


async def shown(visitor: Visitor, ask: Ask, tenant: Tenant, refused: Refused | None = None) -> Answer:
    """The page; with what was wrong with a form, if something was."""
    user, who, form = visitor.user, face(visitor.user), forms.of_browser(PAGE, ask, tenant)
    done = one(ask.query, "done") or ""
    places = [_where(each, visitor) for each in await sessions.of_user(user, tenant)]
    context = {
        "face": who,
        "user": user,
        "profile": profile(user, tenant, ask.form if refused else ()),
        "places": sorted(places, key=lambda each: not each.is_here),
        "connected": await connected.of_user(user, tenant),
        "is_recent": visitor.is_recent(tenant.now()),
        "least": least(tenant.policy.password_shortest),
        "problem": refused.reason.slug if refused else "",
        "minutes": math.ceil(int(refused.headers.get("retry-after", "0")) / 60) if refused else 0,
        "done": done if done in DONE and not refused else "",
        "sections": DONE,
        "again": forms.sign_in_address(ask, SECURITY),
        "second": await _second(user, tenant),
        "csrf": form.token,
        "locale": who.locale,
    }
    return Answer(page=("account", context), headers=form.headers)


async def _second(user: User, tenant: Tenant) -> Second | None:
    """What of a second factor there is; None where the tenant has none and neither has the person."""
    found = await held.of_user(tenant, user)
    if not found:
        return None if tenant.policy.second_factor == "never" else Second(None, 0)
    codes = found.get(recovery.KIND)
    return Second(found[totp.KIND].created_at, len(codes.digests) if codes else 0)


def _where(session: Session, visitor: Visitor) -> Whereabouts:
    known = device(session.agent)
    is_here = session.id == visitor.session.id
    return Whereabouts(session.id, known.name, known.icon, session.address, session.seen_at, is_here)
