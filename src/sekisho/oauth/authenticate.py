"""Who is the client? Exactly one method per request (RFC 6749 section 2.3)."""

from sekisho.model.client import Client
from sekisho.oauth.client_auth import METHODS
from sekisho.oauth.issuers import federated
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import (
    CLIENT_AUTH_AMBIGUOUS,
    CLIENT_AUTH_FAILED,
    CLIENT_AUTH_METHOD,
    CLIENT_AUTH_MISSING,
    CLIENT_DISABLED,
)
from sekisho.spec.refusals.registration import REGISTRATION_ENDED
from sekisho.tenant import Tenant
from sekisho.tokens import standing

LONGEST_ID = 512
# By this method comes what an issuer elsewhere says of a client, too.
SIGNED = "private_key_jwt"
PARAMETER = "token_endpoint_auth_method"
SECRETS = frozenset(("client_secret_basic", "client_secret_post"))


async def authenticate(ask: Ask, tenant: Tenant) -> Client:
    """The client that proved to be itself."""
    name, client_id, proof = _claimed(ask)
    if len(client_id) > LONGEST_ID or "\0" in client_id:
        raise Refused(CLIENT_AUTH_FAILED, debug="the client id is malformed")
    client = await tenant.known.named(Client, tenant.id, client_id)
    if client is None:
        raise Refused(CLIENT_AUTH_FAILED, debug="there is no such client")
    if name != SIGNED or not federated.vouches(proof, client):
        _method_is_registered(name, client)
    await METHODS[name].prove(proof, client, ask, tenant)
    if not client.enabled:
        seen = contrast("enabled", "true", "false")
        raise Refused(CLIENT_DISABLED, debug="the client is disabled", seen=seen)
    if client.registration and await standing.application_of(client.registration, tenant) is None:
        raise Refused(REGISTRATION_ENDED, debug="its software statement or application was revoked")
    return client


def named(ask: Ask) -> str | None:
    """Who somebody says to be; None where that cannot be made out."""
    try:
        return _claimed(ask)[1]
    except Refused:
        return None


def _claimed(ask: Ask) -> tuple[str, str, str]:
    found: tuple[str, str, str] | None = None
    for name, method in METHODS.items():
        if claim := method.claim(ask):
            if found:
                seen = contrast(PARAMETER, "one method", f"{found[0]} {name}")
                raise Refused(CLIENT_AUTH_AMBIGUOUS, debug=f"{found[0]} and {name}", seen=seen)
            found = (name, *claim)
    if found is None:
        raise Refused(CLIENT_AUTH_MISSING)
    if ask.get("client_id") not in (None, found[1]):
        # What names no client may be a secret in the wrong place: neither name is taken down.
        seen = contrast("client_id", "the same name as in the proof", "another one")
        raise Refused(CLIENT_AUTH_AMBIGUOUS, debug="client_id in the body names another client", seen=seen)
    return found


def _method_is_registered(name: str, client: Client) -> None:
    """It is the registered one; a secret may come in either place, as Auth0's do. RFC 7591 section 2."""
    if name == client.token_endpoint_auth_method:
        return
    registered = client.authentication_methods
    if name not in registered and (name not in SECRETS or SECRETS.isdisjoint(registered)):
        debug = f"{name} was used, {' and '.join(registered)} is registered"
        seen = contrast(PARAMETER, " ".join(registered), name)
        raise Refused(CLIENT_AUTH_METHOD, debug=debug, seen=seen)
