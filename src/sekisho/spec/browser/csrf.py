"""Forms that only pages of ours can send (RFC 9700 section 4.7): a token of the page, and its origin."""

import hmac
from urllib.parse import urlsplit

from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED

PARAMETER = "csrf"


def token(key: bytes, *bound: str) -> str:
    """What a form carries; it is good for what it is bound to, a secret of the browser among it, only."""
    parts = (f"{len(part)}:{part}" for part in (PARAMETER, *bound))
    return encode(hmac.digest(key, "".join(parts).encode(), "sha256")).decode()


def form_is_of_this_page(ask: Ask, key: bytes, *bound: str) -> None:
    """The token is the one that the page was given."""
    sent = ask.get(PARAMETER) or ""
    if not hmac.compare_digest(sent.encode(), token(key, *bound).encode()):
        raise Refused(FORM_FORGED, debug="the token of the form is missing or another one")


def form_comes_from_here(ask: Ask) -> None:
    """A browser that says where a request comes from names this origin: not a neighbour, not `null`."""
    origin, site = ask.headers.get("origin"), ask.headers.get("sec-fetch-site")
    if origin is not None and origin != origin_of(ask.root):
        seen = contrast("Origin", origin_of(ask.root), origin)
        raise Refused(FORM_FORGED, debug="Origin is not ours", seen=seen)
    if site is not None and site != "same-origin":
        seen = contrast("Sec-Fetch-Site", "same-origin", site)
        raise Refused(FORM_FORGED, debug="Sec-Fetch-Site is not same-origin", seen=seen)


def origin_of(root: str) -> str:
    """The origin of an address of ours (RFC 6454 section 4)."""
    split = urlsplit(root)
    return f"{split.scheme}://{split.netloc}"
