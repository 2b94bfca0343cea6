"""What only SQLite can be: a file that is shared, full, locked or broken."""

import os
import sqlite3
import stat
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest

from sekisho.limits import Allowed, Bucket
from sekisho.model.artifact import AccessToken, id_of
from sekisho.model.client import Client
from sekisho.model.step import Put, PutOnce, Save, Send, Settle, Swap, Take
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Window
from sekisho.store.sql import audit, open_engine, open_limits, sqlite, sqlite_writer
from tests.store.things import NOW, PEPPER, Clock, Code, client, closing, code, inside, owner, sending


async def test_waits_for_the_disk(sqlite_url: str, clock: Clock):
    """The writing connection commits with synchronous=FULL into a write-ahead log; limits never wait."""
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        writing = inside(engine)._database._writer._connection
        assert writing.execute("PRAGMA synchronous").fetchone() == (2,)
        assert writing.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        reading = inside(engine)._database._reader
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reading.execute("DELETE FROM artifact")
    limits = await open_limits(sqlite_url)
    assert inside(limits)._play.__self__._connection.execute("PRAGMA synchronous").fetchone() == (0,)
    await limits.close()


async def test_undoes_in_memory(sqlite_url: str, clock: Clock):
    """What a statement might have to undo is not written to a file: the log is all that a unit writes."""
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        writing = inside(engine)._database._writer._connection
        assert writing.execute("PRAGMA temp_store").fetchone() == (2,)


def test_ids_sort_by_time():
    """What is made later has a later id, a version 7 UUID (RFC 9562), and no two are the same."""
    ids = [id_of(at) for at in (0.0, NOW, NOW + 0.001, NOW + 1_000_000)]
    assert ids == sorted(ids)
    assert {(UUID(id).version, UUID(id).variant) for id in ids} == {(7, RFC_4122)}
    assert len({id_of(NOW) for _ in range(100)}) == 100


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_belongs_to_its_owner(tmp_path: Path):
    """Database and limits are files that only their owner may read."""
    from sekisho.store.sql import migrate

    mask = os.umask(0)
    try:
        url = f"sqlite:///{tmp_path / 'fresh.db'}"
        migrate(url)
        await (await open_limits(url)).close()
    finally:
        os.umask(mask)
    assert modes(tmp_path) == {"fresh.db": 0o600, "fresh.db-limits": 0o600}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://x.db", "sqlite:x.db"])
async def test_wants_a_path(url: str):
    """An address without a path is an error that says how one looks."""
    with pytest.raises(ValueError, match="sqlite:////absolute"):
        await open_engine(url, PEPPER)


async def test_is_relative_or_absolute(sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    """Three slashes begin a relative path, four an absolute one."""
    assert sqlite.path(sqlite_url).is_absolute()
    monkeypatch.chdir(sqlite.path(sqlite_url).parent)
    async with closing(await open_engine("sqlite:///sekisho.db", PEPPER, clock)) as engine:
        assert await engine.write(Put(code(), "handle")) is None


async def test_is_refused_while_another_holds_the_file(sqlite_url: str, clock: Clock, monkeypatch):
    """Who cannot write because of another process is refused in bounded time; readers read on."""
    monkeypatch.setattr(sqlite_writer, "BUSY_MS", 100)
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        await engine.write(Put(code(), "handle"))
        other = sqlite3.connect(sqlite.path(sqlite_url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Refused) as refused:
            await engine.write(Take(Code, "handle"))
        assert refused.value.reason == STORE_UNAVAILABLE
        assert await engine.get(Code, "handle") == code()
        other.close()
        assert await engine.write(Take(Code, "handle")) is None


async def test_is_refused_when_full(sqlite_url: str, clock: Clock):
    """When the disk is full nothing of the group lands, and later units do when there is room again."""
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        writing = inside(engine)._database._writer._connection
        (pages,) = writing.execute("PRAGMA page_count").fetchone()
        writing.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Refused) as refused:
            await engine.write(PutOnce("key", NOW + 10), Put(code(note="x" * 100_000), "handle"))
        assert refused.value.reason == STORE_UNAVAILABLE
        writing.execute("PRAGMA max_page_count = 1000000")
        assert await engine.write(PutOnce("key", NOW + 10), Put(code(note="x" * 100_000), "handle")) is None


def broken(file: Path) -> None:
    file.write_bytes(b"broken" * 1_000)


async def test_makes_broken_limits_anew(sqlite_url: str):
    """A file of limits that a power cut broke is no reason not to start."""
    broken(Path(f"{sqlite.path(sqlite_url)}-limits"))
    limits = await open_limits(sqlite_url)
    assert await limits.spend("k", Bucket(1, 2), NOW) == Allowed(1)
    await limits.close()


async def test_scans_no_table(sqlite_url: str, clock: Clock):
    """Every statement of a request and of sweeping goes through an index."""
    said: set[str] = set()
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        inside(engine)._database._reader.set_trace_callback(said.add)
        inside(engine)._database._writer._connection.set_trace_callback(said.add)
        for fields in ({"grant": "g"}, {"session": "s"}, {"user": "u"}, {"client": "c"}, {}):
            whose = owner(**fields)
            await engine.find(AccessToken, whose, "a", 10)
            await engine.write(Put(code("1", whose), "1"), Swap(code("1", whose)), Take(Code, "1"))
            await engine.write(Take(Code, "2"))
            await engine.revoke(whose, NOW)
        await engine.write(Save(client()), PutOnce("k", NOW))
        await engine.get(Code, "1")
        await engine.named(Client, "t", "client-1")
        await engine.met(Client, "t", "client-1")
        for where in ({"app_type": "spa"}, {"tag": "x"}, {"name": "x"}, {"address": "x"}):
            await engine.records(Client, "t", where, Window())
            await engine.count(Client, "t", where)
        for where in ({"slug": "s"}, {"client": "c"}, {"user": "u"}, {}):
            await engine.events("t", where, Window())
        await engine.changes(5)
        await engine.sweep(NOW, 10)
        await engine.prune("t", NOW, 10)
        await engine.write(Send(sending()))
        for one in await engine.claim(["test", "other"], 10, 10):
            await engine.write(Settle(one))
    connection = sqlite3.connect(sqlite.path(sqlite_url))
    told = [sql for sql in said if sql.split()[0] in {"SELECT", "UPDATE", "DELETE", "INSERT", "WITH"}]
    assert len(told) > 40
    for sql in told:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql.replace('Inf', '9e999')}")]
        # The table of one row; what was just chosen.
        allowed = ("SCAN v", "SCAN config_version", "SCAN CONSTANT ROW", "SCAN chosen")
        assert [line for line in plan if line.startswith("SCAN") and line not in allowed] == [], sql
    connection.close()


async def test_counts_within_an_index(sqlite_url: str, clock: Clock):
    """Figures of the audit come from an index alone: no event is read, and none but those that count."""
    moments = [float(n) for n in range(97)]
    async with closing(await open_engine(sqlite_url, PEPPER, clock)) as engine:
        asked, values = audit.counted("t", moments)
        plan = [row[3] for row in await inside(engine)._database.rows(f"EXPLAIN QUERY PLAN {asked}", values)]
    reads = [line for line in plan if "audit" in line]
    assert len(reads) == 3
    assert all(line.startswith("SEARCH audit USING COVERING INDEX audit_slug") for line in reads), plan
    assert reads[-1].endswith("(tenant=? AND slug=? AND id>? AND id<?)")
