"""client_secret_post (RFC 6749 section 2.3.1)."""

from sekisho.spec.http import Ask


def claim(ask: Ask) -> tuple[str, str] | None:
    """Client id and secret from the body; never from the query."""
    secret = ask.get("client_secret")
    return (ask.need("client_id"), secret) if secret is not None else None
