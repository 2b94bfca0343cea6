"""The one connection of a process that writes to PostgreSQL, in groups."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import asyncpg

from sekisho.model.step import Lost
from sekisho.spec.refusal import OVERLOADED, STORE_UNAVAILABLE, Refused
from sekisho.store import Watch
from sekisho.store.rows import Unit
from sekisho.store.sql import postgres_locks
from sekisho.store.sql import unit as units
from sekisho.store.sql.postgres_connection import COMMAND, UNAVAILABLE, Connection, close, connect, play
from sekisho.store.sql.postgres_group import LAND, Columns
from sekisho.store.sql.script import MOST_BYTES, MOST_UNITS, MOST_WAITING, Script, T

PATIENCE = 2 * COMMAND  # for the group in flight and for one's own
TRIES = 3  # after a collision
COLLIDED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """A unit, or a script that is none, which waits for its group."""

    script: Callable[[], Script[T]]
    unit: Unit | None
    size: int
    done: asyncio.Future[T]

    def answer(self, result: T | BaseException) -> None:
        """Tell the caller, if he is still there."""
        if self.done.done():
            return
        if isinstance(result, BaseException):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class Writer:
    """Everything that arrives while a group is in flight goes into the next one."""

    def __init__(self, url: str, watch: Watch | None = None) -> None:
        self._url = url
        self._watch = watch
        self._queue: deque[Work[Any]] = deque()
        self._more = asyncio.Event()
        self._closed = False
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._task = asyncio.create_task(self._run(), name="postgres-writer")

    async def land(self, unit: Unit) -> Lost | None:
        """The unit, when it is on disk, or why nothing of it is."""
        done: asyncio.Future[Lost | None] = asyncio.get_running_loop().create_future()
        return await self._write(Work(lambda: units.land(unit), unit, unit.size, done))

    async def play(self, script: Callable[[], Script[T]]) -> T:
        """The script's result, when it is on disk."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        return await self._write(Work(script, None, 1_000, done))

    async def _write(self, work: Work[T]) -> T:
        if self._closed:
            raise Refused(STORE_UNAVAILABLE, debug="the store is closed")
        if len(self._queue) >= MOST_WAITING:
            raise Refused(OVERLOADED, debug="the queue of the writer is full")
        self._queue.append(work)
        self._more.set()
        try:
            async with asyncio.timeout(PATIENCE):
                return await work.done
        except TimeoutError as late:
            raise Refused(STORE_UNAVAILABLE, debug="the writer does not answer") from late

    def waiting(self) -> int:
        """How many have no group yet."""
        return len(self._queue)

    async def close(self) -> None:
        """Write what waits, then let go."""
        self._closed = True
        self._more.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._task
        if self._connection:
            await close(self._connection)

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while group := self._group():
                began = time.perf_counter()
                await self._attempt(group)
                if self._watch:
                    self._watch(len(group), time.perf_counter() - began)
            if self._closed:
                return

    def _group(self) -> list[Work[Any]]:
        group: list[Work[Any]] = []
        size = 0
        while self._queue and len(group) < MOST_UNITS and size < MOST_BYTES:
            work = self._queue.popleft()
            if not work.done.done():  # its caller still waits
                group.append(work)
                size += work.size
        return group

    async def _attempt(self, group: list[Work[Any]]) -> None:
        """A database that is out of reach is out of reach for everybody who waits."""
        try:
            await self._commit(await self._connected(), group)
        except UNAVAILABLE as error:
            if self._connection:
                self._connection.terminate()
                self._connection = None
            waiting = [*group, *self._queue]
            self._queue.clear()
            for work in waiting:
                work.answer(Refused(STORE_UNAVAILABLE, debug=repr(error)))
        except Exception as error:  # noqa: BLE001  # the writer lives on, whatever a group was like
            for work in group:
                work.answer(error)

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url)
        return self._connection

    async def _commit(self, connection: Connection, group: list[Work[Any]]) -> None:
        slow = await self._together(connection, group)
        if not slow:
            return
        try:
            results = await self._transaction(connection, slow)
        except COLLIDED:  # with another process: nothing of it landed, so each goes by itself
            for work in slow:
                work.answer(await self._alone(connection, work))
            return
        for work, result in zip(slow, results, strict=True):
            work.answer(result)

    async def _together(self, connection: Connection, group: list[Work[Any]]) -> list[Work[Any]]:
        """What can go in one statement goes; the rest, and what is lost in it, is returned."""
        columns = Columns()
        fast = {n: work for n, work in enumerate(group) if work.unit and columns.add(n, work.unit)}
        if not fast:
            return group
        now = max(work.unit.now for work in fast.values() if work.unit)
        try:
            lost = {row[0] for row in await connection.fetch(LAND, *columns.values(now))}
        except asyncpg.PostgresError as error:
            if isinstance(error, UNAVAILABLE):
                raise
            return group  # one of them is poisoned, or collided: nothing landed, each gets its own savepoint
        for n, work in fast.items():
            if n not in lost:
                work.answer(None)
        return [work for n, work in enumerate(group) if n in lost or n not in fast]

    async def _transaction(self, connection: Connection, group: list[Work[Any]]) -> list[object]:
        """A savepoint for each; the rows are locked first, in one order."""
        async with connection.transaction():
            await postgres_locks.lock(connection, [work.unit for work in group if work.unit])
            return [await self._one(connection, work) for work in group]

    async def _alone(self, connection: Connection, work: Work[Any]) -> object:
        for _ in range(TRIES):
            try:
                return (await self._transaction(connection, [work]))[0]
            except COLLIDED:
                await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311  # only spreads retries
        return Refused(STORE_UNAVAILABLE, debug="collided with other writers too often")

    async def _one(self, connection: Connection, work: Work[Any]) -> object:
        savepoint = connection.transaction()
        await savepoint.start()
        result: object
        try:
            result = await play(connection, work.script())
        except (*COLLIDED, *UNAVAILABLE):
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with this one, strangers must land
            result = error
        if isinstance(result, Lost | Exception):
            await savepoint.rollback()
        else:
            await savepoint.commit()
        return result
