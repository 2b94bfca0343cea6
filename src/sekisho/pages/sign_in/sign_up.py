"""The sign-up page, where the tenant has one: a new person, their session and the flow begin in one unit."""

from collections.abc import Mapping
from dataclasses import replace

from sekisho.change.actor import Actor
from sekisho.model.user import User
from sekisho.oauth import flows
from sekisho.pages import forms
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import AMR, Attempt
from sekisho.people import sessions
from sekisho.people import sign_up as people
from sekisho.people.factors import password
from sekisho.spec.http import Answer, Ask
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.spec.refusals.people import (
    LOGIN_MALFORMED,
    PASSWORD_WRONG,
    SIGN_IN_LOCKED,
    USER_BLOCKED,
    USER_UNKNOWN,
    WEAK,
)
from sekisho.tenant import Tenant

PAGE = "signup"
# What can be told on the page itself; a weak password is told by its own slug.
PROBLEMS: Mapping[str, str] = {
    LOGIN_MALFORMED.slug: "malformed",
    SIGN_IN_LOCKED.slug: "locked",
    ALREADY_EXISTS.slug: "taken",
    **{reason.slug: reason.slug for reason in WEAK},
}


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The form."""
    people.is_allowed(tenant)
    way = await entrance.way_of(ask, tenant)
    return await _shown(Attempt(entrance.hinted(way, ask)), way, ask, tenant)


async def sign_up(ask: Ask, tenant: Tenant) -> Answer:
    """Address and password: a new person with a session, and on; or the form again."""
    people.is_allowed(tenant)
    way = await entrance.way_of(ask, tenant)
    entrance.is_ours(PAGE, way, ask, tenant)
    try:
        return await _entered(way, ask, tenant)
    except Refused as refused:
        if refused.reason.slug not in PROBLEMS:
            raise
        return await _again(refused, way, ask, tenant)


async def _entered(way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    email, text, began = ask.get("email") or "", ask.get("password") or "", tenant.now()
    client = way.flow.request.client_id if way else None
    actor = Actor(client=client, address=ask.address, correlation=ask.correlation)
    user, steps = await people.begin(tenant, email, text, actor)
    try:
        begun = replace(sessions.begin(user, AMR, ask, tenant, born=began), first=steps)
        return await entrance.enter(begun, way, ask, tenant)
    except Refused as refused:
        if refused.reason is not ALREADY_EXISTS:
            raise
        user = await _known(refused, way, ask, tenant)
    begun = sessions.begin(user, AMR, ask, tenant, born=began)
    # What was faster may have been the same form, sent twice: the flow went on with it.
    return await entrance.enter(begun, await entrance.way_of(ask, tenant), ask, tenant)


async def _known(taken: Refused, way: flows.Way | None, ask: Ask, tenant: Tenant) -> User:
    """The address is somebody's: whoever knows the password, too, is that person, and simply comes in."""
    try:
        return await password.verify(tenant, ask.get("email") or "", ask.get("password") or "", ask.address)
    except Refused as refused:
        if refused.reason not in (PASSWORD_WRONG, USER_UNKNOWN, USER_BLOCKED, SIGN_IN_LOCKED):
            raise
        entrance.remember(refused, way, ask, tenant)
        raise taken from refused


async def _again(refused: Refused, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    entrance.remember(refused, way, ask, tenant)
    tried = entrance.attempt(ask.get("email") or "", refused, PROBLEMS[refused.reason.slug])
    answer = await _shown(tried, way, ask, tenant)
    return forms.with_headers(answer, tuple(refused.headers.items()), refused.reason.status)


async def _shown(tried: Attempt, way: flows.Way | None, ask: Ask, tenant: Tenant) -> Answer:
    context, headers = await entrance.sheet(PAGE, tried, way, ask, tenant)
    more = {"least": least(tenant.policy.password_shortest)}
    return Answer(page=("sign_up", {**context, **more}), headers=headers)
