"""A SQLite file as a database: reads in the loop, writes through the one writing thread."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from sekisho.model.step import Lost
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Watch
from sekisho.store.rows import Unit
from sekisho.store.sql import unit as units
from sekisho.store.sql.limits import SqlLimits
from sekisho.store.sql.revision import REVISION, SchemaOutdated
from sekisho.store.sql.script import Rows, Script, T
from sekisho.store.sql.sqlite_writer import BUSY_MS, Writer, connect

READ_BUSY_MS = 250  # readers hardly ever wait in WAL mode; while they do, the loop does
TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
BUCKET = """CREATE TABLE IF NOT EXISTS bucket
    (key BLOB PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL, full_at REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS bucket_full_at ON bucket (full_at);"""


def path(url: str) -> Path:
    """sqlite:///relative or sqlite:////absolute."""
    scheme, _, name = url.partition(":///")
    if scheme != "sqlite" or not name:
        raise ValueError("the address of a SQLite file is sqlite:///relative or sqlite:////absolute")
    return Path(name)


def opened(url: str, watch: Watch | None = None) -> "Sqlite":
    """The file, which is not made by looking at it."""
    file = path(url)
    if not file.exists():
        raise SchemaOutdated(None)
    reader = connect(file, "FULL", READ_BUSY_MS)
    reader.execute("PRAGMA query_only = ON")
    return Sqlite(reader, Writer(file, "FULL", watch))


def opened_limits(url: str) -> SqlLimits:
    """Rate limits in a file of their own that never waits for the disk; a broken one is made anew."""
    file = path(url)
    file = file.with_name(file.name + "-limits")
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        _lay(file)
    except sqlite3.OperationalError:  # locked or out of reach, not broken
        raise
    except sqlite3.DatabaseError:
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        _lay(file)
    writer = Writer(file, "OFF")
    return SqlLimits(writer.play, writer.close)


def _lay(file: Path) -> None:
    connection = connect(file, "OFF", BUSY_MS)
    connection.executescript(BUCKET)
    connection.close()


class Sqlite:
    """One file, one reading connection, one writing thread."""

    name = "SQLite"
    skip_locked = ""
    holds = "instr({0}, {1}) > 0"

    def __init__(self, reader: sqlite3.Connection, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer
        self._seen: tuple[int, int] | None = None

    async def revision(self) -> str | None:
        """Of its schema; None where there is none."""
        there = await self.rows(TABLE, ())
        return (await self.rows(REVISION, ()))[0][0] if there else None

    async def rows(self, sql: str, values: Sequence[object]) -> Rows:
        """Read in the loop: microseconds, where a thread would cost tens of them."""
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            raise Refused(STORE_UNAVAILABLE, debug=repr(error)) from error

    async def land(self, unit: Unit) -> Lost | None:
        """In the next group."""
        return await self._writer.write(lambda: units.land(unit), unit.size)

    async def play(self, script: Callable[[], Script[T]]) -> T:
        """In the next group, in a savepoint of its own."""
        return await self._writer.play(script)

    async def version(self, since: int) -> int | None:
        """data_version moves with every commit of another connection, our own writer's included."""
        ((moved,),) = await self.rows("PRAGMA data_version", ())
        if self._seen is None or self._seen[0] != moved:
            ((version,),) = await self.rows("SELECT version FROM config_version", ())
            self._seen = (moved, version)
        return self._seen[1] if self._seen[1] == since else None

    def waiting(self) -> int:
        """What the writer has not come to."""
        return self._writer.waiting

    async def close(self) -> None:
        """Write what is queued, then let go."""
        await self._writer.close()
        self._reader.close()
