"""In the query of the redirect URI, which keeps what it has (RFC 6749 section 4.1.2)."""

from urllib.parse import urlencode

from sekisho.spec.http import NO_STORE, Answer, Pairs


def deliver(params: Pairs, redirect_uri: str, status: int) -> Answer:
    """A redirect."""
    separator = "&" if "?" in redirect_uri else "?"
    return Answer(
        status=status, headers=(("location", f"{redirect_uri}{separator}{urlencode(params)}"), *NO_STORE)
    )
