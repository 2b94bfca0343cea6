"""Mail: where it is handed over, and what may stand in one of its lines (RFC 5321, RFC 5322)."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

import idna

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL = 64
LONGEST_LINE = 200
PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
PLAIN = "starttls=never"
# A local part without quotes, which nobody who signs up needs (RFC 5321 section 4.1.2, RFC 6531).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*")

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over: TLS from the first byte, by STARTTLS or not at all."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def server_of(url: str) -> MailServer | None:
    """What smtp_url says; None where it says nothing that can be done, or that nobody should do."""
    try:
        split = urlsplit(url)
        port = split.port or PORTS[split.scheme]
    except (ValueError, KeyError):
        return None
    host, security = split.hostname or "", _security(split)
    user, password = unquote(split.username or ""), unquote(split.password or "")
    sound = bool(_HOST.fullmatch(host)) and url.isascii() and url.isprintable() and not split.fragment
    if not sound or split.path not in ("", "/") or security is None or bool(user) != bool(password):
        return None
    if not f"{user}{password}".isprintable() or (security == "none" and user and host not in LOOPBACK):
        return None
    return MailServer(host, port, security, user, password)


def _security(split: SplitResult) -> Security | None:
    """A password travels in the open nowhere; without one, a relay nearby may have no TLS."""
    if not split.query:
        return "tls" if split.scheme == "smtps" else "starttls"
    return "none" if (split.scheme, split.query) == ("smtp", PLAIN) else None


def address_is_plain(text: str) -> bool:
    """One address and nothing else: no second one, no name, no comment, no quotes, no line break."""
    local, at, domain = text.rpartition("@")
    atoms = local.split(".")
    if not at or len(text) > LONGEST or len(local) > LONGEST_LOCAL or not all(map(_LOCAL.fullmatch, atoms)):
        return False
    return all(unicodedata.category(letter)[0] not in "CZ" for letter in local) and bool(host_of(domain))


def host_of(domain: str) -> str:
    """A domain in the letters that mail servers know (RFC 5890); empty where it is none."""
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return ""


def one_line(text: str) -> str:
    """Words in one line, of letters that can be seen and none that change the direction of others."""
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(shown.split())[:LONGEST_LINE]
