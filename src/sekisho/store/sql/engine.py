"""The engine of both databases: the ports of storage, said in statements and scripts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from sekisho.model.artifact import Artifact, Owner, Spent
from sekisho.model.delivery import Delivery
from sekisho.model.event import Event, Use
from sekisho.model.record import Record
from sekisho.model.step import Lost, Step
from sekisho.store import Where, Window, rows
from sekisho.store.nouns import NOUNS
from sekisho.store.sql import artifacts, audit, outbox, records, upkeep, uses
from sekisho.store.sql.script import Database, Statement
from sekisho.store.tombstone import MOST_ENDED, narrowed
from sekisho.store.upkeep import Changes

A = TypeVar("A", bound=Artifact)
R = TypeVar("R", bound=Record)


class SqlEngine:
    """Storage in a relational database."""

    def __init__(self, database: Database, pepper: bytes, clock: Callable[[], float]) -> None:
        self.name = database.name
        self._database = database
        self._pepper = pepper
        self._clock = clock
        self._read = rows.Reader()

    async def get(self, kind: type[A], handle: str) -> A | Spent | None:
        """What was taken stays Spent until it expires, also after a revocation."""
        digest = rows.fingerprint(self._pepper, kind.__name__, handle)
        found = await self._database.rows(artifacts.GET, (digest, self._clock()))
        if not found:
            return None
        body, *whose, covered = found[0]
        if whose[0] is not None:
            return artifacts.spent(whose)
        return None if covered else self._read(kind, body)

    async def find(self, kind: type[A], owner: Owner, after: str | None, limit: int) -> list[A]:
        """Live artifacts by id; every owner column has an index that ends in the id."""
        asked = artifacts.find(kind.__name__, owner, after, limit, self._clock())
        return [self._read(kind, body) for (body,) in await self._database.rows(*asked)]

    async def write(self, *steps: Step) -> Lost | None:
        """The unit lands in a group commit."""
        return await self._database.land(rows.unit(steps, self._pepper, self._clock()))

    async def revoke(self, owner: Owner, at: float) -> int:
        """The tombstone first: from its commit on the rows are invisible, so they may go in batches."""
        narrow, play = narrowed(owner), self._database.play
        await play(lambda: upkeep.bury(narrow, at))
        ended = 0
        while ended < MOST_ENDED:
            batch = await play(lambda: upkeep.end(narrow, at, self._clock(), self._database.skip_locked))
            ended += batch
            if batch < upkeep.BATCH:
                break
        return ended

    async def revoked(self, owner: Owner, born: float) -> bool:
        """One indexed read."""
        return bool(await self._database.rows(*artifacts.revoked(owner, born)))

    async def record(self, kind: type[R], tenant: str, id: str) -> R | None:
        """By primary key."""
        return await self._one(kind, records.by_id(NOUNS[kind], rows.place(kind, tenant), id))

    async def named(self, kind: type[R], tenant: str, name: str) -> R | None:
        """By one of its names."""
        return await self._one(kind, records.by_name(NOUNS[kind], rows.place(kind, tenant), name))

    async def met(self, kind: type[Record], tenant: str, name: str) -> list[Record]:
        """By one of its names, with what it brings along, in one statement."""
        noun = NOUNS[kind]
        found = await self._database.rows(*records.with_brought(noun, rows.place(kind, tenant), name))
        # What is left of one that is gone is brought by nobody.
        if not found or found[0][0]:
            return []
        return [self._read(noun.brings[0] if n and noun.brings else kind, doc) for n, doc in found]

    async def _one(self, kind: type[R], asked: Statement) -> R | None:
        found = await self._database.rows(*asked)
        return self._read(kind, found[0][0]) if found else None

    async def records(self, kind: type[R], tenant: str, where: Where, window: Window) -> list[R]:
        """A stretch of the list; KeyError for what cannot be asked."""
        asked = records.listed(NOUNS[kind], rows.place(kind, tenant), where, window)
        return [self._read(kind, doc) for (doc,) in await self._database.rows(*asked)]

    async def count(self, kind: type[R], tenant: str, where: Where) -> int:
        """How many records match; KeyError for what cannot be asked."""
        found = await self._database.rows(*records.counted(NOUNS[kind], rows.place(kind, tenant), where))
        return int(found[0][0])

    async def events(self, tenant: str, where: Where, window: Window) -> list[Event]:
        """The audit, newest first; KeyError for what cannot be asked."""
        found = await self._database.rows(*records.events(tenant, where, window))
        return [self._read(Event, body) for (body,) in found]

    async def traced(self, tenant: str, correlation: str, window: Window) -> list[Event]:
        """One read, in which the database does the looking."""
        asked = audit.traced(tenant, correlation, window, self._database.holds)
        found = [self._read(Event, body) for (body,) in await self._database.rows(*asked)]
        return [event for event in found if event.correlation == correlation]

    async def tally(self, tenant: str, slug: str, moments: Sequence[float]) -> list[int]:
        """By one statement, however many stretches."""
        found = await self._database.rows(*audit.tallied(tenant, slug, moments))
        return list(found[0])

    async def counts(self, tenant: str, moments: Sequence[float]) -> Mapping[str, Sequence[int]]:
        """By one statement, however many slugs and stretches."""
        found: dict[str, list[int]] = {}
        for slug, n, many in await self._database.rows(*audit.counted(tenant, moments)):
            found.setdefault(slug, [0] * (len(moments) - 1))[n] = many
        return found

    async def people(self, tenant: str, slug: str, since: float) -> int:
        """Whom the audit names."""
        found = await self._database.rows(*audit.people(tenant, slug, since))
        return int(found[0][0])

    async def changes(self, since: int) -> Changes:
        """Costs next to nothing while nothing changes."""
        if await self._database.version(since) == since:
            return Changes(since, ())
        return upkeep.read_changes(since, await self._database.rows(*upkeep.changes(since)))

    async def sweep(self, now: float, limit: int) -> int:
        """One batch of each kind."""
        skip_locked = self._database.skip_locked
        gone = await self._database.play(lambda: upkeep.sweep(now, limit, skip_locked))
        gone += await self._database.play(lambda: uses.sweep(now, limit, skip_locked))
        return gone + await self._database.play(lambda: outbox.sweep(now, limit, skip_locked))

    async def used(self, uses_: Sequence[Use]) -> None:
        """In one transaction."""
        await self._database.play(lambda: uses.used(uses_))

    async def last_used(self, tenant: str, clients: Collection[str]) -> Mapping[str, float]:
        """One read."""
        if not clients:
            return {}
        return dict(map(tuple, await self._database.rows(*uses.last_used(tenant, clients))))

    async def claim(self, kinds: Collection[str], lease: float, limit: int) -> list[Delivery]:
        """A conditional change of the rows; most of the time one read says that there are none."""
        now, skip_locked = self._clock(), self._database.skip_locked
        if not await self._database.rows(*outbox.due(kinds, now)):
            return []
        return await self._database.play(lambda: outbox.claim(kinds, (now, now + lease), limit, skip_locked))

    async def deliveries(self, tenant: str, after: str | None, limit: int) -> list[Delivery]:
        """One read."""
        return [outbox.read(row) for row in await self._database.rows(*outbox.listed(tenant, after, limit))]

    async def prune(self, tenant: str, before: float, limit: int) -> int:
        """Through the primary key, which is in the order of time."""
        skip_locked = self._database.skip_locked
        return await self._database.play(lambda: upkeep.prune(tenant, before, limit, skip_locked))

    def waiting(self) -> int:
        """What the writer has not come to."""
        return self._database.waiting()

    async def close(self) -> None:
        """Write what is queued, then let go."""
        await self._database.close()
