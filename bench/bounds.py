"""What was promised, beside what was measured. Nothing here fails a run: a machine may have a bad day."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, le

BOUNDS: dict[str, tuple[str, float]] = {
    "RS256 / raw signing": (">=", 0.65),
    "RS256 / node-oidc-provider": (">=", 1.8),
    "ES256 / node-oidc-provider": (">=", 3.0),
    "lists, slowest median": ("<=", 100.0),
    "dashboard lists, slowest median": ("<=", 100.0),
    "introspection, RS256 / tokens, RS256": (">=", 1.5),
    "introspection, opaque / tokens, RS256": (">=", 1.5),
    "rounds / node-oidc-provider": (">=", 1.5),
    "sign-ins / Argon2id": (">=", 0.8),
    "/o/client/token / tokens, RS256": (">=", 0.8),
    "gate / tokens, RS256": (">=", 1.5),
    "on behalf of / tokens, RS256": (">=", 0.4),
    "SAML answers / tokens, RS256": (">=", 0.25),
    "overload, median of what is admitted": ("<=", 250.0),
    "overload, p99 of what is admitted": ("<=", 1_000.0),
    "overload, memory grown": ("<=", 24.0),
    "overload, memory grown by a second one": ("<=", 8.0),
    "start, best": ("<=", 1.0),
    "memory, RSS after the load": ("<=", 120.0),
}
_HOLDS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le}


@dataclass(frozen=True)
class Verdict:
    what: str
    value: float
    shown: str
    bound: str
    met: bool | None


def judge(what: str, value: float, shown: str) -> Verdict:
    if what not in BOUNDS:
        return Verdict(what, value, shown, bound="", met=None)
    sign, limit = BOUNDS[what]
    return Verdict(what, value, shown, bound=f"{sign} {limit:g}", met=_HOLDS[sign](value, limit))
