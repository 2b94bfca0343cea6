"""XML as a value: an element, what is said of it, what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Node:
    """An element by the name `{namespace}local`; in it are a text, or elements."""

    name: str
    attributes: Mapping[str, str]
    inside: "str | tuple[Node, ...]" = ()

    @classmethod
    def of(cls, namespace: str, local: str, *inside: Self, **attributes: str) -> Self:
        """An element with others in it."""
        return cls(f"{{{namespace}}}{local}", attributes, inside)

    @classmethod
    def saying(cls, namespace: str, local: str, text: str, **attributes: str) -> Self:
        """An element with a text in it."""
        return cls(f"{{{namespace}}}{local}", attributes, text)


def moment(at: float) -> str:
    """A time as XML has it, in milliseconds of UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
