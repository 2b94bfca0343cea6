"""The passwords that are guessed first, offline: the beginnings of their SHA-256, sorted."""

import hashlib
from bisect import bisect_left
from importlib.resources import files

# Made of the 30,000 passwords of zxcvbn's frequency list (MIT licence, guessable.license.txt).
WIDTH = 6
TABLE: bytes = files("sekisho.keys").joinpath("guessable.bin").read_bytes()


def is_guessable(text: str) -> bool:
    """Whether it is one of them, in whatever case."""
    sought = hashlib.sha256(text.casefold().encode()).digest()[:WIDTH]
    places = range(0, len(TABLE), WIDTH)
    place = bisect_left(places, sought, key=_at) * WIDTH
    return _at(place) == sought


def _at(place: int) -> bytes:
    return TABLE[place : place + WIDTH]
