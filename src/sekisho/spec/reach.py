"""How far we reach: which addresses are public, and which URLs may be fetched (RFC 6890, RFC 3986)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_REFUSED

LONGEST_URL = 2_048
LONGEST_NAME = 253
TLS_PORT = 443
PLAIN_PORT = 80
FIRST_FREE_PORT = 1_024
LAST_PORT = 65_535
LOCAL_DOMAINS = (".localhost", ".local", ".internal", ".home.arpa", ".onion", ".alt")

# fmt: off
CLOSED_4 = tuple(map(IPv4Network, (
    "0.0.0.0/8",           # this network
    "10.0.0.0/8",          # private
    "100.64.0.0/10",       # carrier-grade NAT; the metadata of one cloud is in it
    "127.0.0.0/8",         # loopback
    "168.63.129.16/32",    # looks public, and is the inside of a cloud's every host
    "169.254.0.0/16",      # link-local: the metadata of most clouds
    "172.16.0.0/12",       # private
    "192.0.0.0/24",        # protocol assignments
    "192.0.2.0/24",        # documentation
    "192.31.196.0/24",     # AS112
    "192.52.193.0/24",     # AMT
    "192.88.99.0/24",      # 6to4 relays
    "192.168.0.0/16",      # private
    "192.175.48.0/24",     # AS112
    "198.18.0.0/15",       # benchmarks
    "198.51.100.0/24",     # documentation
    "203.0.113.0/24",      # documentation
    "224.0.0.0/4",         # multicast
    "240.0.0.0/4",         # reserved, and broadcast
)))
# Of IPv6 only global unicast was ever given out: mapped and compatible IPv4, loopback, link-local, unique
# local, multicast and everything reserved are outside of it and need no line here.
GLOBAL_UNICAST = IPv6Network("2000::/3")
CLOSED_6 = tuple(map(IPv6Network, (
    "2001::/23",           # protocol assignments: Teredo, ORCHID, benchmarks
    "2001:db8::/32",       # documentation
    "2002::/16",           # 6to4
    "2620:4f:8000::/48",   # AS112
    "3fff::/20",           # documentation
)))
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = (0x0000_5EFE, 0x0200_5EFE)
# fmt: on

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOP = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"  # a letter first: 127.1, 0x7f000001 and 017700000001 are no names
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_TOP}")
_PORT = re.compile("[1-9][0-9]{0,4}")
# What RFC 3986 allows, in ASCII. A fragment is the caller's to take off: it is never sent.
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)(/[^?]*)?(\?.*)?")
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\[\]@]*\]|[^\[\]:@]*)(?::([^:@]*))?")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes, in pieces: nobody reads the text a second time and finds something else."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = TLS_PORT if self.scheme == "https" else PLAIN_PORT
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Parts:
    """A URL as it was written, split once; None where a part is absent."""

    scheme: str
    userinfo: str | None
    host: str
    port: str | None
    target: str


def address_is_public(address: str) -> bool:
    """An address belongs to the public internet; NAT64 is as public as the IPv4 address inside (RFC 6052)."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in CLOSED_4)
    if ip.scope_id is not None:
        return False
    if ip in NAT64:
        return address_is_public(str(IPv4Address(int(ip) & 0xFFFF_FFFF)))
    embeds = int(ip) >> 32 & 0xFFFF_FFFF in ISATAP
    return ip in GLOBAL_UNICAST and not embeds and not any(ip in network for network in CLOSED_6)


def scheme_is_https(parts: Parts) -> bool:
    """What we fetch decides on trust, so nobody on the way may change it."""
    return parts.scheme == "https"


def scheme_is_http(parts: Parts) -> bool:
    """The scheme is http or https."""
    return parts.scheme in ("http", "https")


def nobody_is_named(parts: Parts) -> bool:
    """There is no user information: it only serves to hide the host (RFC 3986 section 7.6)."""
    return parts.userinfo is None


def host_is_public_name(parts: Parts) -> bool:
    """The host is a name of the public DNS in ASCII: no address in any notation, nothing local."""
    return host_is_name(parts) and "." in parts.host and not f".{parts.host}".endswith(LOCAL_DOMAINS)


def host_is_name(parts: Parts) -> bool:
    """The host is a name (RFC 1123 section 2.1); one in another script is written as its A-labels."""
    return len(parts.host) <= LONGEST_NAME and bool(_NAME.fullmatch(parts.host))


def host_is_name_or_address(parts: Parts) -> bool:
    """The host is a name, or an address in its one usual notation."""
    if host_is_name(parts):
        return True
    try:
        ip = ip_address(parts.host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return parts.host.startswith("[") == (ip.version == 6) and "%" not in parts.host  # noqa: PLR2004 - IPv6


def port_is_number(parts: Parts) -> bool:
    """The port is absent or a number without decoration."""
    return parts.port is None or (bool(_PORT.fullmatch(parts.port)) and int(parts.port) <= LAST_PORT)


def port_is_open_to_all(parts: Parts) -> bool:
    """The port is 443 or unprivileged: below live mail, shells and directories that speak no HTTP."""
    if not port_is_number(parts):
        return False
    return parts.port is None or int(parts.port) == TLS_PORT or int(parts.port) >= FIRST_FREE_PORT


Rules = tuple[tuple[Callable[[Parts], bool], str], ...]
GUARDED: Rules = (
    (scheme_is_https, "its scheme has to be https"),
    (nobody_is_named, "it names a user"),
    (host_is_public_name, "its host has to be a public name"),
    (port_is_open_to_all, "its port has to be 443, or 1024 and above"),
)
PRIVATE: Rules = (
    (scheme_is_http, "its scheme has to be https or http"),
    (nobody_is_named, "it names a user"),
    (host_is_name_or_address, "its host has to be a name or an address"),
    (port_is_number, "its port is malformed"),
)


def url_is_fetchable(url: str, *, allow_private: bool = False) -> None:
    """A URL is one that we would fetch, as far as its text tells; what its name stands for comes later."""
    destination(url, allow_private=allow_private)


def destination(url: str, *, allow_private: bool = False) -> Destination:
    """Where a fetchable URL leads."""
    parts = _split(url)
    if parts is None:
        raise _refused("it is malformed or too long, or has a fragment")
    for rule, problem in PRIVATE if allow_private else GUARDED:
        if not rule(parts):
            raise _refused(problem)
    usual = TLS_PORT if parts.scheme == "https" else PLAIN_PORT
    return Destination(parts.scheme, parts.host.strip("[]"), int(parts.port or usual), parts.target)


def _split(url: str) -> Parts | None:
    if len(url) > LONGEST_URL or not _CHARACTERS.fullmatch(url):
        return None
    match = _URL.fullmatch(url)
    inner = _AUTHORITY.fullmatch(match[2]) if match else None
    if match is None or inner is None:
        return None
    target = (match[3] or "/") + (match[4] or "")
    return Parts(match[1].lower(), inner[1], inner[2].lower(), inner[3], target)


def _refused(problem: str) -> Refused:
    return Refused(FETCH_REFUSED, words={"problem": problem})
