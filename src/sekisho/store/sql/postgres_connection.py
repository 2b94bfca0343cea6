"""A connection to PostgreSQL as storage wants it: durable, with plans that stay, and with bounds."""

import asyncio
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
