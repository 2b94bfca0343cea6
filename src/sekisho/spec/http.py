"""What a door hears and says: one request and one answer, free of any web framework."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, Self

import msgspec

from sekisho.spec.contrast import absent, repeated
from sekisho.spec.refusal import MISSING_PARAMETER, REPEATED_PARAMETER, Refused

Pairs = tuple[tuple[str, str], ...]
# A member of a JSON body that is no text: no parameter may have this value.
NO_TEXT = "\ufffd"
NO_STORE: Pairs = (("cache-control", "no-store"), ("pragma", "no-cache"))


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request. Repeats and places are kept; an empty parameter counts as absent (RFC 6749 section 3.1).

    `lines` and `raw_query` are headers and query as they came, for whoever passes them on.
    """

    method: str
    path: str
    root: str
    headers: Mapping[str, str] = {}
    lines: Sequence[tuple[bytes, bytes]] = ()
    query: Pairs = ()
    raw_query: bytes = b""
    form: Pairs = ()
    body: bytes = b""
    names: Mapping[str, str] = {}
    address: str = ""
    id: str = ""
    correlation: str = ""

    def get(self, name: str) -> str | None:
        """The one value of a body parameter; a repeat is refused (RFC 6749 section 3.2)."""
        return one(self.form, name)

    def need(self, name: str) -> str:
        """The one value of a body parameter that has to be there."""
        value = one(self.form, name)
        if value is None:
            raise Refused(MISSING_PARAMETER, words={"name": name}, seen=absent(name))
        return value


class Pieces(Protocol):
    """A long body, a piece at a time. Who is handed it closes it; `Refused` says that no more comes."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None:
        """Let go of where it comes from."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response: JSON, ready bytes, bytes that are still to come, or a page by name and context.

    `length` is how long the body would be, where that is known and the body is not here.
    """

    status: int = 200
    json: object = None
    body: bytes = b""
    pieces: Pieces | None = None
    length: int | None = None
    kind: str = "application/json"
    page: tuple[str, Mapping[str, object]] | None = None
    headers: Pairs = ()


def one(pairs: Pairs, name: str) -> str | None:
    """The value of a parameter that may be sent once at most."""
    found: str | None = None
    for key, value in pairs:
        if key == name and value:
            if found is not None:
                raise Refused(REPEATED_PARAMETER, words={"name": name}, seen=repeated(name))
            found = value
    return found


def every(pairs: Pairs, name: str) -> tuple[str, ...]:
    """All values of a parameter that may be repeated (RFC 8707 section 2)."""
    return tuple(value for key, value in pairs if key == name and value)


def parameters_are_single(pairs: Pairs, repeatable: Collection[str] = ()) -> None:
    """A parameter is sent at most once, known or not. RFC 6749 section 3.2."""
    if len({key for key, _ in pairs}) == len(pairs):
        return
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen and key not in repeatable:
            raise Refused(REPEATED_PARAMETER, words={"name": key[:64]}, seen=repeated(key[:64]))
        seen.add(key)
