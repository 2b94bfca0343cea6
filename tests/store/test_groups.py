"""Groups of strangers: what one unit is like is no other's business, and nothing grows without bound."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from sekisho.model.step import Note, Put, Take
from sekisho.spec.refusal import OVERLOADED, STORE_UNAVAILABLE, Refused
from sekisho.store import Engine, Window
from sekisho.store.sql import open_engine
from sekisho.store.sql.script import MOST_UNITS, MOST_WAITING
from tests.store.things import PEPPER, Clock, Code, closing, code, event, owner

MANY = Window(limit=100)


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Nobody can write while this lasts."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.close()
        return
    server = await asyncpg.connect(url)
    async with server.transaction():
        await server.execute("LOCK TABLE artifact IN ACCESS EXCLUSIVE MODE")
        yield
    await server.close()


async def test_strangers_land_beside_poison(opened: Engine):
    """What the database itself cannot keep fails for its caller, in a group with others and alone."""
    poison = Put(code("poison", version=2**70), "poison")
    units = [Put(code(f"{n}"), f"{n}") for n in range(20)]
    steps = [*units[:10], poison, *units[10:]]
    results = await asyncio.gather(*map(opened.write, steps), return_exceptions=True)
    assert isinstance(results.pop(10), Exception)
    assert results == [None] * 20
    with pytest.raises(Exception, match=r"int|range"):
        await opened.write(Note(event("lost with it")), poison)
    assert await opened.events("t", {}, MANY) == []
    assert len(await opened.find(Code, owner(), None, 100)) == 20


async def test_a_full_queue_refuses(opened: Engine, url: str):
    """When too much waits, callers are told to come back; who waited lands all the same."""
    async with locked(url):
        tasks = [
            asyncio.create_task(opened.write(Put(code(f"{n}"), f"{n}"))) for n in range(MOST_WAITING + 600)
        ]
        await asyncio.sleep(0.2)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    said = Counter(each.reason if isinstance(each, Refused) else each for each in results)
    assert set(said) == {None, OVERLOADED}
    assert MOST_WAITING <= said[None] <= MOST_WAITING + MOST_UNITS
    assert len(await opened.find(Code, owner(), None, 10_000)) == said[None]
    assert await opened.write(Put(code("after"), "after")) is None


async def test_large_units_go_in_small_groups(opened: Engine):
    """Units of any size land."""
    large = [Put(code(f"{n}", note="x" * 400_000), f"{n}") for n in range(8)]
    assert await asyncio.gather(*map(opened.write, large)) == [None] * 8
    assert await opened.get(Code, "7") == large[7].thing


async def test_a_caller_may_leave(opened: Engine):
    """A unit whose caller left before it began is not made, and disturbs nobody."""
    task = asyncio.create_task(opened.write(Put(code("1"), "1")))
    await asyncio.sleep(0)
    task.cancel()
    assert await opened.write(Put(code("2"), "2")) is None
    assert await opened.get(Code, "1") is None


async def test_writes_what_waits_before_it_closes(url: str, clock: Clock):
    """Closing writes what is queued; afterwards the store is unavailable, and closing again is nothing."""
    engine = await open_engine(url, PEPPER, clock)
    tasks = [asyncio.create_task(engine.write(Put(code(f"{n}"), f"{n}"))) for n in range(300)]
    await asyncio.sleep(0)
    await engine.close()
    assert await asyncio.gather(*tasks) == [None] * 300
    with pytest.raises(Refused) as refused:
        await engine.write(Take(Code, "1"))
    assert refused.value.reason == STORE_UNAVAILABLE
    await engine.close()
    async with closing(await open_engine(url, PEPPER, clock)) as engine:
        assert len(await engine.find(Code, owner(), None, 1_000)) == 300


async def test_keeps_no_handle(opened: Engine, url: str):
    """Neither a handle nor a claimed key is anywhere in the database; another pepper finds nothing."""
    handle = "a-handle-that-is-a-secret"
    await opened.write(Put(code("1"), handle))
    assert handle not in await text_of(url)
    assert handle.encode().hex() not in await text_of(url)
    async with closing(await open_engine(url, b"another pepper", Clock())) as stranger:
        assert await stranger.get(Code, handle) is None


async def text_of(url: str) -> str:
    """Everything that is in the database."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        text = "\n".join(connection.iterdump())
        connection.close()
        return text
    server = await asyncpg.connect(url)
    rows = [
        row[0]
        for table in ("artifact", "once")
        for row in await server.fetch(f"SELECT t::text FROM {table} AS t")
    ]
    await server.close()
    return "\n".join(rows)
