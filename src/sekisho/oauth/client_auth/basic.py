"""client_secret_basic (RFC 6749 section 2.3.1)."""

import base64
import binascii
from urllib.parse import unquote_plus

from sekisho.spec.http import Ask
from sekisho.spec.refusal import CLIENT_AUTH_FAILED, Refused


def claim(ask: Ask) -> tuple[str, str] | None:
    """Client id and secret from the Authorization header, each form-urlencoded."""
    scheme, _, credentials = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
        client_id, secret = text.split(":", 1)
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise Refused(CLIENT_AUTH_FAILED, debug="the Basic credentials are malformed") from error
