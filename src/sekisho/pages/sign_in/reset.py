"""The page of a link for a forgotten password: another one is set, once, and whoever was signed in is not."""

from sekisho.change.actor import Actor
from sekisho.model.artifact import PasswordReset
from sekisho.model.user import User
from sekisho.pages import forms
from sekisho.pages.face import face
from sekisho.people.letters import resets
from sekisho.people.letters.resets import PATH
from sekisho.spec.browser import cookie
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import WEAK
from sekisho.tenant import Tenant

PAGE = "reset"


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The link leads on at once: its ticket moves to a cookie, so that no page has it in its address."""
    ticket = one(ask.query, "ticket")
    if ticket is None:
        return _shown(await resets.person(tenant, await _here(ask, tenant)), "", ask, tenant)
    await resets.find(tenant, ticket)
    spoken = forms.query(("ui_locales", one(ask.query, "ui_locales") or ""))
    kept = cookie.kept(ask, _name(ask, tenant), ticket, seconds=resets.LIFETIME)
    return forms.redirect(f"{ask.root}{PATH}{spoken}", (kept,))


async def accept(ask: Ask, tenant: Tenant) -> Answer:
    """The password is set; nobody is signed in by that, so that whatever else is asked for there still is."""
    reset, handle = await _here(ask, tenant), _handle(ask, tenant)
    forms.is_of_flow(handle, PAGE, ask, tenant)
    user = await resets.person(tenant, reset)
    actor = Actor(user=user.user_id, address=ask.address, correlation=ask.correlation)
    try:
        await resets.accept(tenant, handle, ask.get("new-password") or "", actor)
    except Refused as refused:
        if refused.reason not in WEAK:
            raise
        facts = {"user": user.user_id, "address": ask.address, "correlation": ask.correlation}
        tenant.audit.refused(tenant.id, refused, **facts)
        answer = _shown(user, refused.reason.slug, ask, tenant)
        return forms.with_headers(answer, (), refused.reason.status)
    told = forms.query(("done", PAGE), ("ui_locales", one(ask.query, "ui_locales") or ""))
    return forms.redirect(f"{ask.root}/login{told}", (cookie.gone(ask, _name(ask, tenant)),))


async def _here(ask: Ask, tenant: Tenant) -> PasswordReset:
    """The link that was opened in this browser, as long as it is good."""
    return await resets.find(tenant, _handle(ask, tenant))


def _shown(user: User, problem: str, ask: Ask, tenant: Tenant) -> Answer:
    who = face(user)
    context = {
        "face": who,
        "least": least(tenant.policy.password_shortest),
        "problem": problem,
        "csrf": forms.of_flow(_handle(ask, tenant), PAGE, tenant).token,
        "locale": who.locale,
    }
    return Answer(page=("reset", context))


def _handle(ask: Ask, tenant: Tenant) -> str:
    return cookie.read(ask, _name(ask, tenant))


def _name(ask: Ask, tenant: Tenant) -> str:
    return cookie.name_of(PAGE, tenant.record.slug, ask)
