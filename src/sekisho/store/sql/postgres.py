"""PostgreSQL as a database: reads through a small pool, writes through the one writing connection."""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg

from sekisho.model.step import Lost
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Watch
from sekisho.store.rows import Unit
from sekisho.store.sql.limits import SqlLimits
from sekisho.store.sql.postgres_connection import (
    COMMAND,
    CONNECT,
    POOL,
    UNAVAILABLE,
    Connection,
    close,
    numbered,
    play,
    prepare,
)
from sekisho.store.sql.postgres_writer import Writer
from sekisho.store.sql.revision import REVISION
from sekisho.store.sql.script import Rows, Script, T


async def opened(url: str, watch: Watch | None = None) -> "Postgres":
    """The database; it is connected to when it is asked."""
    return Postgres(await _pool(url), Writer(url, watch))


async def opened_limits(url: str) -> SqlLimits:
    """Rate limits in an unlogged table: each change is a statement of its own and waits for no disk."""
    pool = await _pool(url)

    async def each(script: Callable[[], Script[T]]) -> T:
        async with asyncio.timeout(CONNECT + COMMAND), pool.acquire() as connection:
            return await play(connection, script())

    async def bounded(script: Callable[[], Script[T]]) -> T:
        try:
            return await each(script)
        except UNAVAILABLE as error:
            raise Refused(STORE_UNAVAILABLE, debug=repr(error)) from error

    return SqlLimits(bounded, lambda: close(pool))


class Postgres:
    """A pool that reads, a connection that writes."""

    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", writer: Writer) -> None:
        self._pool = pool
        self._writer = writer

    async def revision(self) -> str | None:
        """Of its schema; None where there is none."""
        try:
            return (await self.rows(REVISION, ()))[0][0]  # type: ignore[no-any-return]
        except asyncpg.UndefinedTableError:
            return None

    async def rows(self, sql: str, values: Sequence[object]) -> Rows:
        """Read through the pool, which connects again by itself."""
        try:
            async with asyncio.timeout(CONNECT + COMMAND), self._pool.acquire() as connection:
                return await connection.fetch(numbered(sql), *values)
        except UNAVAILABLE as error:
            raise Refused(STORE_UNAVAILABLE, debug=repr(error)) from error

    async def land(self, unit: Unit) -> Lost | None:
        """In the next group."""
        return await self._writer.land(unit)

    async def play(self, script: Callable[[], Script[T]]) -> T:
        """In the next group, in a savepoint of its own."""
        return await self._writer.play(script)

    async def version(self, since: int) -> int | None:
        """Only the server knows."""
        return None

    def waiting(self) -> int:
        """What the writer has not come to."""
        return self._writer.waiting()

    async def close(self) -> None:
        """Write what is queued, then let go."""
        await self._writer.close()
        await close(self._pool)


async def _pool(url: str) -> "asyncpg.Pool[asyncpg.Record]":
    async def as_it_was(connection: Connection) -> None:
        """Readers change nothing in a session, so there is nothing to reset and no round trip for it."""

    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=POOL,
        timeout=CONNECT,
        command_timeout=COMMAND,
        max_cached_statement_lifetime=0,
        init=prepare,
        reset=as_it_was,
    )
