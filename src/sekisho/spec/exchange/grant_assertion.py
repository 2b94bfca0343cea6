"""What a JWT has to say by which somebody else vouches for a person here (RFC 7523 sections 2.1 and 3)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256

from sekisho.spec import jose
from sekisho.spec.contrast import contrast
from sekisho.spec.jose import Compact, Members
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.exchange import SUBJECT_AUDIENCE, SUBJECT_EXPIRED, SUBJECT_MALFORMED

# Whatever says that it is something else is no assertion (RFC 8725 section 3.11).
MEDIA_TYPES = frozenset(("", "jwt", "authorization-grant+jwt"))
LEEWAY = 10
# So far ahead an assertion may end, and so long a token lives that was given for one (RFC 7521 section 4.1).
AHEAD = 3_600
_TEXTS = ("iss", "sub", "jti")


@dataclass(frozen=True, slots=True)
class Expected:
    """Our own names, and the time."""

    names: Collection[str]
    now: float


def read(text: str) -> Compact:
    """An assertion taken apart. Nothing in it is true until its signature was verified."""
    try:
        compact = jose.read_compact(text, jose.SIGNATURES, HEADER)
    except Refused as refused:
        raise malformed(refused.debug) from refused
    for name in _TEXTS:
        if not jose.is_text(compact.payload.get(name)):
            raise malformed(f"{name} is missing")
    return compact


def type_is_of_an_assertion(header: Members) -> None:
    """An access token or a logout token of the same issuer is none. RFC 8725 section 3.11."""
    kind = str(header.get("typ", "")).lower().removeprefix("application/")
    if kind not in MEDIA_TYPES:
        raise malformed(f"typ {kind:.40} is not that of an assertion")


HEADER = (*jose.STRANGERS, jose.key_is_not_in_header, type_is_of_an_assertion)


def hold(compact: Compact, expected: Expected) -> None:
    """Everything that has to hold before a key is looked for."""
    for rule in CLAIMS:
        rule(compact.payload, expected)


def audience_is_us_alone(claims: Members, expected: Expected) -> None:
    """Whoever else it were for could show it here. RFC 7523 section 3, item 3."""
    said = claims.get("aud")
    names = said if isinstance(said, list) else [said]
    if len(names) != 1 or names[0] not in expected.names:
        came = " ".join(map(str, names)) if said else ""
        raise _off(SUBJECT_AUDIENCE, "aud", " ".join(sorted(expected.names)), came)


def life_is_short(claims: Members, expected: Expected) -> None:
    """It ends, not yet and within the hour. RFC 7523 section 3, item 4."""
    expires = claims.get("exp")
    left = expires - expected.now if isinstance(expires, int | float) else None
    if left is None or not -LEEWAY < left <= AHEAD + LEEWAY:
        came = "" if left is None else f"{left:.0f} s ahead"
        raise _off(SUBJECT_EXPIRED, "exp", f"a time that lies ahead, by at most {AHEAD} s", came)


def life_has_begun(claims: Members, expected: Expected) -> None:
    """It is neither used nor issued before its time. RFC 7523 section 3, items 5 and 6."""
    for name in ("nbf", "iat"):
        begins = claims.get(name)
        if isinstance(begins, int | float) and begins > expected.now + LEEWAY:
            raise _off(SUBJECT_EXPIRED, name, "not ahead of now", f"{begins - expected.now:.0f} s ahead")


CLAIMS: tuple[Callable[[Members, Expected], None], ...] = (
    audience_is_us_alone,
    life_is_short,
    life_has_begun,
)


def once(compact: Compact) -> tuple[str, float]:
    """What tells this assertion from others of its issuer, and until when to remember it. Item 7."""
    mark = sha256(str(compact.payload["jti"]).encode()).hexdigest()
    return mark, float(str(compact.payload["exp"])) + LEEWAY


def malformed(why: str) -> Refused:
    """An assertion that cannot be read, whoever finds out."""
    return Refused(SUBJECT_MALFORMED, debug=why)


def _off(reason: Reason, name: str, expected: str, got: str) -> Refused:
    seen = contrast(name, expected, got)
    return Refused(reason, debug=f"{name}: expected {seen.expected}, came {seen.got}", seen=seen)
