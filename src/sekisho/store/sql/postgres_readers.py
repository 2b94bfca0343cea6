"""Connections that read: a few, kept open, for which a read waits for nothing but its answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from sekisho.store.sql.postgres_connection import COMMAND, CONNECT, POOL, close, connect

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
