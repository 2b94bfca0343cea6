"""Storage in memory: small, real, and gone with the process."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sekisho.limits import Allowed, Bucket, Wait
from sekisho.model.artifact import Artifact, Owner, Spent
from sekisho.model.delivery import Delivery
from sekisho.model.event import FORGET_AFTER, Event, Use, moment
from sekisho.model.record import Record
from sekisho.model.step import Lost, Step
from sekisho.store import Where, Window, memory_audit, memory_outbox, rows
from sekisho.store.memory_held import SOUGHT, Held, Kept, known, live
from sekisho.store.memory_unit import make
from sekisho.store.nouns import NOUNS, WORDS
from sekisho.store.rows import SaveRow
from sekisho.store.sound import searched
from sekisho.store.tombstone import LIFETIME, MOST_ENDED, mark, narrowed, reach
from sekisho.store.upkeep import Changes

A = TypeVar("A", bound=Artifact)
R = TypeVar("R", bound=Record)

MOST_CHANGES = 10_000
KEEP_CHANGES = 1_000
KEEP_CHANGES_FOR = 600.0


class MemoryEngine:
    """All ports over dictionaries."""

    name = "memory"

    def __init__(self, pepper: bytes = b"", clock: Callable[[], float] = time.time) -> None:
        self._pepper = pepper
        self._clock = clock
        self._read = rows.Reader()
        self._held = Held()

    async def get(self, kind: type[A], handle: str) -> A | Spent | None:
        """What was taken stays Spent until it expires, also after a revocation."""
        kept = self._held.artifacts.get(rows.fingerprint(self._pepper, kind.__name__, handle))
        if kept is None or kept.expires_at <= self._clock():
            return None
        if kept.spent_at is not None:
            return Spent(id=kept.id, owner=kept.owner, at=kept.spent_at)
        return None if self._held.covered(kept.owner, kept.born) else self._read(kind, kept.body)

    async def find(self, kind: type[A], owner: Owner, after: str | None, limit: int) -> list[A]:
        """Live artifacts by id."""
        found = [
            kept for kept in self._owned(owner) if kept.kind == kind.__name__ and kept.id > (after or "")
        ]
        found = [kept for kept in found if not self._held.covered(kept.owner, kept.born)]
        return [self._read(kind, kept.body) for kept in sorted(found, key=lambda kept: kept.id)[:limit]]

    def _owned(self, owner: Owner) -> Iterator[Kept]:
        now = self._clock()
        fields = [
            (name, value) for name in owner.__struct_fields__ if (value := getattr(owner, name)) is not None
        ]
        for kept in self._held.artifacts.values():
            if live(kept, now) and all(getattr(kept.owner, name) == value for name, value in fields):
                yield kept

    async def write(self, *steps: Step) -> Lost | None:
        """All steps or none: nothing awaits in between, and what was done is undone."""
        return make(self._held, rows.unit(steps, self._pepper, self._clock()))

    async def revoke(self, owner: Owner, at: float) -> int:
        """A tombstone, then the rows."""
        narrow = narrowed(owner)
        key, until = (narrow.tenant, mark(narrow)), reach(narrow, at)
        reached, expires_at = self._held.tombstones.get(key, (until, 0.0))
        self._held.tombstones[key] = (max(reached, until), max(expires_at, at + LIFETIME))
        ended = [kept for kept in self._owned(narrow) if kept.born <= until][:MOST_ENDED]
        for kept in ended:
            self._held.drop(kept)
        return len(ended)

    async def revoked(self, owner: Owner, born: float) -> bool:
        """Whether a tombstone covers it."""
        return self._held.covered(owner, born)

    async def record(self, kind: type[R], tenant: str, id: str) -> R | None:
        """By its id."""
        row = self._held.records.get((NOUNS[kind].table, rows.place(kind, tenant), id))
        return None if row is None else self._read(kind, row.doc)

    async def named(self, kind: type[R], tenant: str, name: str) -> R | None:
        """By one of its names."""
        id = self._held.names.get((NOUNS[kind].table, rows.place(kind, tenant), name))
        return None if id is None else await self.record(kind, tenant, id)

    async def met(self, kind: type[Record], tenant: str, name: str) -> list[Record]:
        """Nothing is far from here, so it brings nothing along."""
        return [record for record in (await self.named(kind, tenant, name),) if record]

    async def records(self, kind: type[R], tenant: str, where: Where, window: Window) -> list[R]:
        """A stretch of the list; KeyError for what cannot be asked."""
        later = (row for row in self._matching(kind, tenant, where) if row.id > (window.after or ""))
        found = sorted(later, key=lambda row: row.id)
        return [self._read(kind, row.doc) for row in found[window.offset : window.offset + window.limit]]

    async def count(self, kind: type[R], tenant: str, where: Where) -> int:
        """How many records match; KeyError for what cannot be asked."""
        return len(self._matching(kind, tenant, where))

    def _matching(self, kind: type[R], tenant: str, where: Where) -> list[SaveRow]:
        noun, place = NOUNS[kind], rows.place(kind, tenant)
        columns = noun.kept
        asked = known(where, {*SOUGHT, *columns})
        wanted = [(columns.index(key), value) for key, value in asked if key not in (*SOUGHT, WORDS)]
        piece = searched((where.get(WORDS, ""),))
        tag, ids = where.get("tag"), self._held.sought(noun.table, place, where)
        return [
            row
            for (table, at, _), row in self._held.records.items()
            if (table, at) == (noun.table, place)
            and (tag is None or tag in row.tags)
            and (ids is None or row.id in ids)
            and (not piece or piece in (row.columns[-1] or ""))
            and all(row.columns[n] == value for n, value in wanted)
        ]

    async def events(self, tenant: str, where: Where, window: Window) -> list[Event]:
        """The audit, newest first; KeyError for what cannot be asked."""
        wanted = list(known(where, {"slug", "client", "user"}))
        stretch = memory_audit.newest(self._held.events.values(), tenant, wanted, window)
        return [self._read(Event, row.body) for row in stretch]

    async def traced(self, tenant: str, correlation: str, window: Window) -> list[Event]:
        """Those of one request."""
        return [each for each in await self.events(tenant, {}, window) if each.correlation == correlation]

    async def tally(self, tenant: str, slug: str, moments: Sequence[float]) -> list[int]:
        """How many of the audit fall into each stretch."""
        return memory_audit.tallied(self._held.events.values(), tenant, slug, moments)

    async def counts(self, tenant: str, moments: Sequence[float]) -> Mapping[str, Sequence[int]]:
        """How many of each slug fall into each stretch."""
        return memory_audit.counted(self._held.events.values(), tenant, moments)

    async def people(self, tenant: str, slug: str, since: float) -> int:
        """Whom the audit names."""
        return memory_audit.people(self._held.events.values(), tenant, slug, since)

    async def changes(self, since: int) -> Changes:
        """What moved; None for what history no longer holds."""
        version = self._held.moved
        moved = [change for number, _, change in self._held.history if number > since]
        whole = len(moved) == version - since <= MOST_CHANGES
        return Changes(version, tuple(moved) if whole else None)

    async def sweep(self, now: float, limit: int) -> int:
        """A batch of each kind."""
        held = self._held
        artifacts = [kept for kept in held.artifacts.values() if kept.expires_at <= now][:limit]
        for kept in artifacts:
            held.drop(kept)
        gone = len(artifacts)
        gone += _forget(
            held.once, [key for key, expires_at in held.once.items() if expires_at <= now][:limit]
        )
        gone += _forget(
            held.tombstones, [key for key, (_, end) in held.tombstones.items() if end <= now][:limit]
        )
        gone += _forget(held.deliveries, memory_outbox.done(held, now)[:limit])
        gone += _forget(held.uses, [key for key, at in held.uses.items() if at < now - FORGET_AFTER][:limit])
        old = [
            n for n, at, _ in held.history if n <= held.moved - KEEP_CHANGES and at < now - KEEP_CHANGES_FOR
        ]
        del held.history[: len(old[:limit])]
        return gone + len(old[:limit])

    async def claim(self, kinds: Collection[str], lease: float, limit: int) -> list[Delivery]:
        """Nothing awaits, so nobody else can claim."""
        now = self._clock()
        claimed = memory_outbox.claim(self._held, kinds, now, now + lease)[:limit]
        self._held.deliveries |= {one.id: one for one in claimed}
        return claimed

    async def deliveries(self, tenant: str, after: str | None, limit: int) -> list[Delivery]:
        """By id."""
        return memory_outbox.listed(self._held, tenant, after)[:limit]

    async def prune(self, tenant: str, before: float, limit: int) -> int:
        """The oldest go first."""
        old = sorted(key for key in self._held.events if key[0] == tenant and key[1] < moment(before))
        return _forget(self._held.events, old[:limit])

    async def used(self, uses: Sequence[Use]) -> None:
        """The latest moment stays."""
        held = self._held.uses
        for use in uses:
            held[use.tenant, use.client_id] = max(use.at, held.get((use.tenant, use.client_id), use.at))

    async def last_used(self, tenant: str, clients: Collection[str]) -> Mapping[str, float]:
        """Those of them that were used."""
        return {name: self._held.uses[tenant, name] for name in clients if (tenant, name) in self._held.uses}

    def waiting(self) -> int:
        """Nothing ever does."""
        return 0

    async def close(self) -> None:
        """Nothing is queued."""


def _forget(held: dict[Any, Any], keys: list[Any]) -> int:
    for key in keys:
        del held[key]
    return len(keys)


class MemoryLimits:
    """Token buckets of one process."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float, float]] = {}

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        """Take as many tokens, or say when there will be as many."""
        held, at = self._level(key, bucket, now)
        if held < cost:
            return Wait((cost - held) * bucket.pace + (at - now))
        self._keep(key, bucket, held - cost, at)
        return Allowed(held - cost)

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> None:
        """Give as many tokens back, up to the burst."""
        if key in self._buckets:
            held, at = self._level(key, bucket, now)
            self._keep(key, bucket, min(bucket.burst, held + cost), at)

    def _level(self, key: str, bucket: Bucket, now: float) -> tuple[float, float]:
        tokens, at, _ = self._buckets.get(key, (bucket.burst, now, now))
        later = max(at, now)
        return min(bucket.burst, tokens + (later - at) * bucket.rate), later

    def _keep(self, key: str, bucket: Bucket, held: float, at: float) -> None:
        self._buckets[key] = (held, at, at + (bucket.burst - held) * bucket.pace)

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        return _forget(self._buckets, [key for key, (_, _, at) in self._buckets.items() if at <= now][:limit])

    async def close(self) -> None:
        """Nothing to let go."""
