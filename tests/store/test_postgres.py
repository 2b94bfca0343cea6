"""What only PostgreSQL can be: down, slow, and of another mind about durability."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from sekisho.limits import Bucket
from sekisho.model.step import Put, Save
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store.rows import unit
from sekisho.store.sql import audit, migrate, open_engine, open_limits
from sekisho.store.sql.postgres_group import LAND, Columns
from tests.store.things import NOW, PEPPER, Clock, Code, client, closing, code, inside, owner


class Wire:
    """The wire to a server: it can be cut, and it can be held so that nothing comes through."""

    def __init__(self, host: str, port: int) -> None:
        self.far = (host, port)
        self.free = asyncio.Event()
        self.free.set()
        self.ends: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.port = 0

    async def join(self) -> None:
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self.server
        self.server.close()
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()
        await asyncio.sleep(0.01)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.far)
        self.ends |= {writer, far_writer}
        await asyncio.gather(self.pump(reader, far_writer), self.pump(far_reader, writer))

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(65_536):
                await self.free.wait()
                writer.write(some)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to a database, and the address of its near end."""
    parts = urlsplit(url)
    wire = Wire(parts.hostname or "", parts.port or 5432)
    await wire.join()
    near = parts.netloc.rpartition("@")[0]
    try:
        yield wire, parts._replace(netloc=f"{near}@127.0.0.1:{wire.port}").geturl()
    finally:
        wire.free.set()
        await wire.cut()


async def refused(coroutine) -> float:
    """How long it took until the store was said to be unavailable."""
    start = time.monotonic()
    with pytest.raises(Refused) as refusal:
        await coroutine
    assert refusal.value.reason == STORE_UNAVAILABLE
    return time.monotonic() - start


async def test_comes_back(postgres_emptied: str, clock: Clock):
    """While the database is down every call is refused at once; when it is back, everything works again."""
    async with (
        wired(postgres_emptied) as (wire, url),
        closing(await open_engine(url, PEPPER, clock)) as engine,
    ):
        await engine.write(Put(code("1"), "1"))
        await wire.cut()
        for _ in range(2):
            calls: list[Coroutine] = [
                engine.write(Put(code(f"{n}", expires_at=NOW + n), f"{n}")) for n in range(20)
            ]
            calls += [engine.get(Code, "1"), engine.changes(0), engine.sweep(NOW, 10)]
            assert max(await asyncio.gather(*map(refused, calls))) < 2
        await wire.join()
        assert await engine.write(Put(code("2"), "2")) is None
        assert await engine.get(Code, "1") == code("1")
        assert (await engine.changes(0)).version == 0


async def test_waits_only_so_long(postgres_emptied: str, clock: Clock):
    """When the database is silent, whoever waits is refused after seconds, reading or writing."""
    async with (
        wired(postgres_emptied) as (wire, url),
        closing(await open_engine(url, PEPPER, clock)) as engine,
    ):
        await engine.write(Put(code("1"), "1"))
        await engine.get(Code, "1")
        wire.free.clear()
        calls: list[Coroutine] = [
            engine.write(Put(code("2"), "2")),
            engine.get(Code, "1"),
            engine.revoked(owner(), 1),
        ]
        assert max(await asyncio.gather(*map(refused, calls))) < 3.5
        wire.free.set()
        await wire.cut()
        await wire.join()
        assert await engine.get(Code, "1") == code("1")
        assert await engine.write(Put(code("4"), "4")) is None


async def test_lives_through_lost_sessions(postgres_emptied: str, clock: Clock):
    """A server that ends all sessions costs at most the calls that were under way."""
    async with closing(await open_engine(postgres_emptied, PEPPER, clock)) as engine:
        await engine.write(Put(code("1"), "1"))
        await engine.get(Code, "1")
        server = await asyncpg.connect(postgres_emptied)
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await server.close()
        await asyncio.sleep(0.1)
        assert await engine.write(Put(code("2"), "2")) is None
        assert await engine.get(Code, "1") == code("1")


async def test_cannot_be_opened_while_down(postgres_emptied: str):
    """An engine that cannot reach its database at the start says so."""
    async with wired(postgres_emptied) as (wire, url):
        await wire.cut()
        assert await refused(open_engine(url, PEPPER)) < 2


