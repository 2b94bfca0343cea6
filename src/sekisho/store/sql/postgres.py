"""PostgreSQL as a database: reads through a few connections, writes through the one writing connection."""

from collections.abc import Callable, Sequence

import asyncpg

from sekisho.model.step import Lost
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Watch
from sekisho.store.rows import Unit
from sekisho.store.sql.limits import SqlLimits
from sekisho.store.sql.postgres_connection import (
    UNAVAILABLE,
    Readers,
    numbered,
    play,
)
from sekisho.store.sql.postgres_writer import Writer
from sekisho.store.sql.revision import REVISION
from sekisho.store.sql.script import Rows, Script, T


async def opened(url: str, watch: Watch | None = None) -> "Postgres":
    """The database; it is connected to when it is asked."""
    return Postgres(Readers(url), Writer(url, watch))


async def opened_limits(url: str) -> SqlLimits:
    """Rate limits in an unlogged table: each change is a statement of its own and waits for no disk."""
    readers = Readers(url)

    async def each(script: Callable[[], Script[T]]) -> T:
        async with readers.one() as connection:
            return await play(connection, script())

    async def bounded(script: Callable[[], Script[T]]) -> T:
        try:
            return await each(script)
        except UNAVAILABLE as error:
            raise Refused(STORE_UNAVAILABLE, debug=repr(error)) from error

    return SqlLimits(bounded, readers.close)


class Postgres:
    """Connections that read, one that writes."""

    name = "PostgreSQL"
    skip_locked = "FOR UPDATE SKIP LOCKED"
    holds = "position({1}::bytea IN {0}) > 0"

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers = readers
        self._writer = writer

    async def revision(self) -> str | None:
        """Of its schema; None where there is none."""
        try:
            return (await self.rows(REVISION, ()))[0][0]  # type: ignore[no-any-return]
        except asyncpg.UndefinedTableError:
            return None

    async def rows(self, sql: str, values: Sequence[object]) -> Rows:
        """Read; what was lost is connected to again."""
        try:
            async with self._readers.one() as connection:
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
        await self._readers.close()
