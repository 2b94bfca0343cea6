"""The crest of whoever has no logo: a form and a colour, chosen by the id and so never changing."""

from dataclasses import dataclass
from hashlib import sha256

from sekisho.pages.drawings import CRESTS

COLOURS = ("k1", "k2", "k3", "k4", "k5")
_FORMS = tuple(CRESTS)


@dataclass(frozen=True, slots=True)
class Crest:
    """Which of the eight forms, in which of the five colours of a chart."""

    form: str
    colour: str


def crest(id: str) -> Crest:
    """Form = hash mod 8, colour = hash div 8 mod 5."""
    number = int.from_bytes(sha256(id.encode()).digest()[:8])
    return Crest(_FORMS[number % len(_FORMS)], COLOURS[number // len(_FORMS) % len(COLOURS)])
