"""Reply URLs of a type: which one is meant, and how what was sent there is redeemed."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from sekisho.spec.contrast import absent, contrast
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.authorization import REDIRECT_MISMATCH
from sekisho.spec.refusals.entra import (
    ORIGIN_MISSING,
    ORIGIN_NEEDS_CHALLENGE,
    ORIGIN_UNFIT,
    PROOF_MISSING,
    PROOF_UNFIT,
)

Registered = Sequence[tuple[str, str]]
LONGEST = 2_048
_PLAIN = re.compile(r"[\x21-\x7e]+")
_LABEL = re.compile(r"[A-Za-z0-9-]{1,63}")
_LOCAL = frozenset(("localhost", "127.0.0.1"))


def chosen(sent: str | None, registered: Registered) -> tuple[str, str]:
    """The address that answers go to, and its type; the first one where none is named."""
    if sent is None:
        plain = [each for each in registered if "*" not in each[0]]
        if not plain:
            raise Refused(MISSING_PARAMETER, words={"name": "redirect_uri"}, seen=absent("redirect_uri"))
        return plain[0]
    if len(sent) <= LONGEST and _PLAIN.fullmatch(sent) and "*" not in sent:
        for url, kind in registered:
            if _is_the_same(sent, url):
                return sent, kind
        for url, kind in registered:
            if "*" in url and _is_below(sent, url):
                # What follows the path is not covered by the pattern.
                return sent.partition("?")[0].partition("#")[0], kind
    seen = contrast("redirect_uri", " ".join(url for url, _ in registered), sent[:LONGEST])
    raise Refused(REDIRECT_MISMATCH, debug=f"{len(registered)} are registered, none is this one", seen=seen)


def is_one_of(sent: str, registered: Iterable[str]) -> bool:
    """An address is one of those that are registered, and not one that a pattern stands for."""
    is_plain = len(sent) <= LONGEST and _PLAIN.fullmatch(sent) and "*" not in sent
    return bool(is_plain) and any(_is_the_same(sent, url) for url in registered)


def _is_the_same(sent: str, url: str) -> bool:
    """Letter for letter; a port of localhost is of no matter, nor a slash that is the whole path."""
    if url == sent:
        return True
    if "#" in sent:
        return False
    try:
        came, known = urlsplit(sent), urlsplit(url)
        came.port  # noqa: B018 - read, because it may be no number
    except ValueError:
        return False
    if sent in (f"{url}/", url.removesuffix("/")) and known.path in ("", "/") and not known.query:
        return True
    if known.hostname not in _LOCAL or came.username is not None or came.password is not None:
        return False
    rest = (came.scheme, came.hostname, came.path or "/", came.query, came.fragment)
    return rest == (known.scheme, known.hostname, known.path or "/", known.query, known.fragment)


def shared_origin(url: str) -> str:
    """What stands for its page and others like it: any port of localhost, any one label before a domain.

    Empty for what is like nothing else.
    """
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return ""
    if host in _LOCAL:
        return f"{split.scheme}://{host}:*"
    _, dot, rest = host.partition(".")
    return f"{split.scheme}://*.{rest}" + (f":{port}" if port else "") if dot else ""


def _is_below(sent: str, pattern: str) -> bool:
    """One label in the place of `*.`, and whatever path in the place of a final `*`; https only."""
    try:
        came, known = urlsplit(sent), urlsplit(pattern)
        ports = (came.port, known.port)
    except ValueError:
        return False
    if came.scheme != "https" or known.scheme != "https" or came.username is not None or ports[0] != ports[1]:
        return False
    if not _host_fits(came.hostname or "", known.hostname or ""):
        return False
    if not known.path.endswith("*"):
        return (came.path or "/") == (known.path or "/")
    # A path that climbs is no path below.
    start = known.path[:-1]
    climbs = any(each.partition(";")[0] in ("..", ".") for each in came.path.split("/"))
    return came.path.startswith(start) and not climbs and not set("%\\").intersection(came.path)


def _host_fits(host: str, pattern: str) -> bool:
    if not pattern.startswith("*."):
        return host == pattern
    label, _, rest = host.partition(".")
    return rest == pattern[2:] and bool(_LABEL.fullmatch(label))


def is_redeemed_by(kind: str, proof: str, *, by_page: bool, challenged: bool) -> None:
    """Web addresses by the application's server, pages by themselves, installed ones without a secret.

    `proof`: how the client proved itself, "0" for not at all.
    """
    if kind == "spa":
        if not by_page:
            raise Refused(ORIGIN_MISSING)
        if not challenged:
            raise Refused(ORIGIN_NEEDS_CHALLENGE)
    elif by_page:
        raise Refused(ORIGIN_UNFIT)
    if kind == "web" and proof == "0":
        raise Refused(PROOF_MISSING)
    if kind != "web" and proof != "0":
        raise Refused(PROOF_UNFIT)
