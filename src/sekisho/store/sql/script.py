"""A conversation with a database that knows no database: it yields statements and is sent rows."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

from sekisho.model.step import Lost
from sekisho.store.rows import Unit

# Both databases play the same scripts: there is one place for what a statement means. Parameters are ?1, ?2.
T = TypeVar("T")
Statement = tuple[str, Sequence[object]]
Rows = Sequence[Any]
Script = Generator[Statement, Rows, T]

MOST_UNITS = 256  # in one group
MOST_BYTES = 1_000_000  # in one group
MOST_WAITING = 1_024  # units in the queue; then callers are told to come back


class Play(Protocol):
    """Playing a script in a transaction, on disk when this returns."""

    async def __call__(self, script: Callable[[], Script[T]]) -> T: ...


class Database(Protocol):
    """What a store needs of a database."""

    name: str
    skip_locked: str
    holds: str  # that these bytes have those in them

    async def revision(self) -> str | None:
        """Of its schema; None where there is none."""
        ...

    async def rows(self, sql: str, values: Sequence[object]) -> Rows:
        """One reading statement."""
        ...

    async def land(self, unit: Unit) -> Lost | None:
        """A unit, in a group with others; on disk when this returns."""
        ...

    async def play(self, script: Callable[[], Script[T]]) -> T:
        """A script in a transaction of its own or in a group; on disk when this returns."""
        ...

    async def version(self, since: int) -> int | None:
        """`since`, where it is certain at once that configuration has not moved from there; None: look."""
        ...

    def waiting(self) -> int:
        """How many units wait for their group."""
        ...

    async def close(self) -> None:
        """Write what is queued, then let go."""
        ...


def joined(*parts: str) -> str:
    """SQL of constant parts."""
    return " ".join(parts)


def deleted(table: str, key: str, chosen: str) -> str:
    """Delete a batch of rows by their key.

    The choice is made once: inside an IN it may be made for each row, and one that skips what is locked
    then finds others every time, more than its limit.
    """
    return joined(
        *("WITH chosen AS MATERIALIZED (", chosen, ") DELETE FROM", table),
        *("WHERE (", key, ") IN (SELECT", key, "FROM chosen) RETURNING 1"),
    )
