"""Signing out: at once where a client proves that it knows the session, otherwise after a question."""

from msgspec.structs import replace

from sekisho.oauth.logout import Leaving, farewells, leave, leaving, parting
from sekisho.pages import forms
from sekisho.pages.caller import caller
from sekisho.pages.face import face
from sekisho.people import sessions
from sekisho.spec import redirect_uri
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant

PAGE = "account"  # which has this button, too


async def logout(ask: Ask, tenant: Tenant) -> Answer:
    """The end session endpoint. OpenID Connect RP-Initiated Logout 1.0 section 2."""
    who = await leaving(ask, tenant)
    if who.session is None and not (who.is_proved and who.goes_to):
        return _signed_out(who, ask, tenant)
    if who.is_proved:
        return await _left(who, ask, tenant)
    return await _question(who, ask, tenant)


async def decide(ask: Ask, tenant: Tenant) -> Answer:
    """The person's own word, which only the page of ours can bring."""
    forms.is_of_browser(PAGE, ask, tenant)
    who = await leaving(ask, tenant)
    if ask.get("decision") != "confirm":
        return forms.redirect(f"{ask.root}/account")
    return await _left(who, ask, tenant)


async def _left(who: Leaving, ask: Ask, tenant: Tenant) -> Answer:
    if who.session is not None:
        told = await farewells(who.session, ask, tenant)
        await leave(who.session, ask, tenant)
        if told:
            return _signed_out(who, ask, tenant, told)
    # Where there is nowhere to go: to the page that says so, which can be loaded again.
    return forms.redirect(who.goes_to or _here(ask), (sessions.forgotten(ask, tenant),))


def _here(ask: Ask) -> str:
    spoken = one(ask.query, "ui_locales") or one(ask.form, "ui_locales")
    return f"{ask.root}/oidc/logout" + forms.query(("ui_locales", spoken or ""))


async def _question(who: Leaving, ask: Ask, tenant: Tenant) -> Answer:
    assert who.session is not None  # noqa: S101 - for the types: nobody else is asked
    seen, form = face(await sessions.person(who.session, tenant)), forms.of_browser(PAGE, ask, tenant)
    told = {"client_id": who.client.client_id if who.client else "", "post_logout_redirect_uri": who.uri}
    spoken = one(ask.query, "ui_locales") or one(ask.form, "ui_locales")
    kept = {**told, "state": who.state, "ui_locales": spoken}
    context = {
        "face": seen,
        "since": who.session.auth_time,
        "csrf": form.token,
        "kept": {name: value for name, value in kept.items() if value},
        "leads_to": redirect_uri.target(who.uri) if who.uri else "",
        "locale": seen.locale,
    }
    return Answer(page=("sign_out", context), headers=form.headers)


def _signed_out(who: Leaving, ask: Ask, tenant: Tenant, frames: tuple[str, ...] = ()) -> Answer:
    back = caller(who.client, who.uri) if who.client and who.uri else None
    answer = parting(frames, who.goes_to, back)
    return replace(answer, headers=(*answer.headers, sessions.forgotten(ask, tenant)))
