"""The sign-in page: inside a flow it leads back into it, otherwise to a path of ours."""

from collections.abc import Mapping

from sekisho.oauth import flows
from sekisho.pages import forms
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import AMR, Attempt
from sekisho.pages.sign_in.reset import PAGE as RESET
from sekisho.people import sessions
from sekisho.people.factors import password
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_WRONG, SIGN_IN_LOCKED, USER_BLOCKED, USER_UNKNOWN
from sekisho.tenant import Tenant

PAGE = "login"
# What can be told on the page itself. Who does not know the password learns nothing from it.
PROBLEMS: Mapping[str, str] = {
    USER_UNKNOWN.slug: "wrong",
    PASSWORD_WRONG.slug: "wrong",
    SIGN_IN_LOCKED.slug: "locked",
    USER_BLOCKED.slug: "blocked",
}


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The form."""
    way = await entrance.way_of(ask, tenant)
    return await _shown(Attempt(entrance.hinted(way, ask)), way, ask, tenant)


async def sign_in(ask: Ask, tenant: Tenant) -> Answer:
    """Name and password: a new session, and on; or the form again."""
    way = await entrance.way_of(ask, tenant)
    entrance.is_ours(PAGE, way, ask, tenant)
    name, secret, began = ask.get("username") or "", ask.get("password") or "", tenant.now()
    try:
        user = await password.verify(tenant, name, secret, ask.address)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        return await _again(refused, way, ask, tenant)
    return await entrance.enter(sessions.begin(user, AMR, ask, tenant, born=began), way, ask, tenant)


async def _again(refused: Refused, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    entrance.remember(refused, way, ask, tenant)
    tried = entrance.attempt(ask.get("username") or "", refused, PROBLEMS[refused.reason.slug])
    answer = await _shown(tried, way, ask, tenant)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _shown(tried: Attempt, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    context, headers = await entrance.sheet(PAGE, tried, way, ask, tenant)
    is_reset = one(ask.query, "done") == RESET
    return Answer(page=("sign_in", {**context, "is_reset": is_reset}), headers=headers)
