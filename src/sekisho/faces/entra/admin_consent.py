"""GET /{tenant}/v2.0/adminconsent, and its older twin: an administrator agrees for everybody."""

from dataclasses import replace

from msgspec import structs

from sekisho.faces.entra.place import tenant_of_path
from sekisho.oauth import answers, flows
from sekisho.oauth.asked import Asked, asked
from sekisho.oauth.flow import Agree, Login
from sekisho.oauth.wishes import wish
from sekisho.people import sessions
from sekisho.spec.authorization import ADMIN_CONSENT, AuthorizationRequest, WireDialect, read
from sekisho.spec.contrast import absent
from sekisho.spec.http import Answer, Ask, Pairs, parameters_are_single
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.tenant import Tenant

# What is read of the address; nothing else of an authorization request means something here.
KNOWN = frozenset(("client_id", "redirect_uri", "state", "login_hint", "ui_locales"))


async def admin_consent(ask: Ask, tenant: Tenant) -> Answer:
    """The newer one: scopes say what is asked for. Contract section 8.4."""
    return await _asked(_known(ask, "scope"), "entra_v2", ask, tenant)


async def older(ask: Ask, tenant: Tenant) -> Answer:
    """The older one: all that the application says that it needs."""
    return await _asked(_known(ask), "entra_v1", ask, tenant)


def _known(ask: Ask, *more: str) -> Pairs:
    return tuple(pair for pair in ask.query if pair[0] in (*KNOWN, *more))


async def _asked(pairs: Pairs, dialect: WireDialect, ask: Ask, tenant: Tenant) -> Answer:
    tenant_of_path(ask, tenant)
    told = replace(await asked(pairs, tenant, dialect), is_for_everybody=True)
    try:
        return await _begun(_request(told), told, ask, tenant)
    except Refused as refused:
        return answers.refusal(refused, told, ask, tenant)


def _request(told: Asked) -> AuthorizationRequest:
    """Whatever was agreed to before, it is asked: who comes here wants to see the question."""
    parameters_are_single(told.pairs)
    request = read(told.pairs, told.redirect_uri, redirect_sent=told.redirect_sent)
    if told.dialect == "entra_v2" and not request.scopes:
        raise Refused(MISSING_PARAMETER, words={"name": "scope"}, seen=absent("scope"))
    return structs.replace(
        request,
        response_type=ADMIN_CONSENT,
        response_mode="query",
        prompt=("consent",),
        dialect=told.dialect,
    )


async def _begun(request: AuthorizationRequest, told: Asked, ask: Ask, tenant: Tenant) -> Answer:
    """All that is named is there; then to the page, by way of the sign-in page where nobody is signed in."""
    session = await sessions.current(ask, tenant)
    wanted = await wish(request, told.client, session, tenant)
    where = Agree(wanted.needs) if session else Login()
    return await flows.begin(request, where, told, ask, tenant)
