"""GET and POST /mfa: somebody who signed in shows a code of their app, or one that they wrote down."""

from collections.abc import Mapping

from sekisho.pages import forms
from sekisho.pages.second_factor import visit as visits
from sekisho.pages.second_factor.visit import PATH, SETUP, Visit
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import Attempt
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import proving
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import FACTOR_REPLAYED, FACTOR_WRONG, RECOVERY_WRONG
from sekisho.spec.refusals.people import SIGN_IN_LOCKED
from sekisho.tenant import Tenant

PAGE = "mfa"
# Of the address: the person has no app at hand.
WAY = "way"
PROBLEMS: Mapping[str, str] = {
    FACTOR_WRONG.slug: "wrong",
    FACTOR_REPLAYED.slug: "used",
    RECOVERY_WRONG.slug: "wrong",
    SIGN_IN_LOCKED.slug: "locked",
}


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The form, for whoever owes something; who has nothing to show sets it up first."""
    visit = await visits.found(ask, tenant)
    if visit is None:
        return await visits.elsewhere(ask, tenant)
    if not visit.is_owed(tenant):
        return forms.redirect(visits.next_address(visit, ask))
    if not visit.user.has_second_factor:
        return visits.at(ask, SETUP)
    return await _shown(Attempt(), visit, ask, tenant)


async def verify(ask: Ask, tenant: Tenant) -> Answer:
    """The code: a new session, and on; or the form again."""
    visit = await visits.found(ask, tenant)
    if visit is None:
        return await visits.elsewhere(ask, tenant)
    if not visit.is_owed(tenant):
        # The same form, sent twice.
        return forms.redirect(visits.next_address(visit, ask))
    entrance.is_ours(PAGE, visit.way, ask, tenant)
    by = visits.actor(visit, ask)
    try:
        proof = await proving.prove(tenant, visit.user, _kind(ask), ask.get("code") or "", by)
        return await visits.enter(visit, proof, ask, tenant)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        return await _again(refused, visit, ask, tenant)


async def _again(refused: Refused, visit: Visit, ask: Ask, tenant: Tenant) -> Answer:
    entrance.remember(refused, visit.way, ask, tenant)
    tried = entrance.attempt("", refused, PROBLEMS[refused.reason.slug])
    answer = await _shown(tried, visit, ask, tenant)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _shown(tried: Attempt, visit: Visit, ask: Ask, tenant: Tenant) -> Answer:
    context, headers = await visits.sheet(PAGE, tried, visit, ask, tenant)
    other = "" if _kind(ask) == recovery.KIND else recovery.KIND
    more = {
        "kind": _kind(ask),
        "other": f"{PATH}{visits.kept(ask, (WAY, other))}",
        "not_you": f"/login{visits.kept(ask)}",
    }
    return Answer(page=("second_factor", {**context, **more}), headers=headers)


def _kind(ask: Ask) -> str:
    return recovery.KIND if one(ask.query, WAY) == recovery.KIND else totp.KIND
