"""What a person does on the account page; every form is of this browser, as it is signed in now."""

from collections.abc import Mapping

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.step import Note
from sekisho.pages import forms
from sekisho.pages.account.page import DONE, PAGE, PATH, SECURITY, Visitor, entered_first, shown, visitor_of
from sekisho.pages.account.profile import asked
from sekisho.people import consents, sessions, users
from sekisho.people.factors import password
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_WRONG, PROFILE_MALFORMED, SIGN_IN_LOCKED, WEAK
from sekisho.tenant import Tenant

OTHERS = "others"
# What can be told beside the fields.
PROBLEMS = frozenset(each.slug for each in (*WEAK, PASSWORD_WRONG, SIGN_IN_LOCKED, PROFILE_MALFORMED))
# What was chosen on some page before, as the script remembers it: from now on the profile decides.
_LANGUAGE_FORGOTTEN = ("set-cookie", "lang=; Path=/; Max-Age=0; SameSite=Lax")


async def change_profile(ask: Ask, tenant: Tenant) -> Answer:
    """Names, language and time zone, as the person says them."""
    visitor = await _visitor(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant)
    try:
        fields = asked(visitor.user, ask, tenant)
    except Refused as refused:
        return await _again(refused, visitor, ask, tenant)
    user = await users.change(tenant, visitor.user.id, fields, _actor(visitor, ask))
    if user.locale == visitor.user.locale:
        return _done("profile", ask)
    answer = _done("profile", replace(ask, query=()))
    return forms.with_headers(answer, (_LANGUAGE_FORGOTTEN,), answer.status)


async def change_password(ask: Ask, tenant: Tenant) -> Answer:
    """The old one and a recent sign-in, for a new one; everything that was given with the old one ends."""
    visitor = await _visitor(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant, SECURITY)
    if not visitor.is_recent(tenant.now()):
        return forms.to_sign_in(ask, SECURITY)
    try:
        await _changed(visitor, ask, tenant)
    except Refused as refused:
        return await _again(refused, visitor, ask, tenant)
    begun = sessions.begin(visitor.user, visitor.session.amr, ask, tenant)
    if await tenant.store.write(begun.put):
        return forms.to_sign_in(ask, PATH)
    return forms.with_headers(_done("password", ask), (begun.header,), 303)


async def end_session(ask: Ask, tenant: Tenant) -> Answer:
    """One session of this person, or all but this one."""
    visitor = await _visitor(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant)
    wanted = ask.get("session")
    for each in await sessions.of_user(visitor.user, tenant):
        if each.id != visitor.session.id and wanted in (each.id, OTHERS):
            await sessions.end(each, tenant)
            detail = {"session": each.id}
            event = tenant.audit.event(tenant.id, "session_ended", detail=detail, **_facts(visitor, ask))
            await tenant.store.write(Note(event))
    return _done("sessions" if wanted == OTHERS else "session", ask)


async def disconnect(ask: Ask, tenant: Tenant) -> Answer:
    """An application has nothing from this person any more."""
    visitor = await _visitor(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant)
    client = ask.need("client")
    event = tenant.audit.event(tenant.id, "consent_withdrawn", client=client, **_facts(visitor, ask))
    await consents.take_back(visitor.user.user_id, client, tenant, Note(event))
    return _done("application", ask)


async def _visitor(ask: Ask, tenant: Tenant) -> Visitor | None:
    visitor = await visitor_of(ask, tenant)
    if visitor:
        forms.is_of_browser(PAGE, ask, tenant)
    return visitor


async def _changed(visitor: Visitor, ask: Ask, tenant: Tenant) -> None:
    user = visitor.user
    login = user.logins[0] if user.logins else ""
    await password.verify(tenant, login, ask.get("current-password") or "", ask.address)
    await users.set_password(tenant, user.id, ask.get("new-password") or "", _actor(visitor, ask))


async def _again(refused: Refused, visitor: Visitor, ask: Ask, tenant: Tenant) -> Answer:
    """The page with what was wrong, where that can be told beside the fields."""
    if refused.reason.slug not in PROBLEMS:
        raise refused
    tenant.audit.refused(tenant.id, refused, **_facts(visitor, ask))
    answer = await shown(visitor, ask, tenant, refused)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


def _actor(visitor: Visitor, ask: Ask) -> Actor:
    return Actor(user=visitor.user.user_id, address=ask.address, correlation=ask.correlation)


def _facts(visitor: Visitor, ask: Ask) -> Mapping[str, str]:
    return {"user": visitor.user.user_id, "address": ask.address, "correlation": ask.correlation}


def _done(what: str, ask: Ask) -> Answer:
    spoken = one(ask.query, "ui_locales") or ""
    told = forms.query(("done", what), ("ui_locales", spoken))
    return forms.redirect(f"{ask.root}{PATH}{told}#{DONE[what]}")
