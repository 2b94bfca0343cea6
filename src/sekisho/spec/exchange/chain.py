"""Who acts for a person, one after the other (RFC 8693 section 4.1), and who may (section 4.4)."""

from collections.abc import Mapping

from sekisho.spec.contrast import contrast
from sekisho.spec.jose import is_text
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import EXCHANGE_DEEP
from sekisho.spec.refusals.protocol import TOKEN_INVALID

# No token of ours says more, whatever a tenant allows.
MOST = 10
_MEMBERS = frozenset(("sub", "act"))


def said(actors: tuple[str, ...]) -> dict[str, object]:
    """The claim `act`: who acts now, and within it who did before. There is somebody."""
    told: dict[str, object] = {}
    for each in actors:
        told = {"sub": each, "act": told} if told else {"sub": each}
    return told


def read(claim: object) -> tuple[str, ...]:
    """Those of the claim of a token, from the first one on: nothing else is in it, and it ends."""
    found: list[str] = []
    while claim is not None:
        if not isinstance(claim, Mapping) or not claim.keys() <= _MEMBERS or len(found) == MOST:
            raise Refused(TOKEN_INVALID, debug="act is not a chain of actors")
        if not is_text(claim.get("sub")):
            raise Refused(TOKEN_INVALID, debug="act names nobody")
        found.append(str(claim["sub"]))
        claim = claim.get("act")
    return tuple(reversed(found))


def may_act(claim: object) -> str | None:
    """Whom the person lets act for them: None says nothing of it, and what cannot be read is nobody."""
    if claim is None:
        return None
    name = claim.get("sub") if isinstance(claim, Mapping) and claim.keys() == {"sub"} else None
    return str(name) if is_text(name) else ""


def is_short(actors: tuple[str, ...], most: int) -> None:
    """A token passes through so many applications at most: a circle of them comes to an end."""
    if len(actors) > most:
        seen = contrast("act", f"at most {most} applications", " ".join(actors))
        raise Refused(EXCHANGE_DEEP, seen=seen)
