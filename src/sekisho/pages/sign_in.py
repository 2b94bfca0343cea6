"""The sign-in page: inside a flow it leads back into it, otherwise to a path of ours."""

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
from sekisho.people.factors import password
from sekisho.people.sessions import Begun
from sekisho.spec.browser.csrf import origin_of
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST
from sekisho.spec.refusals.people import PASSWORD_WRONG, SIGN_IN_LOCKED, USER_BLOCKED, USER_UNKNOWN
from sekisho.tenant import Tenant

PAGE = "login"
AMR = ("pwd",)
LONGEST_NAME = 254
# What can be told on the page itself. Who does not know the password learns nothing from it.
PROBLEMS: Mapping[str, str] = {
    USER_UNKNOWN.slug: "wrong",
    PASSWORD_WRONG.slug: "wrong",
    SIGN_IN_LOCKED.slug: "locked",
    USER_BLOCKED.slug: "blocked",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the form shows: the name that was typed before, and what was wrong with it."""

    username: str = ""
    problem: str = ""
    minutes: int = 0


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The form."""
    way = await _way(ask, tenant)
    hint = way.flow.request.login_hint if way else one(ask.query, "login_hint") or ""
    return await _shown(Attempt(hint[:LONGEST_NAME]), way, ask, tenant)


async def sign_in(ask: Ask, tenant: Tenant) -> Answer:
    """Name and password: a new session, and on; or the form again."""
    way = await _way(ask, tenant)
    _is_ours(way, ask, tenant)
    name, secret, began = ask.get("username") or "", ask.get("password") or "", tenant.now()
    try:
        user = await password.verify(tenant, name, secret, ask.address)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        return await _again(refused, way, ask, tenant)
    begun = sessions.begin(user, AMR, ask, tenant, born=began)
    client = way.flow.request.client_id if way else None
    facts = {"client": client, "address": ask.address, "correlation": ask.correlation}
    note = Note(tenant.audit.event(tenant.id, "user_signed_in", user=user.user_id, **facts))
    if way:
        return await flows.signed_in(forms.spoken(way, ask), begun, note, ask, tenant)
    return await _signed_in(begun, note, ask, tenant)


async def _signed_in(begun: Begun, note: Note, ask: Ask, tenant: Tenant) -> Answer:
    lost = await tenant.store.write(begun.put, note)
    if lost:
        raise Refused(FLOW_LOST, debug=f"the person was signed out everywhere meanwhile: {lost.why}")
    path = forms.return_to(one(ask.query, "return_to")) or f"{urlsplit(ask.root).path}/account"
    return forms.redirect(origin_of(ask.root) + path, (begun.header,))


async def _way(ask: Ask, tenant: Tenant) -> flows.Way | None:
    return await flows.found(ask, tenant) if one(ask.query, "flow") else None


def _is_ours(way: flows.Way | None, ask: Ask, tenant: Tenant) -> None:
    if way:
        forms.is_of_flow(way.handle, PAGE, ask, tenant)
    else:
        forms.is_of_browser(PAGE, ask, tenant)


async def _again(refused: Refused, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    """The form with what was wrong; the audit knows the rest."""
    client = way.flow.request.client_id if way else None
    facts = {"client": client, "address": ask.address, "correlation": ask.correlation}
    tenant.audit.refused(tenant.id, refused, **facts)
    minutes = math.ceil(int(refused.headers.get("retry-after", "0")) / 60)
    name = (ask.get("username") or "")[:LONGEST_NAME]
    answer = await _shown(Attempt(name, PROBLEMS[refused.reason.slug], minutes), way, ask, tenant)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _shown(attempt: Attempt, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    request = way.flow.request if way else None
    form = forms.of_flow(way.handle, PAGE, tenant) if way else forms.of_browser(PAGE, ask, tenant)
    context = {
        "attempt": attempt,
        "csrf": form.token,
        "caller": caller(await client_of(request.client_id, tenant)) if request else None,
        "leads_to": forms.target(request.redirect_uri) if request else "",
    }
    return Answer(page=("sign_in", context), headers=form.headers)
