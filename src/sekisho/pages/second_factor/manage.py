"""GET and POST /account/second-factor: off again, or other recovery codes. What is there is shown first."""

from collections.abc import Mapping

from sekisho.change.actor import Actor
from sekisho.pages import forms
from sekisho.pages.account.page import SECURITY, Visitor, entered_first, visitor_of
from sekisho.pages.face import face
from sekisho.pages.second_factor import visit as visits
from sekisho.pages.second_factor.visit import SETUP
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import Attempt
from sekisho.people.second_factor import proving, removal
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED
from sekisho.spec.refusals.factors import FACTOR_REPLAYED, FACTOR_WRONG, RECOVERY_WRONG
from sekisho.spec.refusals.people import SIGN_IN_LOCKED
from sekisho.tenant import Tenant

PAGE, PATH = "second_factor", "/account/second-factor"
PROBLEMS: Mapping[str, str] = {
    FACTOR_WRONG.slug: "wrong",
    FACTOR_REPLAYED.slug: "used",
    RECOVERY_WRONG.slug: "wrong",
    SIGN_IN_LOCKED.slug: "locked",
}


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """What can be done with it; who has none sets one up."""
    visitor = await visitor_of(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant)
    if not visitor.user.has_second_factor:
        return visits.at(ask, SETUP)
    return _shown(Attempt(), visitor, ask, tenant)


async def decide(ask: Ask, tenant: Tenant) -> Answer:
    """A code, and what it is for; or the form again."""
    visitor = await visitor_of(ask, tenant)
    if visitor is None:
        return await entered_first(ask, tenant)
    forms.is_of_browser(PAGE, ask, tenant)
    try:
        return await _done(visitor, ask, tenant)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        entrance.remember(refused, None, ask, tenant)
        tried = entrance.attempt("", refused, PROBLEMS[refused.reason.slug])
        answer = _shown(tried, visitor, ask, tenant)
        return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _done(visitor: Visitor, ask: Ask, tenant: Tenant) -> Answer:
    by = Actor(user=visitor.user.user_id, address=ask.address, correlation=ask.correlation)
    deed, text = ask.get("deed"), ask.get("code") or ""
    if deed not in ("remove", "renew"):
        raise Refused(FORM_FORGED, debug="the form says neither")
    kind = proving.kind_of(text)
    await proving.spend(tenant, await proving.prove(tenant, visitor.user, kind, text, by))
    if deed == "remove":
        await removal.remove(tenant, visitor.user.id, by)
        return forms.redirect(_back(ask, "second_factor_removed"))
    codes = await removal.renew(tenant, visitor.user.id, by)
    context = {"codes": codes, "next": _back(ask), "locale": visitor.user.locale}
    return Answer(page=("recovery_codes", context), headers=NO_STORE)


def _shown(tried: Attempt, visitor: Visitor, ask: Ask, tenant: Tenant) -> Answer:
    form, who = forms.of_browser(PAGE, ask, tenant), face(visitor.user)
    context = {
        "attempt": tried,
        "csrf": form.token,
        "back": _back(ask),
        "face": who,
        "locale": who.locale,
    }
    return Answer(page=("second_factor_manage", context), headers=form.headers)


def _back(ask: Ask, done: str = "") -> str:
    spoken = one(ask.query, "ui_locales") or ""
    path, _, part = SECURITY.partition("#")
    return f"{ask.root}{path}{forms.query(('done', done), ('ui_locales', spoken))}#{part}"
