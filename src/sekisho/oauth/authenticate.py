"""Who is the client? Exactly one method per request (RFC 6749 section 2.3)."""

from sekisho.model.client import Client
from sekisho.oauth.client_auth import METHODS
from sekisho.spec.http import Ask
from sekisho.spec.refusal import (
    CLIENT_AUTH_AMBIGUOUS,
    CLIENT_AUTH_FAILED,
    CLIENT_AUTH_METHOD,
    CLIENT_AUTH_MISSING,
    CLIENT_DISABLED,
    Refused,
)
from sekisho.tenant import Tenant

LONGEST_ID = 512


async def authenticate(ask: Ask, tenant: Tenant) -> Client:
    """The client that proved to be itself."""
    name, client_id, proof = _claimed(ask)
    if len(client_id) > LONGEST_ID or "\0" in client_id:
        raise Refused(CLIENT_AUTH_FAILED, debug="the client id is malformed")
    client = await tenant.known.named(Client, tenant.id, client_id)
    if client is None:
        raise Refused(CLIENT_AUTH_FAILED, debug="there is no such client")
    _method_is_registered(name, client)
    METHODS[name].prove(proof, client, tenant.now())
    if not client.enabled:
        raise Refused(CLIENT_DISABLED, debug="the client is disabled")
    return client


def _claimed(ask: Ask) -> tuple[str, str, str]:
    claims = [(name, *claim) for name, method in METHODS.items() if (claim := method.claim(ask))]
    if len(claims) > 1:
        raise Refused(CLIENT_AUTH_AMBIGUOUS, debug=" and ".join(name for name, *_ in claims))
    if not claims:
        raise Refused(CLIENT_AUTH_MISSING)
    name, client_id, proof = claims[0]
    if ask.get("client_id") not in (None, client_id):
        raise Refused(CLIENT_AUTH_AMBIGUOUS, debug="client_id in the body names another client")
    return name, client_id, proof


def _method_is_registered(name: str, client: Client) -> None:
    """A client with a secret may send it in either place, as Auth0's do; anything else is as registered."""
    if (name == "none") != client.is_public:
        raise Refused(
            CLIENT_AUTH_METHOD, debug=f"{name} was used, {client.token_endpoint_auth_method} is registered"
        )
