"""The audit, read from the newest back or onwards from what was seen, and counted."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from heapq import merge
from itertools import islice

from sekisho.model.event import Event
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


async def find(tenant: Tenant, id: str) -> Event:
    """The event of this id."""
    # The greatest id below this one with a digit more is this one, if it exists.
    found = await tenant.store.events(tenant.id, {}, Window(1, after=f"{id}0")) if ID.fullmatch(id) else []
    if not found or found[0].id != id:
        raise Refused(LOG_ABSENT)
    return found[0]


async def newest(tenant: Tenant, branches: Branches, most: int) -> list[Event]:
    """What matches any branch, newest first."""
    read = [await tenant.store.events(tenant.id, where, Window(limit=most)) for where in branches]
    return list(islice(merge(*read, key=_id, reverse=True), most))


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
