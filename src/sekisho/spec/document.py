"""JSON documents from strangers: strict (RFC 8259), no member twice (RFC 7493), every limit explicit."""

import json
import math
from collections import Counter

from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID

DEEPEST = 16
LARGEST = 2**53 - 1  # what every JSON implementation agrees on (RFC 7493 section 2.2)


def parse(raw: bytes) -> dict[str, object]:
    """The members of the one object that a body is."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_number, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Refused(
            BODY_INVALID, words={"problem": "'The body is not JSON'"}, debug=str(error)[:200]
        ) from error
    if not isinstance(found, dict):
        raise Refused(BODY_INVALID, words={"problem": "'Expected type object'"})
    _is_sound(found, 1)
    return found


def _is_sound(value: object, depth: int) -> None:
    """Nothing in it that a database or another program could stumble over."""
    if depth > DEEPEST:
        raise _refused("the body is nested too deeply")
    if isinstance(value, dict):
        for name, member in value.items():
            _is_text(name)
            _is_sound(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _is_sound(member, depth + 1)
    elif isinstance(value, str):
        _is_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise _refused("a number is too large")


def _is_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _refused("a text has a NUL character or half a surrogate pair")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _refused(f"Member was sent more than once: {twice[:64]}")
    return members


def _number(name: str) -> float:
    raise _refused(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > len(str(LARGEST)) + 1 or abs(int(digits)) > LARGEST:
        raise _refused("a number is too large")
    return int(digits)


def _refused(problem: str) -> Refused:
    return Refused(BODY_INVALID, words={"problem": f"'{problem}'"})
