"""GET and POST /mfa/setup: an app is linked to the account, and counts once it showed a code."""

from collections.abc import Mapping

from sekisho.pages import forms
from sekisho.pages.account.page import RECENT
from sekisho.pages.second_factor import visit as visits
from sekisho.pages.second_factor.picture import picture
from sekisho.pages.second_factor.visit import PATH, SETUP, Visit
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import Attempt
from sekisho.people.factors import totp
from sekisho.people.second_factor import enrolment
from sekisho.people.second_factor.enrolment import Setup
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import FACTOR_BEGUN_ELSEWHERE, FACTOR_WRONG
from sekisho.spec.refusals.people import SIGN_IN_LOCKED
from sekisho.tenant import Tenant

PAGE = "mfa_setup"
PROBLEMS: Mapping[str, str] = {
    FACTOR_WRONG.slug: "wrong",
    SIGN_IN_LOCKED.slug: "locked",
    FACTOR_BEGUN_ELSEWHERE.slug: "over",
}
PART = 4


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The picture for the app, and the field for its first code."""
    visit = await _here(ask, tenant)
    if isinstance(visit, Answer):
        return visit
    setup = enrolment.begin(tenant, visit.user, visit.session.id)
    return await _shown(Attempt(), setup, visit, ask, tenant)


async def confirm(ask: Ask, tenant: Tenant) -> Answer:
    """A code of the app: it counts from now on. The recovery codes are shown, this once."""
    visit = await _here(ask, tenant)
    if isinstance(visit, Answer):
        return visit
    entrance.is_ours(PAGE, visit.way, ask, tenant)
    try:
        setup = enrolment.again(tenant, visit.user, visit.session.id, ask.get("begun") or "")
        return await _confirmed(setup, visit, ask, tenant)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        return await _again(refused, visit, ask, tenant)


async def _here(ask: Ask, tenant: Tenant) -> Visit | Answer:
    """Who is not here, has one already, or signed in too long ago for this, goes elsewhere first."""
    visit = await visits.found(ask, tenant)
    if visit is None:
        return await visits.elsewhere(ask, tenant)
    if visit.user.has_second_factor or (visit.way and not visit.is_owed(tenant)):
        return visits.at(ask, PATH)
    if tenant.now() - visit.session.auth_time > RECENT:
        onward = visits.at(ask, "/login")
        return onward if visit.way else forms.to_sign_in(ask, SETUP + visits.kept(ask))
    return visit


async def _confirmed(setup: Setup, visit: Visit, ask: Ask, tenant: Tenant) -> Answer:
    enrolled = await enrolment.confirm(
        tenant, visit.user, setup.secret, ask.get("code") or "", visits.actor(visit, ask)
    )
    entered = await visits.enter(visit, enrolled.proof, ask, tenant)
    context, _ = await visits.sheet(PAGE, Attempt(), visit, ask, tenant)
    more = {"codes": enrolled.codes, "next": dict(entered.headers)["location"]}
    cookies = tuple(pair for pair in entered.headers if pair[0] == "set-cookie")
    return Answer(page=("recovery_codes", {**context, **more}), headers=(*NO_STORE, *cookies))


async def _again(refused: Refused, visit: Visit, ask: Ask, tenant: Tenant) -> Answer:
    """The same picture; another one where it was begun too long ago."""
    entrance.remember(refused, visit.way, ask, tenant)
    tried = entrance.attempt("", refused, PROBLEMS[refused.reason.slug])
    if refused.reason is FACTOR_BEGUN_ELSEWHERE:
        setup = enrolment.begin(tenant, visit.user, visit.session.id)
    else:
        setup = enrolment.again(tenant, visit.user, visit.session.id, ask.get("begun") or "")
    answer = await _shown(tried, setup, visit, ask, tenant)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _shown(tried: Attempt, setup: Setup, visit: Visit, ask: Ask, tenant: Tenant) -> Answer:
    context, headers = await visits.sheet(PAGE, tried, visit, ask, tenant)
    more = {
        "begun": setup.text,
        "picture": picture(setup.address),
        "address": setup.address,
        "secret": " ".join(setup.secret[at : at + PART] for at in range(0, totp.CHARACTERS, PART)),
        "is_wanted": visit.is_owed(tenant),
        "not_you": f"/login{visits.kept(ask)}",
        "back": visits.next_address(visit, ask),
    }
    return Answer(page=("second_factor_setup", {**context, **more}), headers=(*NO_STORE, *headers))
