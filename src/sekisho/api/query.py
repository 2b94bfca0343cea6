"""The query of a management request: closed, typed, bounded."""

import re

from sekisho.spec.http import Ask, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import QUERY_INVALID

LONGEST = 1_000
BOOLEANS = ("true", "false")
_NUMBER = re.compile(r"[0-9]{1,9}")


def only(ask: Ask, *names: str) -> None:
    """No parameter but these, each once at most."""
    seen: set[str] = set()
    for name, value in ask.query:
        if name not in names:
            raise invalid(f"Additional properties not allowed: {name[:64]}")
        if name in seen:
            raise invalid(f"Parameter was sent more than once: {name}")
        if len(value) > LONGEST or "\0" in value:
            raise invalid(f"Parameter is malformed: {name}")
        seen.add(name)


def number(ask: Ask, name: str, default: int, most: int) -> int:
    """A number from 0 to `most`."""
    text = one(ask.query, name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise invalid(f"Expected a number up to {most}: {name}")
    return int(text)


def flag(ask: Ask, name: str, *, default: bool) -> bool:
    """True or false."""
    text = one(ask.query, name)
    return default if text is None else boolean(text, name) == "true"


def boolean(text: str, name: str) -> str:
    """The text, which is true or false."""
    if text not in BOOLEANS:
        raise invalid(f"Expected true or false: {name}")
    return text


def invalid(problem: str) -> Refused:
    """A query that cannot be answered."""
    return Refused(QUERY_INVALID, words={"problem": f"'{problem}'"})
