"""The ports of storage: artifacts, records, one way to write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sekisho.model.artifact import Artifact, Owner, Spent
from sekisho.model.event import Event
from sekisho.model.record import Record
from sekisho.model.step import Lost, Step
from sekisho.store.outbox import Outbox
from sekisho.store.upkeep import Upkeep
from sekisho.store.uses import Uses

A = TypeVar("A", bound=Artifact)
R = TypeVar("R", bound=Record)


class Store(Protocol):
    """Artifacts by handle or owner, and the one way to change anything."""

    async def get(self, kind: type[A], handle: str) -> A | Spent | None:
        """The artifact behind a handle; None if unknown, expired or revoked."""
        ...

    async def find(self, kind: type[A], owner: Owner, after: str | None, limit: int) -> list[A]:
        """Live artifacts of an owner (every field that is set must match), by id, without handles."""
        ...

    async def write(self, *steps: Step) -> Lost | None:
        """All steps or none, on disk when this returns."""
        ...

    async def revoke(self, owner: Owner, at: float) -> int:
        """End what belongs to an owner: a tombstone, then its rows. A named grant is ended for ever."""
        ...

    async def revoked(self, owner: Owner, born: float) -> bool:
        """Whether a tombstone covers something of this owner that began at `born`; one read."""
        ...


class Records(Protocol):
    """Remembered nouns of a tenant."""

    async def record(self, kind: type[R], tenant: str, id: str) -> R | None:
        """The record with this id."""
        ...

    async def named(self, kind: type[R], tenant: str, name: str) -> R | None:
        """The record that has this name; names are unique within tenant and kind."""
        ...

    async def met(self, kind: type[Record], tenant: str, name: str) -> list[Record]:
        """That record, and behind it some of those that its noun brings along; one read."""
        ...

    async def records(self, kind: type[R], tenant: str, where: "Where", window: "Window") -> list[R]:
        """Records in the order of their ids, those whose columns, tags and names match `where`.

        Beside columns it has `tag`, `name`, `address`: how a name begins that has an @ in it,
        `first_addresses`: the same of the first FIRST_ADDRESSES alone, in the order of names, and `words`:
        a piece of what the noun is searched by, in letters of any size.
        """
        ...

    async def count(self, kind: type[R], tenant: str, where: "Where") -> int:
        """How many there are."""
        ...

    async def events(self, tenant: str, where: "Where", window: "Window") -> list[Event]:
        """Audit events, newest first; `window.after` is the id of the last one seen."""
        ...

    async def traced(self, tenant: str, correlation: str, window: "Window") -> list[Event]:
        """Of that window of all audit events those of one request; it is looked through, event by event."""
        ...

    async def tally(self, tenant: str, slug: str, moments: Sequence[float]) -> list[int]:
        """How many audit events of this slug there are from each moment to the next."""
        ...

    async def counts(self, tenant: str, moments: Sequence[float]) -> Mapping[str, Sequence[int]]:
        """How many audit events of each slug that has any there are from each moment to the next."""
        ...

    async def people(self, tenant: str, slug: str, since: float) -> int:
        """How many different users the audit events of this slug name since then."""
        ...


class Engine(Store, Records, Upkeep, Outbox, Uses, Protocol):
    """What an engine is: all five ports."""


Where = Mapping[str, str]
EVERYWHERE = "*"
Watch = Callable[[int, float], None]  # told of every group that was written: how many units and seconds


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a list: after an id (exclusive), then skipping `offset`."""

    limit: int = 50
    after: str | None = None
    offset: int = 0
