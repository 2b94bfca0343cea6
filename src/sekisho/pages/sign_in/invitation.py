"""The page of an invitation: who has the link sets a first password, once, and is signed in."""

from sekisho.change.actor import Actor
from sekisho.model.artifact import Invitation
from sekisho.model.step import Note
from sekisho.model.user import User
from sekisho.pages import forms
from sekisho.pages.sign_in import ticket
from sekisho.pages.sign_in.entrance import AMR
from sekisho.people import invitations, sessions, users
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PERSON_BLOCKED
from sekisho.tenant import Tenant

PAGE, PATH = "invitation", "/invitation"
KEPT_FOR = 3_600  # seconds to find a password; the link opens the page again


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The link leads on at once; it is not used up by looking."""
    sent = one(ask.query, "ticket")
    if sent is None:
        return ticket.shown(PAGE, await _person(await _here(ask, tenant), tenant), ask, tenant)
    await invitations.find(tenant, sent)
    return ticket.kept(PAGE, sent, KEPT_FOR, ask, tenant)


async def accept(ask: Ask, tenant: Tenant) -> Answer:
    """The password is set, and a session begins; everything from before, the link among it, has ended."""
    invitation, handle = await _here(ask, tenant), ticket.handle(PAGE, ask, tenant)
    forms.is_of_flow(handle, PAGE, ask, tenant)
    user = await _person(invitation, tenant)
    actor = Actor(user=user.user_id, address=ask.address, correlation=ask.correlation)
    try:
        user = await invitations.accept(tenant, handle, ask.get("new-password") or "", actor)
    except Refused as refused:
        return ticket.too_weak(refused, PAGE, user, ask, tenant)
    return await _entered(user, actor, ask, tenant)


async def _entered(user: User, actor: Actor, ask: Ask, tenant: Tenant) -> Answer:
    begun, gone = sessions.begin(user, AMR, ask, tenant), ticket.gone(PAGE, ask, tenant)
    event = tenant.audit.event(
        *(tenant.id, "user_signed_in"),
        user=user.user_id,
        address=actor.address,
        correlation=actor.correlation,
    )
    if await tenant.store.write(begun.put, Note(event)):
        # Somebody changed or ended something at the same moment: the password is there to sign in with.
        return forms.with_headers(forms.to_sign_in(ask, "/account"), (gone,), 303)
    await sessions.leave_behind(ask, tenant)
    told = forms.query(("done", PAGE), ("ui_locales", one(ask.query, "ui_locales") or ""))
    return forms.redirect(f"{ask.root}/account{told}", (begun.header, gone))


async def _here(ask: Ask, tenant: Tenant) -> Invitation:
    """The invitation whose link was opened in this browser, as long as it is good."""
    return await invitations.find(tenant, ticket.handle(PAGE, ask, tenant))


async def _person(invitation: Invitation, tenant: Tenant) -> User:
    user = await users.find(tenant, invitation.user)
    if user.blocked:
        raise Refused(PERSON_BLOCKED, debug=user.user_id)
    return user