async def test_commits_durably_whatever_the_default(postgres_database: str, clock: Clock):
    """The writing connection waits for the disk although the server's default is not to."""
    await asyncio.to_thread(migrate, postgres_database)
    server = await asyncpg.connect(postgres_database)
    name = await server.fetchval("SELECT current_database()")
    await server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await server.close()
    async with closing(await open_engine(postgres_database, PEPPER, clock)) as engine:
        await engine.write(Put(code("1"), "1"))
        writing = inside(engine)._database._writer._connection
        assert await writing.fetchval("SHOW synchronous_commit") == "on"


async def test_a_group_goes_through_indexes(postgres_emptied: str):
    """The statement of a group scans no table, also when tables were empty as it was planned."""
    columns = Columns()
    columns.add(0, unit((Put(code("1"), "1"),), PEPPER, NOW))
    async with closing(await open_engine(postgres_emptied, PEPPER, Clock())) as engine:
        await engine.write(Put(code("2"), "2"))
        writing = inside(engine)._database._writer._connection
        plan = "\n".join(row[0] for row in await writing.fetch(f"EXPLAIN {LAND}", *columns.values(NOW)))
    assert "Index Scan using artifact_pkey" in plan
    assert "Seq Scan" not in plan


async def test_counts_within_an_index(postgres_emptied: str):
    """Figures of the audit come from an index alone: no event is read, and none but those that count."""
    asked, values = audit.counted("t", [float(n) for n in range(97)])
    async with closing(await open_engine(postgres_emptied, PEPPER, Clock())) as engine:
        plan = [row[0] for row in await inside(engine)._database.rows(f"EXPLAIN ANALYZE {asked}", values)]
    reads = [line.strip() for line in plan if " on audit" in line]
    assert len(reads) == 3
    assert all(line.startswith("->  Index Only Scan using audit_slug on audit") for line in reads), plan
    assert sum("slug = " in line and "id >= " in line and "id < " in line for line in plan) == 1


async def test_limits_wait_for_no_disk(postgres_emptied: str):
    """The table of rate limits is unlogged."""
    server = await asyncpg.connect(postgres_emptied)
    assert await server.fetchval("SELECT relpersistence FROM pg_class WHERE relname = 'bucket'") == b"u"
    await server.close()


async def test_collisions_are_tried_again(postgres_emptied: str, clock: Clock):
    """A unit that deadlocks with somebody who keeps no order is tried again and lands; strangers land."""
    async with closing(await open_engine(postgres_emptied, PEPPER, clock)) as engine:
        await engine.write(Save(client("1")), Save(client("2")))
        rival = await asyncpg.connect(postgres_emptied)
        # Whoever looks for deadlocks first is the one that is ended: not the rival.
        await rival.execute("SET deadlock_timeout = '20s'")
        async with rival.transaction():
            await rival.execute("SELECT 1 FROM client WHERE id = '2' FOR UPDATE")
            steps = (Save(client("1", version=1)), Save(client("2", version=1)))
            writes = [
                asyncio.create_task(engine.write(*steps)),
                asyncio.create_task(engine.write(Save(client("3")))),
            ]
            await asyncio.sleep(0.2)
            await rival.execute("SELECT 1 FROM client WHERE id = '1' FOR UPDATE")
        assert await asyncio.gather(*writes) == [None, None]
        await rival.close()


async def test_collisions_end(postgres_emptied: str, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    """A unit that collides again and again is refused; the writer lives on."""

    async def collides(*_: object) -> None:
        raise asyncpg.DeadlockDetectedError

    async with closing(await open_engine(postgres_emptied, PEPPER, clock)) as engine:
        with monkeypatch.context() as patched:
            patched.setattr("sekisho.store.sql.postgres_locks.lock", collides)
            await refused(engine.write(Save(client("1"))))
        assert await engine.write(Save(client("1"))) is None


async def test_limits_are_refused_while_down(postgres_emptied: str):
    """Rate limits that cannot be asked are refused as the store is."""
    async with wired(postgres_emptied) as (wire, url):
        limits = await open_limits(url)
        await wire.cut()
        assert await refused(limits.spend("k", Bucket(1, 1), NOW)) < 2
        await limits.close()


async def test_options_of_the_address_are_the_drivers(postgres_database: str):
    """A migration understands the same address as the server, its TLS options included."""
    assert "revision" in await asyncio.to_thread(migrate, postgres_database + "?sslmode=prefer")
    await (await open_engine(postgres_database + "?sslmode=prefer", PEPPER)).close()
