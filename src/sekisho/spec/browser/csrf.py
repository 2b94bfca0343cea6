"""Forms that only pages of ours can send (RFC 9700 section 4.7): a token of the page, and its origin."""

import hmac
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from sekisho.spec.contrast import contrast, nearest
from sekisho.spec.http import Ask
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED, SIGN_OUT_EMBEDDED
from sekisho.spec.refusals.people import ORIGIN_UNLISTED

PARAMETER = "csrf"
# What browsers say of a request whose answer fills the window (Fetch Metadata section 2.1).
VISIT = "document"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,253}")


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


def page_may_ask(origin: str, named: Collection[str]) -> None:
    """A browser says that the request is of a page of one of these origins, letter for letter."""
    if origin not in named:
        shown = origin if _ORIGIN.fullmatch(origin) else "unknown"
        seen = contrast("web_origins", nearest(origin, named) or "the origin of the page", origin)
        raise Refused(ORIGIN_UNLISTED, words={"origin": shown}, seen=seen)


def is_a_visit(ask: Ask) -> None:
    """A browser shows the answer in its window: no picture, frame or script of another page asks for it."""
    within = ask.headers.get("sec-fetch-dest", VISIT)
    if within != VISIT:
        raise Refused(SIGN_OUT_EMBEDDED, seen=contrast("Sec-Fetch-Dest", VISIT, within))


def origin_of(root: str) -> str:
    """The origin of an address of ours (RFC 6454 section 4)."""
    split = urlsplit(root)
    return f"{split.scheme}://{split.netloc}"
