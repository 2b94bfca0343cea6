"""What an answer shows: the members that the caller may see, cut to those it asked for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from sekisho.api import match, query
from sekisho.api.operation import Parameter, Words
from sekisho.spec.http import NO_STORE, Answer, Ask, one

V = TypeVar("V")
View = dict[str, Any]
# A member that is left out where it is not set.
Maybe: TypeAlias = V | UnsetType

CUT = (
    Parameter(
        "fields", str, Words("The members to keep, separated by commas.", "残す項目（カンマ区切り）。")
    ),
    Parameter(
        "include_fields",
        bool,
        Words("false: drop the members that fields names.", "false の場合、fields の項目を除く。"),
    ),
)


def cutter(ask: Ask) -> Callable[[Mapping[str, object]], View]:
    """How to cut a view to `fields`, or to everything else. It only ever takes away."""
    text = one(ask.query, "fields")
    include = query.flag(ask, "include_fields", default=True)
    if text is None:
        return dict
    names = frozenset(name.strip() for name in text.split(","))
    return lambda view: {name: value for name, value in view.items() if (name in names) == include}


def members(seen: Struct) -> View:
    """The members that are set."""
    found: View = msgspec.to_builtins(seen)
    return found


def shown(view: object, status: int = 200, version: int | None = None) -> Answer:
    """An answer that no cache keeps; a single thing says which version it is."""
    headers = NO_STORE if version is None else (*NO_STORE, *match.tag(version))
    return Answer(status=status, json=view, headers=headers)


def with_headers(answer: Answer, *headers: tuple[str, str]) -> Answer:
    """The answer, and these headers."""
    return replace(answer, headers=(*answer.headers, *headers))


def nothing(status: int = 204) -> Answer:
    """Done; there is nothing to show."""
    return Answer(status=status, headers=NO_STORE)


def unless_empty(value: V) -> V | UnsetType:
    """The value, if it says anything."""
    return UNSET if value in ("", None, (), {}) else value


def perhaps(at: float | None) -> Maybe[str]:
    """A time that may not be."""
    return UNSET if at is None else moment(at)


def moment(at: float) -> str:
    """A time as the management API writes it: ISO 8601 with milliseconds, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
