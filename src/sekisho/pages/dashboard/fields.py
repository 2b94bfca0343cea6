"""Forms of the dashboard: what a record says shown in fields, and what was typed as a verb takes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from sekisho.pages.dashboard import problems
from sekisho.pages.dashboard.problems import Problem
from sekisho.spec.http import Pairs, every
from sekisho.spec.refusal import Refused

F = TypeVar("F", bound=Struct)
# text: nothing typed is null · lines: one value for each line · ticks: every box that is ticked
Kind = Literal["text", "lines", "ticks", "switch", "number"]
Kinds = Mapping[str, Kind]
VERSION = "version"
LONGEST_VERSION = 18
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_REAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields show; what is wrong, by field, and for the whole form under the empty name."""

    values: Mapping[str, Any]
    version: int = 0
    problems: Mapping[str, Problem] = field(default_factory=dict)
    # Where somebody else was faster: what stands there now, for the fields in which that differs.
    now: Mapping[str, Any] = field(default_factory=dict)
    locked: bool = False

    def text(self, name: str) -> str:
        """A value as one line shows it: a number without the part that says nothing."""
        value = self.values.get(name)
        whole = isinstance(value, float) and value.is_integer()
        return "" if value is None else str(int(value) if whole else value)

    def lines(self, name: str) -> str:
        """A list as a text area shows it."""
        value = self.values.get(name)
        return "\n".join(value) if isinstance(value, (list, tuple)) else str(value or "")


def shown(said: Mapping[str, Any], version: int = 0, *, locked: bool = False) -> Form:
    """The form of a record as it is; locked for whoever may only look."""
    return Form(said, version, locked=locked)


def typed(form: Pairs, kinds: Kinds) -> dict[str, Any]:
    """What was typed into these fields, by their wire names."""
    return {name: _READERS[kind](every(form, name)) for name, kind in kinds.items()}


def asked(form: Pairs, kinds: Kinds, said: Mapping[str, Any], into: type[F]) -> F:
    """What is to be changed, as a verb takes it."""
    return converted(told(form, kinds, said), into)


def told(form: Pairs, kinds: Kinds, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be changed: what stands there already is not said again."""
    return {name: value for name, value in typed(form, kinds).items() if value != _plain(said.get(name))}


def converted(values: Mapping[str, Any], into: type[F]) -> F:
    """The values as a verb takes them; `a.b` is a member of a member."""
    try:
        return msgspec.convert(_nested(values), into)
    except msgspec.ValidationError as error:
        raise problems.of_conversion(error) from error


def again(refused: Refused, form: Pairs, kinds: Kinds, said: Mapping[str, Any], current: int) -> Form:
    """The form as it was sent, with what was wrong; `said` and `current` are what stands there now.

    Where somebody else was faster, both values are shown, and the next try is meant for what is there.
    """
    values = {**said, **typed(form, kinds)}
    if not problems.is_stale(refused):
        return Form(values, version(form) or 0, problems.of_refusal(refused))
    now = {name: said[name] for name in kinds if name in said and values[name] != _plain(said[name])}
    return Form(values, current, problems.of_refusal(refused), now)


def version(form: Pairs) -> int | None:
    """The version that the form was filled in for."""
    told = next(iter(every(form, VERSION)), "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST_VERSION else None


def at(form: Pairs) -> tuple[int, ...] | None:
    """The same, as verbs take it."""
    found = version(form)
    return None if found is None else (found,)


def _text(values: Sequence[str]) -> str | None:
    return next((value.strip() for value in values if value.strip()), None)


def _lines(values: Sequence[str]) -> list[str]:
    return [line.strip() for value in values for line in value.splitlines() if line.strip()]


def _number(values: Sequence[str]) -> float | str | None:
    text = _text(values)
    if text is None or not (_WHOLE.fullmatch(text) or _REAL.fullmatch(text)):
        return text
    return int(text) if _WHOLE.fullmatch(text) else float(text)


_READERS: Mapping[Kind, Any] = {
    "text": _text,
    "lines": _lines,
    "ticks": list,
    "switch": bool,
    "number": _number,
}


def _plain(value: object) -> object:
    """A value as it is typed: no text is null, a tuple is a list."""
    if isinstance(value, tuple):
        return list(value)
    return None if value == "" else value


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        place, (*outer, last) = found, name.split(".")
        for each in outer:
            place = place.setdefault(each, {})
        place[last] = value
    return found
