"""Scopes: words, order kept (RFC 6749 section 3.3)."""

import re
from collections.abc import Collection

from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import SCOPE_MALFORMED

_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
MOST_SCOPES = 1000


def parse(text: str | None) -> tuple[str, ...] | None:
    """The words of a scope parameter, each once; None where none was sent."""
    if text is None:
        return None
    words = tuple(dict.fromkeys(word for word in text.split(" ") if word))
    if len(words) > MOST_SCOPES:
        seen = contrast("scope", f"at most {MOST_SCOPES} words", f"{len(words)} words")
        raise Refused(SCOPE_MALFORMED, seen=seen)
    if not all(map(_WORD.fullmatch, words)):
        raise Refused(SCOPE_MALFORMED, seen=contrast("scope", "words of ASCII without quotes", text))
    return words


def narrow(asked: tuple[str, ...] | None, allowed: Collection[str]) -> tuple[str, ...]:
    """What is granted: the words asked for that are allowed, or all allowed ones where none was asked for."""
    if asked is None:
        return tuple(allowed)
    return tuple(word for word in asked if word in allowed)


def text(scopes: Collection[str]) -> str:
    """The words as they travel."""
    return " ".join(scopes)
