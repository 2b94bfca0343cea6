"""The two endpoints that give a token: one in the address of a page, one to the page itself."""

from collections.abc import Awaitable, Callable

from sekisho.faces.power_pages import visit
from sekisho.faces.power_pages.says import in_words_of
from sekisho.model.user import User
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.portal import request as rules
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KIND = "application/jwt"
Gives = Callable[[User, Ask, Tenant], Awaitable[Answer]]


async def authorize(ask: Ask, tenant: Tenant) -> Answer:
    """GET /_services/auth/authorize: the token travels in the fragment of a registered page."""
    await visit.is_on(tenant, setting.AUTHORIZE)
    return await _to_whoever_visits(ask, tenant, _redirected)


async def token(ask: Ask, tenant: Tenant) -> Answer:
    """GET and POST /_services/auth/token: the token is the body, what goes with it is in headers."""
    await visit.is_on(tenant, "" if ask.method == "POST" else setting.TOKEN_BY_GET)
    return await _to_whoever_visits(ask, tenant, _handed)


async def _to_whoever_visits(ask: Ask, tenant: Tenant, gives: Gives) -> Answer:
    """Somebody has to be signed in before anything is said of the request."""
    user = await visit.visitor(ask, tenant)
    if user is None:
        return visit.to_sign_in(ask)
    try:
        return await gives(user, ask, tenant)
    except Refused as refused:
        raise in_words_of(refused, user, tenant) from None


async def _redirected(user: User, ask: Ask, tenant: Tenant) -> Answer:
    request = rules.read(ask.query)
    await visit.held(request, tenant, redirects=True)
    given = await visit.given(request, user, ask, tenant)
    told = f"token={given.text}&expires_in={given.lifetime}"
    if request.state is not None:
        told += f"&state={rules.literal(request.state)}"
    return Answer(status=302, headers=(("location", f"{request.redirect_uri}#{told}"), *NO_STORE))


async def _handed(user: User, ask: Ask, tenant: Tenant) -> Answer:
    request = rules.read((*ask.query, *ask.form))
    await visit.held(request, tenant, redirects=False)
    rules.state_fits_a_header(request)
    given = await visit.given(request, user, ask, tenant)
    state = () if request.state is None else (("state", request.state),)
    headers = (("expires_in", str(given.lifetime)), *state, *NO_STORE)
    return Answer(body=given.text.encode("ascii"), kind=KIND, headers=headers)
