"""client_secret_post (RFC 6749 section 2.3.1)."""

from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant


def claim(ask: Ask) -> tuple[str, str] | None:
    """Client id and secret from the body; never from the query."""
    proof = ask.get("client_secret")
    # Auth0's Python SDK sends this word along when it pushes a request with an assertion.
    if proof is None or (proof == "None" and ask.get("client_assertion")):
        return None
    return ask.need("client_id"), proof


async def prove(proof: str, client: Client, ask: Ask, tenant: Tenant) -> None:
    """The secret is one of the client's live ones."""
    secret.prove(proof, client, tenant.now())
