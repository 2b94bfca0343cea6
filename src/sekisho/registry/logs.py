"""The audit, read from the newest back or onwards from what was seen, and counted."""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from sekisho.model.event import Event, moment
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import LOG_ABSENT
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

# What is looked for, as conditions that exclude each other.
Branches = tuple[Where, ...]

ID = re.compile(r"[0-9a-f]{28}")
CLOCK = 12  # digits of an id that are its time in milliseconds
# Batched events are written a moment after they happened: whoever reads onwards waits for them.
SETTLED = 2.0
STRETCH = 400
MOST_AT_ONCE = 10_000
STRETCHES_AT_ONCE = 12
# What no index finds is looked for among so many at once: of a client or a user, and of all.
PIECE, MOST_PIECES = 1_000, 4
TRACED, TRACED_AT_ONCE = 50_000, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; all that is said of it holds. Without slugs: of every slug."""

    slugs: Collection[str] = ()
    client: str = ""
    user: str = ""
    correlation: str = ""
    since: float = 0
    until: float | None = None

    @property
    def where(self) -> Where:
        """What an index narrows it down to; the fewest events are a user's."""
        return {"user": self.user} if self.user else {"client": self.client} if self.client else {}

    def takes(self, event: Event) -> bool:
        """It is one of them, as far as an index may not say so."""
        return (
            (not self.slugs or event.slug in self.slugs)
            and self.client in ("", event.client)
            and self.user in ("", event.user)
            and self.correlation in ("", event.correlation)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Some events, newest first. `next`: the id to go on after, empty where there are no more.

    `stopped`: so many were looked at, and there may be more behind them.
    """

    events: Sequence[Event]
    next: str = ""
    stopped: bool = False


async def find(tenant: Tenant, id: str) -> Event:
    """The event of this id."""
    # The greatest id below this one with a digit more is this one, if it exists.
    found = await tenant.store.events(tenant.id, {}, Window(1, after=f"{id}0")) if ID.fullmatch(id) else []
    if not found or found[0].id != id:
        raise Refused(LOG_ABSENT)
    return found[0]


async def newest(tenant: Tenant, branches: Branches, most: int, after: str | None = None) -> list[Event]:
    """What matches any branch, newest first."""
    read = [await tenant.store.events(tenant.id, where, Window(most, after)) for where in branches]
    return list(islice(merge(*read, key=_id, reverse=True), most))


async def sought(tenant: Tenant, wanted: Wanted, after: str | None, most: int) -> Found:
    """What is wanted, from the newest on or after one that was seen."""
    until = None if wanted.until is None else moment(wanted.until)
    start = min((edge for edge in (after, until) if edge is not None), default=None)
    if wanted.correlation:
        return await _traced(tenant, wanted, start, most)
    if not wanted.where:
        branches = tuple({"slug": slug} for slug in wanted.slugs) or ({},)
        found = await newest(tenant, branches, most + 1, start)
        return _cut(found, wanted, most)
    return await _sieved(tenant, wanted, start, most)


async def _traced(tenant: Tenant, wanted: Wanted, start: str | None, most: int) -> Found:
    """The store looks through many, because no index knows requests: most of them are never asked for."""
    found: list[Event] = []
    for _ in range(0, TRACED, TRACED_AT_ONCE):
        window, last = Window(TRACED_AT_ONCE, start), Window(1, start, TRACED_AT_ONCE - 1)
        found += filter(wanted.takes, await tenant.store.traced(tenant.id, wanted.correlation, window))
        edge = await tenant.store.events(tenant.id, {}, last)
        if not edge or len(found) > most or edge[0].id < moment(wanted.since):
            return _cut(found, wanted, most)
        start = edge[0].id
        await asyncio.sleep(0)
    return _cut(found, wanted, most, start or "")


async def _sieved(tenant: Tenant, wanted: Wanted, start: str | None, most: int) -> Found:
    """By the best index, and of what it finds some pieces."""
    is_exact = wanted == Wanted(since=wanted.since, until=wanted.until, **wanted.where)
    found: list[Event] = []
    for _ in range(MOST_PIECES):
        window = Window(most + 1 if is_exact else PIECE, start)
        piece = await tenant.store.events(tenant.id, wanted.where, window)
        found += filter(wanted.takes, piece)
        if len(piece) < window.limit or len(found) > most or piece[-1].id < moment(wanted.since):
            return _cut(found, wanted, most)
        start = piece[-1].id
    return _cut(found, wanted, most, start or "")


def _cut(found: Sequence[Event], wanted: Wanted, most: int, edge: str = "") -> Found:
    """As many as are shown; behind the edge nothing was looked at."""
    since = moment(wanted.since)
    fresh = [event for event in found if event.id >= since]
    if len(fresh) > most:
        return Found(fresh[:most], fresh[most - 1].id)
    return Found(fresh, edge, stopped=True) if edge > since else Found(fresh)


async def onwards(tenant: Tenant, seen: str, limit: int) -> list[Event]:
    """The first events after the one that was seen, oldest first; of all, where none was.

    The store reads backwards from a moment: the time is halved until a stretch has enough and not too much.
    """
    low, end = int(seen[:CLOCK] or "0", 16), int((tenant.now() - SETTLED) * 1000)
    high = top = end
    while True:
        most = STRETCH if top - low > 1 else MOST_AT_ONCE
        found = await tenant.store.events(tenant.id, {}, Window(limit=most, after=f"{max(high, 0):012x}"))
        fresh = [event for event in reversed(found) if event.id > seen]
        whole = len(fresh) < most
        if top - low <= 1 or (whole and (len(fresh) >= limit or high == end)):
            return fresh[:limit]
        low, top = (high, top) if whole else (low, high)
        high = (low + top + 1) // 2


async def counted(tenant: Tenant, slug: str, moments: Sequence[float]) -> list[int]:
    """How many of these events there were from each moment to the next."""
    return await tenant.store.tally(tenant.id, slug, moments) if len(moments) > 1 else []


async def by_slug(tenant: Tenant, moments: Sequence[float]) -> Mapping[str, Sequence[int]]:
    """How many events of each slug there were from each moment to the next; without those of none.

    Some stretches at a time: no statement takes long, and others come between.
    """
    found: dict[str, list[int]] = {}
    for start in range(0, len(moments) - 1, STRETCHES_AT_ONCE):
        counts = await tenant.store.counts(tenant.id, moments[start : start + STRETCHES_AT_ONCE + 1])
        for slug, row in counts.items():
            found.setdefault(slug, [0] * (len(moments) - 1))[start : start + len(row)] = row
        await asyncio.sleep(0)
    return found


async def people(tenant: Tenant, slug: str, since: float) -> int:
    """How many different people these events tell of."""
    return await tenant.store.people(tenant.id, slug, since)


def _id(event: Event) -> str:
    return event.id
