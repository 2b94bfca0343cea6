"""A connection to PostgreSQL as storage wants it: durable, with plans that stay, and with bounds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from sekisho.store.sql.script import Rows, Script, T

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CONNECT = 1.0  # seconds
COMMAND = 2.0  # seconds, reading or writing
POOL = 4

# What means that the database is out of reach, and not that a statement is wrong.
UNAVAILABLE = (
    OSError,  # TimeoutError is one
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # the database accepts no connections
)

# Statements have a fixed shape and go through an index: planned once, and never as a scan that was right
# while a table was empty. An answer that is given is on disk, whatever the server's default.
SESSION = f"""SET synchronous_commit = on; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
    SET jit = off; SET lock_timeout = {COMMAND * 900:.0f}; SET statement_timeout = {COMMAND * 1000:.0f};
    SET idle_in_transaction_session_timeout = {COMMAND * 2000:.0f}"""


async def prepare(connection: Connection) -> None:
    """Make it so."""
    await connection.execute(SESSION)


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection within a bounded time."""
    async with asyncio.timeout(CONNECT + COMMAND):
        connection = await asyncpg.connect(
            url, timeout=CONNECT, command_timeout=COMMAND, max_cached_statement_lifetime=0
        )
        await prepare(connection)
        return connection


async def close(closing: Connection) -> None:
    """Say good-bye, but not for long."""
    try:
        async with asyncio.timeout(CONNECT):
            await closing.close()
    except UNAVAILABLE:
        closing.terminate()


async def play(connection: Connection, script: Script[T]) -> T:
    """Say a script's statements to the server and hand it the rows."""
    rows: Rows | None = None
    while True:
        try:
            sql, values = script.send(rows)  # type: ignore[arg-type]  # a generator is started by None
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        rows = await connection.fetch(numbered(sql), *values)


def numbered(sql: str) -> str:
    """?1 is $1 here."""
    return sql.replace("?", "$")


# What lies between may forget a connection that nothing was said on for long, and tell nobody.
LONGEST_REST = 300.0


class Readers:
    """So many at most, made when they are needed; what was used last is used next."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._room = asyncio.Semaphore(POOL)
        self._resting: list[tuple[float, asyncpg.Connection[asyncpg.Record]]] = []
        self._is_open = True

    @asynccontextmanager
    async def one(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """One of them for as long as the context; waiting for it included, that has a bound."""
        async with asyncio.timeout(CONNECT + COMMAND), self._room:
            connection = self._rested() or await connect(self._url)
            try:
                yield connection
            except asyncpg.PostgresError:
                # An answer like any other: the session goes on, unless it is that which ended.
                self._rest(connection)
                raise
            except BaseException:
                # Something may still come that was meant for whoever is not there any more.
                connection.terminate()
                raise
            self._rest(connection)

    async def close(self) -> None:
        """Say good-bye; whoever reads just now comes to its end."""
        self._is_open = False
        while self._resting:
            await close(self._resting.pop()[1])

    def _rested(self) -> "asyncpg.Connection[asyncpg.Record] | None":
        while self._resting:
            since, connection = self._resting.pop()
            if not connection.is_closed() and time.monotonic() - since < LONGEST_REST:
                return connection
            connection.terminate()
        return None

    def _rest(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if self._is_open and not connection.is_closed():
            self._resting.append((time.monotonic(), connection))
        else:
            connection.terminate()
