"""The one thread of a process that writes to a SQLite file, in groups."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from sekisho.model.step import Lost
from sekisho.spec.refusal import OVERLOADED, STORE_UNAVAILABLE, Refused
from sekisho.store import Watch
from sekisho.store.sql.script import MOST_BYTES, MOST_UNITS, MOST_WAITING, Rows, Script, T

BUSY_MS = 5_000  # another process may hold the file for as long
CACHE_KB = 16_000  # a page of the audit's index by client is written once in a group, and not read for it
CHECKPOINT = 4_000  # pages of the log; what changes again and again is copied to the file once
PATIENCE = 8.0  # seconds until a caller is told that the store does not answer


def connect(path: Path, synchronous: str, busy_ms: int) -> sqlite3.Connection:
    """A connection whose transactions are ours alone to begin and end."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
    log_ahead(connection)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    return connection


def log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; of several processes that switch a new file, all but one try again."""
    until = time.monotonic() + BUSY_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def play(connection: sqlite3.Connection, script: Script[T]) -> T:
    """Say a script's statements to the file and hand it the rows."""
    rows: Rows | None = None
    while True:
        try:
            statement = script.send(rows)  # type: ignore[arg-type]  # a generator is started by None
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        rows = connection.execute(*statement).fetchall()


@dataclass(frozen=True, slots=True)
class Work:
    """A script that waits for its group."""

    script: Callable[[], Script[Any]]
    size: int
    done: asyncio.Future[Any]


class Writer:
    """Takes what waits, writes it in one transaction, and answers after the commit."""

    def __init__(self, path: Path, synchronous: str, watch: Watch | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._watch = watch
        self._connection = connect(path, synchronous, BUSY_MS)
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        # What a statement would have to undo is kept in memory: in a file it is written for every insert.
        self._connection.execute("PRAGMA temp_store = MEMORY")
        self._arrived: list[Work] = []
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self.waiting = 0
        self._closed = False
        self._thread = Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, script: Callable[[], Script[T]], size: int) -> T:
        """The script's result, when it is on disk. A result that is Lost leaves nothing behind."""
        if self._closed:
            raise Refused(STORE_UNAVAILABLE, debug="the store is closed")
        if self.waiting >= MOST_WAITING:
            raise Refused(OVERLOADED, debug="the queue of the writer is full")
        self.waiting += 1
        done: asyncio.Future[T] = self._loop.create_future()
        if not self._arrived:
            self._loop.call_soon(self._hand_over)
        self._arrived.append(Work(script, size, done))
        try:
            async with asyncio.timeout(PATIENCE):
                return await done
        except TimeoutError as late:
            raise Refused(STORE_UNAVAILABLE, debug="the writer does not answer") from late

    def _hand_over(self) -> None:
        """What arrived in one tick of the loop goes to the thread in one go, so that it is one group."""
        for work in self._arrived:
            self._queue.put(work)
        self._arrived.clear()

    async def play(self, script: Callable[[], Script[T]]) -> T:
        """A short script."""
        return await self.write(script, 1_000)

    async def close(self) -> None:
        """Write what waits, then let go."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join, PATIENCE)

    def _run(self) -> None:
        last = False
        while not last:
            group, last = self._group()
            if group:
                began = time.perf_counter()
                results = self._commit(group)
                took = time.perf_counter() - began
                self._loop.call_soon_threadsafe(self._answer, group, results, took)
        self._connection.close()

    def _group(self) -> tuple[list[Work], bool]:
        group: list[Work] = []
        size = 0
        while len(group) < MOST_UNITS and size < MOST_BYTES:
            try:
                work = self._queue.get(block=not group)
            except Empty:
                break
            if work is None:
                return group, True
            group.append(work)
            size += work.size
        return group, False

    def _commit(self, group: list[Work]) -> list[object]:
        try:
            return self._together(group) or self._apart(group)
        except Exception as error:  # noqa: BLE001  # a full disk, a broken file: nothing of the group landed
            self._give_up()
            return [Refused(STORE_UNAVAILABLE, debug=repr(error)) for _ in group]

    def _together(self, group: list[Work]) -> list[object] | None:
        """The whole group, if nothing in it is lost: it costs no savepoints."""
        self._connection.execute("BEGIN IMMEDIATE")
        results = [self._plainly(work) for work in group]
        if any(isinstance(result, Lost | Exception) for result in results):
            self._give_up()
            return None
        self._connection.execute("COMMIT")
        return results

    def _plainly(self, work: Work) -> object:
        try:
            # A caller who left before it began gets nothing done.
            return None if work.done.done() else play(self._connection, work.script())
        except sqlite3.OperationalError:  # not this one's fault: the file is locked, full or broken
            raise
        except Exception as error:  # noqa: BLE001  # the group is undone, and tried again apart
            return error

    def _apart(self, group: list[Work]) -> list[object]:
        """The group with a savepoint for each: what is lost leaves nothing, and takes nobody with it."""
        self._connection.execute("BEGIN IMMEDIATE")
        results = [self._alone(work) for work in group]
        self._connection.execute("COMMIT")
        return results

    def _give_up(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _alone(self, work: Work) -> object:
        self._connection.execute("SAVEPOINT one")
        result = self._plainly(work)
        if isinstance(result, Lost | Exception):
            self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")
        return result

    def _answer(self, group: list[Work], results: list[object], took: float) -> None:
        self.waiting -= len(group)
        if self._watch:
            self._watch(len(group), took)
        for work, result in zip(group, results, strict=True):
            if work.done.done():
                continue  # the caller left
            if isinstance(result, Exception):
                work.done.set_exception(result)
            else:
                work.done.set_result(result)
