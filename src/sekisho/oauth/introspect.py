"""Token introspection (RFC 7662), also as a signed answer (RFC 9701)."""

import msgspec

from sekisho import tokens
from sekisho.model.bearer import Bearer
from sekisho.model.client import ANY_API, Client
from sekisho.oauth.authenticate import authenticate
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import chain
from sekisho.spec.http import NO_STORE, Answer, Ask, parameters_are_single
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_MISSING
from sekisho.tenant import Tenant
from sekisho.tokens import access_token

ALGS = ("RS256",)  # what signs the answer: every tenant has it
SIGNED = "application/token-introspection+jwt"
TYPE = "token-introspection+jwt"


async def introspect(ask: Ask, tenant: Tenant) -> Answer:
    """What a token means, for the API that it is for."""
    parameters_are_single(ask.form)
    client = await authenticate(ask, tenant)
    if client.is_public:
        seen = contrast("token_endpoint_auth_method", "any but none", "none")
        debug = "a client without credentials may not look into tokens"
        raise Refused(CLIENT_AUTH_MISSING, debug=debug, seen=seen)
    told = _told(await _meant_for(client, ask.need("token"), tenant))
    if SIGNED not in ask.headers.get("accept", ""):
        return Answer(json=told, headers=NO_STORE)
    return Answer(body=_signed(told, client, ask, tenant), kind=SIGNED, headers=NO_STORE)


async def _meant_for(client: Client, text: str, tenant: Tenant) -> Bearer | None:
    """The bearer, if the client is the API that the token is for; nobody learns why not. Section 2.2."""
    bearer = await tokens.good(text, tenant)
    is_for = bearer and client.resource_server_identifier in (ANY_API, *bearer.audience)
    return bearer if is_for else None


def _told(bearer: Bearer | None) -> dict[str, object]:
    if bearer is None:
        return {"active": False}
    return {
        "active": True,
        "iss": bearer.issuer,
        "sub": bearer.subject,
        "aud": bearer.audience[0] if len(bearer.audience) == 1 else list(bearer.audience),
        "client_id": bearer.client_id,
        "scope": scope.text(bearer.scopes),
        "token_type": "Bearer",
        "iat": int(bearer.issued_at),
        "exp": int(bearer.expires_at),
        "jti": bearer.jti,
        # RFC 9470 section 6.2.
        **access_token.authentication(bearer.sign_in),
        # RFC 8693 section 4.1.
        **({"act": chain.said(bearer.actors)} if bearer.actors else {}),
    }


def _signed(told: dict[str, object], client: Client, ask: Ask, tenant: Tenant) -> bytes:
    """The same as a JWT for this client, without `exp` and `sub`: no access token. RFC 9701 section 5."""
    claims = {
        "iss": tenant.issuer(ask),
        "aud": client.client_id,
        "iat": int(tenant.now()),
        "token_introspection": told,
    }
    return tenant.keys.signer("tokens", ALGS[0]).sign(msgspec.json.encode(claims), TYPE).encode()
