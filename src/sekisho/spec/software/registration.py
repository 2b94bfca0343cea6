"""What a client may say when it registers itself with a software statement (RFC 7591 sections 2 and 3)."""

import re
from collections.abc import Collection, Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from sekisho.spec.contrast import contrast
from sekisho.spec.metadata import problem
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import REDIRECT_UNCOVERED

LONGEST_REDIRECT = 1_500
_URI = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
# The underscore is not of RFC 3986, but of the schemes that the vendor's console makes out of Base64url.
_SCHEME = re.compile(r"([a-z][a-z0-9+._-]{1,62})(?::(?://)?)?")
WEB = frozenset(("http", "https"))
# Schemes that a browser or a system gives a meaning of its own.
TAKEN = WEB | {
    *(
        "about",
        "blob",
        "chrome",
        "content",
        "data",
        "file",
        "filesystem",
        "ftp",
        "geo",
        "intent",
        "javascript",
    ),
    *("mailto", "market", "sms", "ssh", "tel", "urn", "vbscript", "view-source", "ws", "wss"),
}


def trimmed(statement: str) -> str:
    """The statement without the blanks and line ends that copying and downloading leave in it."""
    return "".join(statement.split())


def domains_are_domains(domains: Collection[str]) -> None:
    """Names of hosts in lower case, of more than one label: a whole top-level domain is nobody's."""
    for domain in domains:
        if domain != "localhost" and not _DOMAIN.fullmatch(domain):
            raise problem("domains", f"Not a domain in lower case: {domain[:128]}")


def scheme_of(custom: str) -> str:
    """The scheme of `adbe.something://` or of `adbe.something`, in lower case. RFC 8252 section 7.1."""
    found = _SCHEME.fullmatch(custom.lower())
    if not found or found[1] in TAKEN:
        raise problem("custom_schemes", f"Not a scheme of an application's own: {custom[:128]}")
    return found[1]


def redirect_is_covered(uri: str, domains: Collection[str], schemes: Collection[str]) -> None:
    """It leads to one of the domains, label by label, or into the application. RFC 6749 section 3.1.2."""
    ours = (*domains, *schemes)
    if len(uri) > LONGEST_REDIRECT or not _URI.fullmatch(uri):
        raise _uncovered("it is no URI, or too long a one", uri, ours)
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _uncovered("it cannot be read", uri, ours) from None
    scheme, colon, _ = uri.partition(":")
    if colon and scheme.lower() in schemes:
        return
    # Only an application's own scheme may carry a fragment: RFC 6749 forbids it elsewhere.
    if "#" in uri:
        raise _uncovered("it has a fragment", uri, ours)
    if parts.scheme in WEB and _is_plain(parts) and _is_within(host or "", domains):
        return
    if parts.scheme in {_reversed(domain) for domain in domains}:
        return
    raise _uncovered("none of the domains and schemes covers it", uri, ours)


def _is_plain(parts: SplitResult) -> bool:
    """Nothing in the authority makes one reader see another host than the next."""
    return "@" not in parts.netloc and "\\" not in parts.netloc and "%" not in parts.netloc


def _is_within(host: str, domains: Collection[str]) -> bool:
    below = (domain for domain in domains if not _is_number(domain))
    return host in domains or any(host.endswith(f".{domain}") for domain in below)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _reversed(domain: str) -> str:
    return ".".join(reversed(domain.split(".")))


def _uncovered(why: str, uri: str, ours: Iterable[str]) -> Refused:
    return Refused(REDIRECT_UNCOVERED, debug=why, seen=contrast("redirect_uri", " ".join(ours), uri))
