"""Two texts side by side: where they differ, down to the letter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Differing:
    """What both begin and end with, and what each has in between."""

    begins: str
    expected: str
    got: str
    ends: str


def differing(expected: str, got: str) -> Differing | None:
    """None where they are the same, or where so little is that marking the rest would say nothing."""
    begins = _shared(expected, got)
    rest = _shared(expected[begins:][::-1], got[begins:][::-1])
    if expected == got or 2 * (begins + rest) < min(len(expected), len(got)) or not begins + rest:
        return None
    ends = len(expected) - rest
    return Differing(expected[:begins], expected[begins:ends], got[begins : len(got) - rest], expected[ends:])


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[n] != other[n]), shorter)
