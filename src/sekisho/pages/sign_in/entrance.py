"""What the ways in share: the flow that sent somebody, the form that is theirs, and how they go on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.model.step import Note
from sekisho.oauth import flows
from sekisho.oauth.asked import client_of
from sekisho.pages import forms
from sekisho.pages.caller import caller
from sekisho.people import sessions
from sekisho.people.second_factor.held import is_owed
from sekisho.people.sessions import Begun
from sekisho.spec import redirect_uri
from sekisho.spec.browser.csrf import origin_of
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

AMR = ("pwd",)
LONGEST_NAME = 254


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a form shows: the name that was typed before, and what was wrong with what was sent."""

    username: str = ""
    problem: str = ""
    minutes: int = 0


def attempt(username: str, refused: Refused, problem: str) -> Attempt:
    """One that failed."""
    minutes = math.ceil(int(refused.headers.get("retry-after", "0")) / 60)
    return Attempt(username[:LONGEST_NAME], problem, minutes)


async def way_of(ask: Ask, tenant: Tenant) -> flows.Way | None:
    """The flow that the address names; None where nobody sent the person."""
    return await flows.found(ask, tenant) if one(ask.query, "flow") else None


def hinted(way: flows.Way | None, ask: Ask) -> str:
    """Who the client, or the page before, thinks it is."""
    hint = way.flow.request.login_hint if way else one(ask.query, "login_hint") or ""
    return hint[:LONGEST_NAME]


def is_ours(page: str, way: flows.Way | None, ask: Ask, tenant: Tenant) -> None:
    """What was posted is the form of this page, of this flow or this browser."""
    if way:
        forms.is_of_flow(way.handle, page, ask, tenant)
    else:
        forms.is_of_browser(page, ask, tenant)


async def enter(begun: Begun, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    """The session begins in the place of the one that was here, and on: into the flow, or to our path."""
    answer = await _entered(begun, way, ask, tenant)
    await sessions.leave_behind(ask, tenant)
    return answer


async def _entered(begun: Begun, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    facts = {"client": _client(way), "address": ask.address, "correlation": ask.correlation}
    user = begun.session.owner.user
    note = Note(tenant.audit.event(tenant.id, "user_signed_in", user=user, **facts))
    if way:
        return await flows.signed_in(forms.spoken(way, ask), begun, note, ask, tenant)
    await flows.land(tenant, *begun.steps, note)
    path = forms.return_to(one(ask.query, "return_to")) or f"{urlsplit(ask.root).path}/account"
    if is_owed(await sessions.person(begun.session, tenant), begun.session.amr, tenant):
        spoken = one(ask.query, "ui_locales") or ""
        onward = f"{ask.root}/mfa" + forms.query(("return_to", path), ("ui_locales", spoken))
        return forms.redirect(onward, (begun.header,))
    return forms.redirect(origin_of(ask.root) + path, (begun.header,))


def remember(refused: Refused, way: flows.Way | None, ask: Ask, tenant: Tenant) -> None:
    """What the form says in a few words, the audit knows whole."""
    facts = {"client": _client(way), "address": ask.address, "correlation": ask.correlation}
    tenant.audit.refused(tenant.id, refused, **facts)


async def sheet(
    page: str, tried: Attempt, way: flows.Way | None, ask: Ask, tenant: Tenant
) -> tuple[Mapping[str, object], Pairs]:
    """What the page of a form shows, and the headers that belong to it."""
    request = way.flow.request if way else None
    form = forms.of_flow(way.handle, page, tenant) if way else forms.of_browser(page, ask, tenant)
    known = ("flow", "return_to", "login_hint")
    context = {
        "attempt": tried,
        "csrf": form.token,
        "caller": caller(await client_of(request.client_id, tenant)) if request else None,
        "in_flow": request is not None,
        "leads_to": redirect_uri.target(request.redirect_uri) if request else "",
        "signs_up": tenant.policy.sign_up_allowed,
        "resets": tenant.tools.post.is_open,
        # From here to the other way in, and back: whatever was on the way stays.
        "onward": forms.query(
            *((name, one(ask.query, name) or "") for name in (*known, "ui_locales")),
        ),
    }
    return context, form.headers


def _client(way: flows.Way | None) -> str | None:
    return way.flow.request.client_id if way else None
