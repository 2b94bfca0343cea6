"""The request that somebody else received; what two servers could read differently is refused."""

import re
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qsl, unquote

from sekisho.spec.http import Ask, Pairs, one
from sekisho.spec.refusal import MALFORMED_REQUEST, METHOD_NOT_ALLOWED, Refused

GATE = "/o/gate"
NEW = ("api", "v2")
OLD = (("api", "v1"), ("reggie", "v1"))
ENDPOINTS = frozenset(("configuration", "sessions", "profiles", "decisions", "logout"))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_PAIRS = 200
# What names the original request, by who names it: nginx, Traefik.
NAMES = (("x-original-method", "x-original-uri"), ("x-forwarded-method", "x-forwarded-uri"))
_TARGET = re.compile(r"/[\x21\x22\x24-\x5b\x5d-\x7e]*")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
# One reader's name is the next one's separator, parameter, or another name once it is decoded again.
_AMBIGUOUS = re.compile(r"[/\\;\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class Original:
    """What the client asked for: the parts of its path decoded once, and how errors are worded."""

    method: str
    parts: tuple[str, ...]
    query: Pairs
    start: int  # where in the path the API begins
    is_old: bool

    @property
    def channel(self) -> str:
        """The service provider that the address names; empty where it names none."""
        if self.is_open:
            return self.parts[3]
        in_path = not self.is_old or self.parts[self.start : self.start + 1] == ("reggie",)
        if in_path:
            return next(iter(self.parts[self.start + 2 :]), "")
        return one(self.query, "requestor") or ""

    @property
    def is_open(self) -> bool:
        """A person's browser on its way to sign in has no token; only here, letter for letter."""
        match self.parts:
            case ("api", "v2", "authenticate", channel, code) if channel and code:
                # Another reader could take "authenticate" for a service provider, and answer one of these.
                return channel not in ENDPOINTS and self.method in ("GET", "HEAD")
        return False


def told(ask: Ask) -> Original:
    """What a proxy says that it received: in its headers, or as the rest of our own path."""
    rest = ask.path.partition(GATE)[2]
    if rest:
        return received(ask.method, rest, ask.query)
    # A client may send the headers that another proxy would: what is believed has to be all there is.
    named = {(ask.headers.get(method, ""), ask.headers.get(target, "")) for method, target in NAMES}
    named.discard(("", ""))
    if len(named) != 1:
        raise Refused(MALFORMED_REQUEST, debug="not one original request is named, but none or two")
    method, target = named.pop()
    path, _, query = target.partition("?")
    return received(method, path, _pairs(query))


def received(method: str, path: str, query: Pairs) -> Original:
    """A request of this path as it came, in which no two readers see different names."""
    if not _TARGET.fullmatch(path) or _BROKEN.search(path):
        raise Refused(MALFORMED_REQUEST, debug="the original path is none")
    parts = _parts(path)
    start, is_old = _found(parts)
    if method not in METHODS:
        raise Refused(METHOD_NOT_ALLOWED, headers={"allow": ", ".join(METHODS)})
    return Original(method, parts, query, start, is_old)


def is_old(ask: Ask) -> bool:
    """Whether errors are worded the old way, also where the request cannot be understood."""
    targets = [ask.headers.get(target, "") for _, target in NAMES]
    path = ask.path.partition(GATE)[2] or next(filter(None, targets), "") if GATE in ask.path else ask.path
    return _found(tuple(unquote(path.partition("?")[0]).strip("/").split("/")))[1]


def _parts(path: str) -> tuple[str, ...]:
    raw = path[1:].split("/")
    try:
        parts = tuple(unquote(part, errors="strict") for part in raw)
    except UnicodeDecodeError as error:
        raise Refused(MALFORMED_REQUEST, debug="the original path is not UTF-8") from error
    if not all(raw[:-1]) or any(part in (".", "..") or _AMBIGUOUS.search(part) for part in parts):
        raise Refused(MALFORMED_REQUEST, debug="the original path means one thing here, another thing there")
    return parts


def _found(parts: tuple[str, ...]) -> tuple[int, bool]:
    """Where the API begins and whether it is an old one. Case does not matter: servers differ on that."""
    low = [part.lower() for part in parts]
    for start, pair in enumerate(pairwise(low)):
        if pair == NEW or pair in OLD:
            return start, pair in OLD
    return len(parts), True


def _pairs(query: str) -> Pairs:
    try:
        found = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PAIRS)
    except ValueError as error:
        raise Refused(MALFORMED_REQUEST, debug="the original query cannot be read") from error
    return tuple(found)
