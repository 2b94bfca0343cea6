"""What memory holds, and a journal by which a unit is undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sekisho.model.artifact import Owner
from sekisho.model.delivery import Delivery
from sekisho.store import Where
from sekisho.store.nouns import FIRST_ADDRESSES
from sekisho.store.rows import NoteRow, SaveRow
from sekisho.store.tombstone import marks
from sekisho.store.upkeep import Change

# What records are found by besides their columns.
NAMED = ("name", "address", "first_addresses")
SOUGHT = frozenset(("tag", *NAMED))


class Kept(msgspec.Struct, frozen=True):
    """An artifact as memory keeps it."""

    handle: bytes
    kind: str
    id: str
    owner: Owner
    born: float
    expires_at: float
    version: int
    body: bytes
    spent_at: float | None = None


@dataclass(slots=True)
class Held:
    """Everything."""

    artifacts: dict[bytes, Kept] = field(default_factory=dict)
    ids: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    once: dict[bytes, float] = field(default_factory=dict)
    tombstones: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    records: dict[tuple[str, str, str], SaveRow] = field(default_factory=dict)
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    events: dict[tuple[str, str], NoteRow] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    uses: dict[tuple[str, str], float] = field(default_factory=dict)
    history: list[tuple[int, float, Change]] = field(default_factory=list)
    moved: int = 0

    def covered(self, owner: Owner, born: float) -> bool:
        """Whether a tombstone covers what this owner began then."""
        return any(
            self.tombstones.get((owner.tenant, mark), (born - 1, 0))[0] >= born
            for mark in marks(owner)
            if mark
        )

    def sought(self, table: str, place: str, where: Mapping[str, str]) -> set[str] | None:
        """The ids of those whose names `where` asks for; None where it asks for no name."""
        wanted = [self._named(table, place, key, value) for key, value in where.items() if key in NAMED]
        return set.intersection(*wanted) if wanted else None

    def _named(self, table: str, place: str, key: str, value: str) -> set[str]:
        names = ((own, id) for (kind, at, own), id in self.names.items() if (kind, at) == (table, place))
        if key == "name":
            return {id for own, id in names if own == value}
        found = sorted((own, id) for own, id in names if own.startswith(value) and "@" in own)
        return {id for _, id in (found[:FIRST_ADDRESSES] if key == "first_addresses" else found)}

    def drop(self, kept: Kept) -> None:
        """An artifact goes."""
        del self.artifacts[kept.handle]
        del self.ids[kept.owner.tenant, kept.kind, kept.id]


class Journal:
    """What a unit did, so that it can be undone."""

    def __init__(self, held: Held, now: float) -> None:
        self.held = held
        self.now = now
        self.changes: list[Change] = []
        self._before: list[tuple[dict[Any, Any], Any, Any]] = []

    def set(self, into: dict[Any, Any], key: object, value: object) -> None:
        """Set a key, or remove it where the value is None."""
        self._before.append((into, key, into.get(key)))
        if value is None:
            into.pop(key, None)
        else:
            into[key] = value

    def undo(self) -> None:
        """Back to how it was."""
        for into, key, value in reversed(self._before):
            if value is None:
                into.pop(key, None)
            else:
                into[key] = value

    def keep(self) -> None:
        """The unit landed: configuration moves."""
        for change in self.changes:
            self.held.moved += 1
            self.held.history.append((self.held.moved, self.now, change))


def live(kept: Kept, now: float) -> bool:
    """Neither expired nor spent."""
    return kept.expires_at > now and kept.spent_at is None


def known(where: Where, keys: set[str]) -> Iterable[tuple[str, str]]:
    """What is asked for; KeyError for what cannot be asked."""
    for key in where:
        if key not in keys:
            raise KeyError(key)
    return where.items()
