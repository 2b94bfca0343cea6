"""Storage in SQLite and PostgreSQL: one schema, one set of scripts, one driver each."""

import time
from collections.abc import Callable

from sekisho.limits import Limits
from sekisho.store import Engine, Watch
from sekisho.store.sql.engine import SqlEngine
from sekisho.store.sql.revision import HEAD, OLDER, SchemaNewer, SchemaOutdated
from sekisho.store.sql.script import Database


async def open_engine(
    url: str, pepper: bytes, clock: Callable[[], float] = time.time, watch: Watch | None = None
) -> Engine:
    """The engine behind an address; SchemaOutdated or SchemaNewer where the schema is not this program's."""
    database = await _database(url, watch)
    try:
        _check(await database.revision())
    except BaseException:
        await database.close()
        raise
    return SqlEngine(database, pepper, clock)


def _check(found: str | None) -> None:
    if found is None or found in OLDER:
        raise SchemaOutdated(found)
    if found != HEAD:
        raise SchemaNewer(found)


async def _database(url: str, watch: Watch | None) -> Database:
    if url.startswith("sqlite:"):
        from sekisho.store.sql import sqlite

        return sqlite.opened(url, watch)
    from sekisho.store.sql import postgres

    return await postgres.opened(url, watch)


async def open_limits(url: str) -> Limits:
    """The rate limits that belong to the same address."""
    if url.startswith("sqlite:"):
        from sekisho.store.sql import sqlite

        return sqlite.opened_limits(url)
    from sekisho.store.sql import postgres

    return await postgres.opened_limits(url)


def migrate(url: str) -> str:
    """Bring the database to this program's schema; what was done, in words."""
    from sekisho.store.sql import migration

    return migration.migrate(url, migration.Line())
