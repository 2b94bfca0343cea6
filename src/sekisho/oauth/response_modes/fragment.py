"""In the fragment of the redirect URI (OAuth 2.0 Multiple Response Types section 2.1)."""

from urllib.parse import urlencode

from sekisho.spec.http import NO_STORE, Answer, Pairs


def deliver(params: Pairs, redirect_uri: str, status: int) -> Answer:
    """A redirect."""
    return Answer(status=status, headers=(("location", f"{redirect_uri}#{urlencode(params)}"), *NO_STORE))
