"""Races over two processes."""

import asyncio
from collections import Counter
from itertools import chain

import asyncpg
import pytest

from sekisho.model.client import Client
from sekisho.model.step import Put, Save
from sekisho.store import Engine, Window
from sekisho.store.upkeep import Change
from tests.store.processes import workers
from tests.store.things import NOW, Code, client, code, owner


@pytest.mark.parametrize("what", ["take", "swap", "once", "mixed"])
async def test_one_of_200_wins(opened: Engine, url: str, what: str):
    """Of 200 racers in two processes exactly one takes, swaps or claims; the others learn why."""
    async with workers(url) as pair:
        for n in range(3):
            await opened.write(Put(code(f"{n}"), f"{n}"))
            answers = await asyncio.gather(*(each.say("race", what, f"{n}", 100) for each in pair))
            whys = {"take": "spent", "swap": "stale", "once": "duplicate", "mixed": "stale"}
            assert Counter(chain(*answers)) == {"won": 1, whys[what]: 199}


@pytest.mark.parametrize("fields", [{"grant": "g"}, {"user": "u", "client": "c"}])
async def test_nothing_survives_a_revocation(opened: Engine, url: str, fields: dict[str, str]):
    """200 codes are redeemed in two processes while their owner is revoked: nothing is seen afterwards."""
    whose, codes = owner(**fields), [f"{n}" for n in range(200)]
    await opened.write(*(Put(code(handle, whose), handle) for handle in codes))
    async with workers(url) as pair:
        for n, each in enumerate(pair):
            await each.tell("redeem", codes[n::2], fields)
        await seen(opened, "token-0")
        await opened.revoke(whose, NOW)
        landed = await asyncio.gather(*(each.hear() for each in pair))
    assert 0 < sum(map(len, landed)) < 200
    assert await opened.find(Code, whose, None, 1_000) == []
    for handle in codes:
        assert not isinstance(await opened.get(Code, handle), Code)
        assert await opened.get(Code, f"token-{handle}") is None


async def seen(engine: Engine, handle: str) -> None:
    """Wait for what another process writes."""
    for _ in range(10_000):
        if await engine.get(Code, handle):
            return
        await asyncio.sleep(0.001)
    pytest.fail(f"{handle} never came")


async def test_opposite_orders_never_deadlock(opened: Engine, url: str):
    """Units of many rows in opposite orders from two processes come to an end, and somebody wins."""
    handles, before = [f"{n}" for n in range(6)], await deadlocks(url)
    await opened.write(*(Put(code(handle), handle) for handle in handles))
    await opened.write(*(Save(client(handle)) for handle in handles))
    async with workers(url) as (one, two):
        landed = await asyncio.gather(one.say("storm", handles, 80), two.say("storm", handles[::-1], 80))
    assert sum(landed) > 0
    things = await opened.find(Code, owner(), None, 10)
    assert [thing.version for thing in things] == [sum(landed)] * 6
    assert await deadlocks(url) == before
    records = await opened.records(Client, "t", {}, Window())
    assert len({record.version for record in records}) == 1


async def deadlocks(url: str) -> int:
    """How many the server has seen; SQLite has none."""
    if url.startswith("sqlite"):
        return 0
    server = await asyncpg.connect(url)
    seen = await server.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    await server.close()
    return int(seen)


async def test_changes_reach_the_other_process(opened: Engine, url: str):
    """A change of configuration in one process is seen by the next question of another."""
    async with workers(url) as pair:
        for n, each in enumerate([*pair, *pair]):
            assert await opened.changes(n) == await opened.changes(n)
            assert await each.say("save", f"{n}") is True
            assert (await opened.changes(n)).changed == (Change("client", "t", f"{n}"),)
            assert await opened.record(Client, "t", f"{n}")


async def test_limits_are_one_bucket(url: str):
    """Two processes that spend from one bucket are allowed its burst together."""
    async with workers(url) as pair:
        answers = await asyncio.gather(*(each.say("spend", "key", 100, 37) for each in pair))
    assert sum(answers) == 37
