"""Deliveries over several processes: each is made by one at a time, and none is lost with its process."""

import asyncio
from collections import Counter
from itertools import chain

from msgspec.structs import replace

from sekisho.model.step import Send, Settle
from sekisho.store import Engine
from tests.store.processes import worker, workers
from tests.store.things import NOW, Clock, sending


async def test_each_is_made_in_one_process(opened: Engine, url: str):
    """Two processes that deliver at once never have the same one, and both have some."""
    await opened.write(*(Send(sending(f"{n:03}")) for n in range(120)))
    async with workers(url) as pair:
        made = await asyncio.gather(*(each.say("deliver", 0.01) for each in pair))
    assert all(made)
    assert Counter(chain(*made)) == Counter(f"{n:03}" for n in range(120))


async def test_a_killed_process_delivers_nothing_away(opened: Engine, url: str, clock: Clock):
    """What a process delivered when it was killed is nobody's until the lease ends, then due again."""
    await opened.write(*(Send(sending(f"{n}")) for n in range(4)))
    async with worker(url) as one:
        assert await one.say("claim", 60, 3) == ["0", "1", "2"]
        one.process.kill()
        await one.process.wait()
    assert [each.id for each in await opened.claim(["test"], 60, 10)] == ["3"]
    clock.now = NOW + 59
    assert await opened.claim(["test"], 60, 10) == []
    clock.now = NOW + 60
    again = await opened.claim(["test"], 60, 10)
    assert [(each.id, each.attempts) for each in again] == [("0", 2), ("1", 2), ("2", 2), ("3", 2)]


async def test_what_is_settled_in_opposite_orders_lands(opened: Engine, url: str):
    """Many deliveries that are settled at once, in groups with others, all land."""
    await opened.write(*(Send(sending(f"{n:02}")) for n in range(60)))
    claimed = await opened.claim(["test"], 60, 100)
    settled = [Settle(replace(one, done_at=NOW)) for one in claimed]
    assert await asyncio.gather(*map(opened.write, settled[::-1])) == [None] * 60
