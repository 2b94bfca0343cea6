"""GET /v2/logout: Auth0's own way to sign out, without a question."""

from msgspec.structs import replace

from sekisho.oauth import logout as core
from sekisho.people import sessions
from sekisho.spec.browser.csrf import is_a_visit
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.tenant import Tenant

# It says that nobody is signed in, and can be loaded again.
SIGNED_OUT = "/oidc/logout"


async def end(ask: Ask, tenant: Tenant) -> Answer:
    """The session ends; then to an allowed address, or to our own page. Other parameters say nothing."""
    is_a_visit(ask)
    target = await core.way_out(one(ask.query, "returnTo"), one(ask.query, "client_id"), tenant)
    there, gone = target or f"{ask.root}{SIGNED_OUT}", sessions.forgotten(ask, tenant)
    if session := await sessions.current(ask, tenant):
        told = await core.farewells(session, ask, tenant)
        await core.leave(session, ask, tenant)
        if told:
            answer = core.parting(told, there)
            return replace(answer, headers=(*answer.headers, gone))
    return Answer(status=302, headers=(("location", there), *NO_STORE, gone))
