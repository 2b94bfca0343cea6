"""The method of public clients: they only say who they are (RFC 6749 section 3.2.1)."""

from sekisho.model.client import Client
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_METHOD
from sekisho.tenant import Tenant

_PROOFS = ("client_secret", "client_assertion", "client_assertion_type")


def claim(ask: Ask) -> tuple[str, str] | None:
    """A client id and no proof of any kind."""
    if "authorization" in ask.headers or any(map(ask.get, _PROOFS)):
        return None
    client_id = ask.get("client_id")
    return None if client_id is None else (client_id, "")


async def prove(proof: str, client: Client, ask: Ask, tenant: Tenant) -> None:
    """Only a client without credentials may come without one."""
    if not client.is_public:
        seen = contrast("token_endpoint_auth_method", client.token_endpoint_auth_method, "none")
        raise Refused(CLIENT_AUTH_METHOD, debug="the client has credentials and did not use them", seen=seen)
