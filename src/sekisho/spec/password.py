"""What a password may be (NIST SP 800-63B section 3.1.1, RFC 8265 section 4), and what its hash costs."""

import unicodedata
from collections.abc import Iterable

import msgspec

from sekisho.spec.contrast import WITHHELD, contrast
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_MALFORMED, PASSWORD_PERSONAL, PASSWORD_SHORT

SHORTEST = 8
LONGEST = 256
LONGEST_BYTES = 1_024
SHORTEST_PART = 4  # of what is somebody's own: shorter ones are in too many words
# What is accepted as a hash of ours: less memory has to be made up for by passes (OWASP).
LEAST_MEMORY_KIB = 7_168
LEAST_WORK_KIB = 35_840
MOST_MEMORY_KIB = 262_144
MOST_PASSES = 20


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What hashing a password costs: memory in KiB, and passes over it (RFC 9106 section 3.1)."""

    memory: int
    passes: int


def cost_of(policy: Policy) -> Cost:
    """What the tenant decided, raised to what is safe and lowered to what a server can bear."""
    memory = min(max(policy.password_memory_kib, LEAST_MEMORY_KIB), MOST_MEMORY_KIB)
    least = -(-LEAST_WORK_KIB // memory)
    return Cost(memory=memory, passes=min(max(policy.password_passes, least), MOST_PASSES))


def prepared(text: str) -> str:
    """The same for every keyboard: composed letters, one kind of space. RFC 8265 section 4.2.2."""
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in text)
    return unicodedata.normalize("NFC", spaced)


def is_bounded(text: str) -> bool:
    """It can be hashed, at a cost that does not depend on its length."""
    if len(text) > LONGEST or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return False
    return len(prepared(text).encode()) <= LONGEST_BYTES


def password_is_sound(text: str, shortest: int) -> None:
    """Long enough, not too long, and typed: no control characters, no halves of characters."""
    if not is_bounded(text):
        raise Refused(PASSWORD_MALFORMED)
    needed = least(shortest)
    if len(prepared(text)) < needed:
        seen = contrast("password", f"at least {needed} characters", WITHHELD)
        raise Refused(PASSWORD_SHORT, words={"least": str(needed)}, seen=seen)


def least(shortest: int) -> int:
    """How many characters a password has at least, whatever a tenant says."""
    return min(max(shortest, SHORTEST), LONGEST)


def password_is_not_personal(text: str, own: Iterable[str]) -> None:
    """Without the names and addresses of its owner, enough is left of it."""
    left, parts = text.casefold(), {part for name in own for part in _parts(name)}
    for part in sorted(parts, key=len, reverse=True):
        left = left.replace(part, "")
    if len(left) < SHORTEST and left != text.casefold():
        raise Refused(PASSWORD_PERSONAL)


def _parts(name: str) -> Iterable[str]:
    """A name, and the words in it."""
    whole = name.casefold()
    words = "".join(letter if letter.isalnum() else " " for letter in whole).split()
    return [part for part in (whole, *words) if len(part) >= SHORTEST_PART]
