"""Who reads a page: the language and the light that a request asks for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sekisho.spec.http import Ask

LANGUAGES: Mapping[str, str] = {"en": "English", "ja": "日本語"}
LIGHTS = ("light", "dark")
LONGEST_HEADER = 4096
MOST_WISHES = 32
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """The language that is spoken, those that could be, and a light or none: then the system decides."""

    language: str
    others: tuple[str, ...]
    light: str


def reader(ask: Ask, offered: Sequence[str] = tuple(LANGUAGES), person: str = "") -> Reader:
    """The first language of the request that is offered, otherwise the first that is offered."""
    wanted = (wish.partition("-")[0].lower() for wish in _languages(ask, person))
    language = next((wish for wish in wanted if wish in offered), offered[0])
    light = cookie(ask, "theme")
    others = tuple(other for other in offered if other != language)
    return Reader(language, others, light if light in LIGHTS else "")


def _languages(ask: Ask, person: str) -> Iterator[str]:
    """What this request asks for, what was chosen before, what the person speaks, what the browser says.

    A claim may have an underscore where a language tag has none (OpenID Connect Core 1.0 section 5.1).
    """
    for name, value in (*ask.query, *ask.form):
        if name == "ui_locales":
            yield from value[:LONGEST_HEADER].split(" ", MOST_WISHES)
    yield cookie(ask, "lang")
    yield person.replace("_", "-")
    yield from wishes(ask.headers.get("accept-language", ""))


def wishes(header: str) -> list[str]:
    """The values of a weighted list, most wanted first, without the unwanted. RFC 9110 section 12.4.2."""
    weighed = []
    for part in header[:LONGEST_HEADER].split(",")[:MOST_WISHES]:
        value, *rest = (piece.strip() for piece in part.split(";"))
        weight = _weight(rest)
        if value and weight > 0:
            weighed.append((-weight, value))
    return [value for _, value in sorted(weighed, key=lambda pair: pair[0])]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter[:2].lower() == "q=":
            match = _WEIGHT.fullmatch(parameter)
            return float(match[1]) if match else 0.0
    return 1.0


def cookie(ask: Ask, name: str) -> str:
    """The value of a cookie; empty where there is none."""
    for part in ask.headers.get("cookie", "")[:LONGEST_HEADER].split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
