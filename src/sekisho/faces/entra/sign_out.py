"""GET and POST /{t}/oauth2/v2.0/logout: signing out as Entra has it, without a question."""

from msgspec.structs import replace

from sekisho.faces.entra.place import tenant_of_path
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth import logout as core
from sekisho.oauth.asked import LONGEST_ID
from sekisho.people import sessions
from sekisho.spec.browser.csrf import is_a_visit
from sekisho.spec.entra import reply
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

# It says that nobody is signed in, and can be loaded again.
SIGNED_OUT = "/oidc/logout"


async def end(ask: Ask, tenant: Tenant) -> Answer:
    """The session ends; then to a registered address, or to our own page."""
    tenant_of_path(ask, tenant)
    is_a_visit(ask)
    pairs = ask.form if ask.method == "POST" else ask.query
    session = await sessions.current(ask, tenant)
    uri = await _way_out(pairs, session, tenant)
    there = core.with_state(uri, one(pairs, "state")) if uri else f"{ask.root}{SIGNED_OUT}"
    gone = sessions.forgotten(ask, tenant)
    if session:
        told = await core.farewells(session, ask, tenant)
        await core.leave(session, ask, tenant)
        if told:
            answer = core.parting(told, there)
            return replace(answer, headers=(*answer.headers, gone))
    return Answer(status=302, headers=(("location", there), *NO_STORE, gone))


async def _way_out(pairs: Pairs, session: Session | None, tenant: Tenant) -> str:
    """An address that was sent, if it is one of the application's; nowhere, if empty."""
    sent = one(pairs, "post_logout_redirect_uri")
    if sent is None:
        return ""
    for client_id in _named(pairs, session, tenant):
        client = await tenant.known.named(Client, tenant.id, client_id)
        if client and client.enabled and reply.is_one_of(sent, _addresses(client)):
            return sent
    return ""


def _named(pairs: Pairs, session: Session | None, tenant: Tenant) -> tuple[str, ...]:
    """Which application asks: by an ID token of ours, by its name, or else any that the session knows.

    Libraries for browsers say neither. Whoever shows a forged token is led nowhere.
    """
    hint, client_id = one(pairs, "id_token_hint"), one(pairs, "client_id")
    if hint is not None:
        audience = _audience(hint, tenant)
        return (audience,) if audience and client_id in (None, audience) else ()
    if client_id is not None:
        return (client_id,) if len(client_id) <= LONGEST_ID and "\0" not in client_id else ()
    return tuple(session.clients) if session else ()


def _audience(text: str, tenant: Tenant) -> str:
    """The client of an ID token of ours, whether or not it has expired; empty where it is none."""
    try:
        return id_token.hinted(text, tenant)[1]
    except Refused:
        return ""


def _addresses(client: Client) -> tuple[str, ...]:
    return (*(reply.url for reply in client.reply_urls), *client.allowed_logout_urls)
