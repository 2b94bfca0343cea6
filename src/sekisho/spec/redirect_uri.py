"""Where an answer may be sent (RFC 6749 section 3.1.2, RFC 8252 section 7.3, RFC 9700 section 4.1.3)."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sekisho.spec.contrast import absent, contrast, nearest
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import REDIRECT_MISMATCH, RETURN_MISMATCH

# An address and its kind: web, spa or public.
Registered = tuple[str, str]
LAST_PORT = 65_535
_USUAL: Mapping[str, int] = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
# What an address has where a header carries it: visible ASCII, no backslash.
_PLAIN = re.compile(r"[!-\[\]-~]{1,2048}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,63}")
# A port that a native application was given by its system; nothing else may differ.
_LOOPBACK = re.compile(
    r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.DOTALL
)


def chosen(sent: str | None, registered: Sequence[Registered], *, openid: bool) -> str:
    """The registered address that was sent; the only one, where OAuth lets a client leave it out."""
    if sent is None:
        if len(registered) != 1 or openid:
            seen = absent("redirect_uri", " ".join(url for url, _ in registered))
            debug = "no redirect_uri was sent, and there is not just one"
            raise Refused(REDIRECT_MISMATCH, debug=debug, seen=seen)
        return registered[0][0]
    for url, kind in registered:
        if sent == url or (kind == "public" and _is_other_port(sent, url)):
            return sent
    debug = f"{len(registered)} addresses are registered, none is this one"
    seen = contrast("redirect_uri", nearest(sent, (url for url, _ in registered)), sent)
    raise Refused(REDIRECT_MISMATCH, debug=debug, seen=seen)


def back(sent: str, registered: Sequence[str]) -> str:
    """Where Auth0's sign-out leads: a registered address, with whatever query and fragment came with it."""
    if not _PLAIN.fullmatch(sent) or _path(sent) not in map(_path, registered):
        seen = contrast("returnTo", nearest(sent, registered), sent)
        raise Refused(RETURN_MISMATCH, debug=f"{len(registered)} addresses are registered", seen=seen)
    return sent


def _path(uri: str) -> str:
    """An address up to its query or fragment, whichever is first."""
    return uri.partition("#")[0].partition("?")[0]


def target(uri: str) -> str:
    """What a page's policy has to allow for an answer to arrive: an origin, or an application's scheme."""
    split = urlsplit(uri)
    if split.scheme not in ("http", "https"):
        return f"{split.scheme}:" if _SCHEME.fullmatch(split.scheme) else ""
    # The grammar of policies has no IPv6 and no letters beyond ASCII.
    if not _HOST.fullmatch(split.hostname or ""):
        return f"{split.scheme}:"
    return f"{split.scheme}://{split.hostname}" + (f":{split.port}" if split.port else "")


def origin(uri: str) -> str:
    """The origin of a page, as browsers write it (RFC 6454 section 6.2); empty for what is no page."""
    try:
        split = urlsplit(uri)
        port = split.port
    except ValueError:
        return ""
    host = split.hostname or ""
    if split.scheme not in _USUAL or not host or not host.isascii():
        return ""
    named = f"[{host}]" if ":" in host else host
    return f"{split.scheme}://{named}" + (f":{port}" if port not in (None, _USUAL[split.scheme]) else "")


def _is_other_port(sent: str, registered: str) -> bool:
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(sent)
    if not ours or not theirs or int(theirs[2] or 0) > LAST_PORT:
        return False
    return ours.group(1, 3) == theirs.group(1, 3)
