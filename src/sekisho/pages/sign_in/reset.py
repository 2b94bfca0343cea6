"""The page of a link for a forgotten password: another one is set, once, and whoever was signed in is not."""

from sekisho.change.actor import Actor
from sekisho.model.artifact import PasswordReset
from sekisho.pages import forms
from sekisho.pages.sign_in import ticket
from sekisho.people.letters import resets
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

PAGE = "reset"


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The link leads on at once: its ticket moves to a cookie, so that no page has it in its address."""
    sent = one(ask.query, "ticket")
    if sent is None:
        return ticket.shown(PAGE, await resets.person(tenant, await _here(ask, tenant)), ask, tenant)
    await resets.find(tenant, sent)
    return ticket.kept(PAGE, sent, resets.LIFETIME, ask, tenant)


async def accept(ask: Ask, tenant: Tenant) -> Answer:
    """The password is set; nobody is signed in by that, so that whatever else is asked for there still is."""
    reset, handle = await _here(ask, tenant), ticket.handle(PAGE, ask, tenant)
    forms.is_of_flow(handle, PAGE, ask, tenant)
    user = await resets.person(tenant, reset)
    actor = Actor(user=user.user_id, address=ask.address, correlation=ask.correlation)
    try:
        await resets.accept(tenant, handle, ask.get("new-password") or "", actor)
    except Refused as refused:
        return ticket.too_weak(refused, PAGE, user, ask, tenant)
    told = forms.query(("done", PAGE), ("ui_locales", one(ask.query, "ui_locales") or ""))
    return forms.redirect(f"{ask.root}/login{told}", (ticket.gone(PAGE, ask, tenant),))


async def _here(ask: Ask, tenant: Tenant) -> PasswordReset:
    """The link that was opened in this browser, as long as it is good."""
    return await resets.find(tenant, ticket.handle(PAGE, ask, tenant))
