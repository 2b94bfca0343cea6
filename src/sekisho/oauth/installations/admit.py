"""May this token come in? What a protected API asks before it answers (RFC 6750 section 3.1)."""

from dataclasses import dataclass

from sekisho import tokens
from sekisho.model.api import PROTECTED
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE
from sekisho.spec.refusals.registration import TOKEN_CHANNEL, TOKEN_CLIENT_GONE
from sekisho.tenant import Tenant
from sekisho.tokens import standing


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who comes in, and on behalf of which application."""

    bearer: Bearer
    client: Client
    application: RegisteredApplication


async def admit(text: str, scope: str, channel: str, tenant: Tenant) -> Admitted:
    """The token, its client and its statement are good now; it covers the scope and the service provider.

    An empty scope or channel asks for none.
    """
    bearer = await tokens.read(text, tenant)
    # First, because nothing about its client makes somebody else's token good here.
    if PROTECTED not in bearer.audience:
        came = " ".join(bearer.audience)
        seen = contrast("aud", PROTECTED, came)
        raise Refused(TOKEN_AUDIENCE, words={"audience": came[:200]}, seen=seen)
    await tokens.lives(bearer, tenant)
    client = await tenant.known.named(Client, tenant.id, bearer.client_id)
    application = (
        client and client.registration and await standing.application_of(client.registration, tenant)
    )
    if not client or not application:
        raise Refused(TOKEN_CLIENT_GONE, debug="the token is not of an installation that stands")
    if scope and scope not in bearer.scopes:
        seen = contrast("scope", scope, " ".join(bearer.scopes))
        raise Refused(SCOPE_INSUFFICIENT, words={"scopes": scope}, seen=seen)
    if channel and not application.covers(channel):
        seen = contrast("service_provider", " ".join(application.channels), channel)
        raise Refused(TOKEN_CHANNEL, debug=f"the application does not cover {channel[:64]}", seen=seen)
    return Admitted(bearer, client, application)
