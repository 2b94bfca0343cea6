"""A client's assertion that somebody else signed: a workload's own token (RFC 7521 section 4.2)."""

from collections.abc import Collection

from sekisho.spec import assertion
from sekisho.spec.assertion import Expected, Terms
from sekisho.spec.contrast import contrast
from sekisho.spec.jose import MOST_CHARACTERS, Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_AUDIENCE

# Clusters give their workloads tokens for a day; they are shown until they expire.
TERMS = Terms(longest=MOST_CHARACTERS, ahead=86_400, jti=False)


def issuer(text: str) -> object:
    """Who it says that it is from, for look-ups only."""
    return assertion.member(text, 1, "iss")


def hold(text: str, compact: Compact, audiences: Collection[str], now: float) -> None:
    """It is short enough, for one of the names that the credential has for us, and in time."""
    if len(text) > TERMS.longest:
        raise assertion.malformed(f"{len(text)} characters, more than {TERMS.longest}")
    audience_is_of_the_credential(compact, audiences)
    expected = Expected(client_id="", issuer="", addresses=(), terms=TERMS, now=now)
    assertion.life_is_short(compact.payload, expected)
    assertion.life_has_begun(compact.payload, expected)


def audience_is_of_the_credential(compact: Compact, audiences: Collection[str]) -> None:
    """Tokens of the same workload for others prove nothing here. RFC 7523 section 3, item 3."""
    said = compact.payload.get("aud")
    names = said if isinstance(said, list) else [said]
    if set(audiences).isdisjoint(names):
        seen = contrast("aud", " ".join(sorted(audiences)), " ".join(map(str, names)))
        raise Refused(ASSERTION_AUDIENCE, debug=f"aud: {seen.got}", seen=seen)
