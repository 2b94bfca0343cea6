"""client_secret_basic (RFC 6749 section 2.3.1)."""

import base64
import binascii
from urllib.parse import unquote_plus

from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED
from sekisho.tenant import Tenant


def claim(ask: Ask) -> tuple[str, str] | None:
    """Client id and secret from the Authorization header, each form-urlencoded."""
    scheme, _, credentials = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
        client_id, proof = text.split(":", 1)
        return unquote_plus(client_id, errors="strict"), unquote_plus(proof, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise Refused(CLIENT_AUTH_FAILED, debug="the Basic credentials are malformed") from error


async def prove(proof: str, client: Client, ask: Ask, tenant: Tenant) -> None:
    """The secret is one of the client's live ones."""
    secret.prove(proof, client, tenant.now())
