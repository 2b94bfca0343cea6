"""When clients were used, and what registered applications are: the same on every engine."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client, Registration
from sekisho.model.event import FORGET_AFTER, Use
from sekisho.model.record import Record
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Erase, Lost, Save
from sekisho.store import Engine, Window
from sekisho.store.memory import MemoryEngine
from sekisho.store.sql import open_engine
from sekisho.store.sql.uses import MANY
from sekisho.store.upkeep import Change
from tests.store.processes import workers
from tests.store.test_races import deadlocks
from tests.store.things import NOW, PEPPER, Clock, client, closing

ALL = Window(limit=1_000)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    """Where each engine keeps things."""
    fixture = {"sqlite": "sqlite_url", "postgres": "postgres_emptied"}.get(request.param)
    return str(request.getfixturevalue(fixture)) if fixture else ""


@pytest.fixture
async def engine(place: str, clock: Clock) -> AsyncIterator[Engine]:
    """Each engine, empty."""
    if not place:
        yield MemoryEngine(PEPPER, clock)
        return
    async with closing(await open_engine(place, PEPPER, clock)) as opened:
        yield opened


async def test_the_latest_use_stays(engine: Engine):
    """A later moment replaces an earlier one, in whatever order they come, in one batch or in several."""
    await engine.used([Use("t", "a", NOW + 5)])
    await engine.used([Use("t", "a", NOW)])
    assert await engine.last_used("t", ["a"]) == {"a": NOW + 5}
    await engine.used([Use("t", "a", NOW + 7), Use("t", "a", NOW + 9), Use("t", "a", NOW + 6)])
    assert await engine.last_used("t", ["a"]) == {"a": NOW + 9}


async def test_knows_those_that_were_used(engine: Engine):
    """Only those that are asked about are told, those of another tenant and those never used are not."""
    await engine.used([Use("t", "a", NOW), Use("t", "b", NOW + 1), Use("other", "c", NOW)])
    assert await engine.last_used("t", ["a", "c", "never"]) == {"a": NOW}
    assert await engine.last_used("other", ["c"]) == {"c": NOW}
    assert await engine.last_used("t", []) == {}
    await engine.used([])


async def test_takes_more_than_a_batch(engine: Engine):
    """However many there are at once, each is remembered."""
    names = [f"c{n:03}" for n in range(2 * MANY + 1)]
    await engine.used([Use("t", name, NOW + n) for n, name in enumerate(reversed(names))])
    found = await engine.last_used("t", names)
    assert found == {name: NOW + n for n, name in enumerate(reversed(names))}


async def test_moves_no_configuration(engine: Engine):
    """A use is no change of a client: nobody's cache forgets anything."""
    await engine.write(Save(client("1")))
    before = (await engine.changes(0)).version
    await engine.used([Use("t", "client-1", NOW)])
    assert (await engine.changes(before)).version == before
    assert await engine.record(Client, "t", "1") == client("1", version=1)


async def test_forgets_what_nobody_asks_about(engine: Engine):
    """Very old uses are swept, at most as many as told; later ones stay."""
    await engine.used([Use("t", f"old{n}", NOW + n) for n in range(3)])
    await engine.used([Use("t", "new", NOW + 100)])
    assert await engine.sweep(NOW + FORGET_AFTER, 10) == 0
    assert [await engine.sweep(NOW + FORGET_AFTER + 50, 2) for _ in range(3)] == [2, 1, 0]
    assert await engine.last_used("t", ["old0", "old1", "old2", "new"]) == {"new": NOW + 100}


async def test_two_processes_never_wait_for_each_other(opened: Engine, url: str):
    """Two that say the same clients were used, in opposite orders, both come to an end; the latest stays."""
    names, before = [f"c{n:03}" for n in range(3 * MANY)], await deadlocks(url)
    async with workers(url) as (one, two):
        done = await asyncio.gather(one.say("use", names, 20), two.say("use", names[::-1], 25))
    assert list(done) == [20, 25]
    assert await opened.last_used("t", names) == dict.fromkeys(names, NOW + 24)
    assert await deadlocks(url) == before


APPLICATION = RegisteredApplication(
    tenant="t",
    id="a1",
    name="Television",
    release="2.0",
    channels=("news", "*"),
    platforms=("tvOS",),
    domains=("example.com",),
    custom_schemes=("com.example.tv",),
    scopes=("api:client:v2",),
    published_at=NOW,
)
STATEMENT = SoftwareStatement(tenant="t", id="s1", application="a1", created_at=NOW)
DEVICE = {"model": "TV", "osName": "Ünï"}
INSTALLATION = client(
    "9", registration=Registration(application="a1", statement="s1", device=DEVICE, generation=7)
)


@pytest.mark.parametrize("record", [APPLICATION, STATEMENT, INSTALLATION], ids=lambda one: type(one).__name__)
async def test_keeps_each_noun_as_it_was(engine: Engine, record: Record):
    """It is read by id and by name as it was saved, changed at its version, erased with its name."""
    kind, name = type(record), record.client_id if isinstance(record, Client) else record.id
    assert await engine.write(Save(record)) is None
    kept = await engine.record(kind, "t", record.id)
    assert kept == replace(record, version=1)
    assert await engine.named(kind, "t", name) == kept
    assert await engine.records(kind, "t", {}, ALL) == [kept]
    again = Save(record)
    assert await engine.write(again) == Lost(again, "duplicate")
    assert await engine.write(Save(replace(kept, updated_at=NOW + 1))) is None
    stale = Save(kept)
    assert await engine.write(stale) == Lost(stale, "stale")
    changed = await engine.changes(0)
    assert changed.version == 2
    assert isinstance(changed.changed, tuple)
    assert {type(each) for each in changed.changed} == {Change}
    assert await engine.write(Erase(replace(kept, version=2))) is None
    assert await engine.named(kind, "t", name) is None


async def test_one_of_many_wins_a_version_of_an_application(engine: Engine):
    """Of many who publish, revoke or give another secret at the version that they saw, one does."""
    await engine.write(Save(APPLICATION), Save(STATEMENT), Save(INSTALLATION))
    for record in (APPLICATION, STATEMENT, INSTALLATION):
        steps = [Save(replace(record, version=1, updated_at=NOW + n)) for n in range(40)]
        lost = await asyncio.gather(*map(engine.write, steps))
        assert lost.count(None) == 1
        assert {each.why for each in lost if each} == {"stale"}


async def test_finds_clients_by_their_application(engine: Engine):
    """Those of an application, and those that are of none, which administrators made."""
    await engine.write(Save(client("1")), Save(INSTALLATION), Save(STATEMENT))
    other = replace(STATEMENT, id="s2", application="a2")
    await engine.write(Save(other))
    for where, expected in (({"application": "a1"}, ["9"]), ({"application": ""}, ["1"]), ({}, ["1", "9"])):
        assert [each.id for each in await engine.records(Client, "t", where, ALL)] == expected
        assert await engine.count(Client, "t", where) == len(expected)
    assert [each.id for each in await engine.records(SoftwareStatement, "t", {"application": "a2"}, ALL)] == [
        "s2"
    ]
    both = {"application": "", "app_type": "regular_web"}
    assert [each.id for each in await engine.records(Client, "t", both, ALL)] == ["1"]
