"""Engines tell how their writing goes."""

import asyncio

from sekisho.events.audit import BATCH, BATCHES, Audit
from sekisho.model.step import Put
from sekisho.store import Window
from sekisho.store.sql import open_engine
from sekisho.store.sql.script import MOST_UNITS
from tests.store.things import PEPPER, Clock, closing, code


async def test_a_store_tells_of_its_groups(url: str, clock: Clock):
    """Each group commit is told with its units and its seconds, on both databases."""
    told: list[tuple[int, float]] = []
    async with closing(
        await open_engine(url, PEPPER, clock, lambda units, seconds: told.append((units, seconds)))
    ) as engine:
        things = [Put(code(f"{n}"), f"{n}") for n in range(2 * MOST_UNITS)]
        assert await asyncio.gather(*map(engine.write, things)) == [None] * len(things)
    assert sum(units for units, _ in told) == len(things)
    assert all(0 < units <= MOST_UNITS and seconds > 0 for units, seconds in told)


async def test_batched_events_are_one_group(url: str, clock: Clock):
    """What the audit writes at once is one group: the disk is waited for once, on both databases."""
    groups: list[int] = []
    watch = lambda units, _: groups.append(units)  # noqa: E731
    async with closing(await open_engine(url, PEPPER, clock, watch)) as engine:
        audit = Audit(engine, clock)
        for _ in range(BATCH * BATCHES):
            audit.batch(audit.event("t", "token_issued", client="c", detail={"audience": "a" * 100}))
        await audit.flush()
        assert len(await engine.events("t", {}, Window(limit=10_000))) == BATCH * BATCHES
    assert groups == [BATCHES]


async def test_what_waits_can_be_asked(url: str, clock: Clock):
    """While units wait for their group the engine says how many, and none afterwards."""
    async with closing(await open_engine(url, PEPPER, clock)) as engine:
        tasks = [asyncio.create_task(engine.write(Put(code(f"{n}"), f"{n}"))) for n in range(40)]
        await asyncio.sleep(0)
        assert 0 < engine.waiting() <= 40
        await asyncio.gather(*tasks)
        assert engine.waiting() == 0
