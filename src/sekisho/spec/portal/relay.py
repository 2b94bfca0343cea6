"""Which headers a portal's pages and their server say to each other through us (RFC 9110 section 7.6)."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from sekisho.spec.http import Pairs

Headers = Sequence[tuple[bytes, bytes]]

OURS = "sekisho-"  # every cookie of ours has it in its name
VIA = "1.1 sekisho"
LONGEST_COOKIES = 8_192
HOPS = frozenset((
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
))  # fmt: skip
# What only we may say, what only a proxy would, and what becomes something else on its way (`proxy`).
UNSAID = frozenset((
    *HOPS, "host", "content-length", "expect", "forwarded", "via", "proxy", "x-correlation-id", "x-real-ip",
    "x-client-ip", "x-cluster-client-ip", "x-original-host", "x-original-method", "x-original-uri",
    "x-original-url", "x-rewrite-url", "true-client-ip", "cf-connecting-ip", "fastly-client-ip",
    "front-end-https", "client-cert", "client-cert-chain", "x-sendfile-type",
))  # fmt: skip
UNSAID_FAMILIES = ("x-forwarded", "x-accel-")
# What holds for the whole origin, what we say ourselves, and what a proxy before us would act on.
UNHEARD = frozenset((
    *HOPS, "content-length", "content-type", "date", "server", "via", "x-correlation-id", "x-sendfile",
    "set-cookie2", "service-worker-allowed", "clear-site-data", "strict-transport-security",
    "public-key-pins", "public-key-pins-report-only", "expect-ct", "nel", "report-to", "alt-svc", "set-login",
    "x-content-type-options", "referrer-policy", "cross-origin-resource-policy",
))  # fmt: skip
UNHEARD_FAMILIES = ("x-accel-",)
_SIGNS = re.compile("[^a-z0-9]")


def onward(headers: Headers, ours: Pairs) -> Pairs:
    """What the pages' server is told of a request: what the browser said for it, and what we add."""
    return (*_through(headers, UNSAID, UNSAID_FAMILIES), *ours, ("via", VIA))


def back(headers: Headers) -> Pairs:
    """What the browser is told of an answer. The content type and the length are read elsewhere."""
    return tuple(_through(headers, UNHEARD, UNHEARD_FAMILIES))


def one_of(headers: Headers, name: str) -> str:
    """The first value of a header; empty where there is none."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in headers if key.lower() == wanted), "")


def came_by_us(headers: Headers) -> bool:
    """The request was passed on by us already: somebody's pages are said to be here."""
    lines = (value.decode("latin-1") for name, value in headers if name == b"via")
    return any(step.strip() == VIA for line in lines for step in line.split(","))


def _through(
    headers: Headers, closed: Collection[str], families: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """What goes on to the other side; of cookies, those that are not ours."""
    lines = [
        (name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")) for name, value in headers
    ]
    named = _named(",".join(value for name, value in lines if name == "connection"))
    for name, value in lines:
        # Behind a gateway `_` and `-` are one sign: what only looks like a header is taken for it.
        plain = _SIGNS.sub("-", name)
        if plain in closed or plain.startswith(families) or name in named:
            continue
        kept = COOKIES[name](value) if name in COOKIES else value
        if kept:
            yield name, kept


def _named(connection: str) -> frozenset[str]:
    """What a header says is between two neighbours only (RFC 9110 section 7.6.1)."""
    return frozenset(name.strip().lower() for name in connection.split(","))


def _others(cookies: str) -> str:
    """The cookies that are not ours; none where there are too many to tell."""
    if len(cookies) > LONGEST_COOKIES:
        return ""
    pairs = (pair.strip() for pair in cookies.split(";"))
    return "; ".join(pair for pair in pairs if pair and OURS not in pair.partition("=")[0].lower())


def _kept(cookie: str) -> str:
    """A cookie that stays on this host; empty where it could be taken for one of ours.

    A cookie without a name is sent as its value alone, so its value may not look like ours either.
    """
    pair, *attributes = cookie.split(";")
    if OURS in pair.lower():
        return ""
    return ";".join(
        (pair, *(each for each in attributes if each.partition("=")[0].strip().lower() != "domain"))
    )


COOKIES: Mapping[str, Callable[[str], str]] = {"cookie": _others, "set-cookie": _kept}
