"""Bringing a database to the schema of this program; the only user of the migration tool."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.ext.asyncio import create_async_engine

from sekisho.store.sql import sqlite
from sekisho.store.sql.revision import OLDEST_UPGRADABLE, SchemaNewer, SchemaTooOld
from sekisho.store.sql.sqlite_writer import BUSY_MS, connect

PATIENCE = 60  # seconds that a second migration waits for the first one
LOCK = 0x5345_4B49  # the advisory lock that migrations of one database share


@dataclass(frozen=True, slots=True)
class Line:
    """The revisions a program knows, and the oldest one that it upgrades from."""

    versions: Path = field(default=Path(__file__).parent / "migrations" / "versions")
    oldest: str = OLDEST_UPGRADABLE

    def config(self) -> Config:
        """As the migration tool wants it, without a file."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("version_locations", str(self.versions))
        config.set_main_option("path_separator", "newline")
        return config


def migrate(url: str, line: Line) -> str:
    """One transaction under a lock that only one migration holds; what it did, in words."""
    if url.startswith("sqlite:"):
        return _sqlite(sqlite.path(url), line)
    return asyncio.run(_postgres(url, line))


def _sqlite(file: Path, line: Line) -> str:
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # a new file is for its owner only
    connect(file, "FULL", BUSY_MS).close()
    engine = sa.create_engine(
        f"sqlite:///{file}",
        connect_args={"timeout": PATIENCE, "isolation_level": None},
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        said = _upgrade(connection, line)
        connection.exec_driver_sql("COMMIT")
        return said


async def _postgres(url: str, line: Line) -> str:
    # The driver reads the address itself: its options (sslmode …) are the same here as in the server.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=sa.NullPool
    )
    async with engine.begin() as connection:
        await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
        await connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        return await connection.run_sync(_upgrade, line)


def _upgrade(connection: sa.Connection, line: Line) -> str:
    config = line.config()
    known = ScriptDirectory.from_config(config)
    found, head = MigrationContext.configure(connection).get_current_revision(), known.get_current_head()
    if found == head:
        return f"The database is at revision {head} already."
    if found is not None:
        _check(known, found, line.oldest)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if found is None:
        return f"The database was empty; it is at revision {head} now."
    return f"The database went from revision {found} to {head}."


def _check(known: ScriptDirectory, found: str, oldest: str) -> None:
    try:
        line = [script.revision for script in known.iterate_revisions("heads", "base")]
        known.get_revision(found)
    except CommandError as unknown:
        raise SchemaNewer(found) from unknown
    if line.index(found) > line.index(oldest):
        raise SchemaTooOld(found, oldest)
