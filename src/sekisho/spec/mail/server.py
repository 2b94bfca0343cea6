"""Where mail is handed over (RFC 5321, RFC 3207, RFC 8314)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

PORTS: Mapping[str, int] = {"smtp": 587, "smtps": 465}
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
PLAIN = "starttls=never"
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
