"""Engines for tests: databases that are migrated once and emptied for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from sekisho.store import Engine
from sekisho.store.sql import migrate, open_engine
from tests.store.things import PEPPER, Clock, closing

pytest.register_assert_rewrite("tests.store.conformance", "tests.store.processes", "tests.store.racing")

CONFORMANCE_DATABASE = "sekisho_conformance"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file."""
    file = tmp_path_factory.mktemp("template") / "sekisho.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated file."""
    shutil.copy(sqlite_template, tmp_path / "sekisho.db")
    return f"sqlite:///{tmp_path / 'sekisho.db'}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """A migrated database."""
    url = f"{postgres_url.rpartition('/')[0]}/{CONFORMANCE_DATABASE}"
    asyncio.run(_say(postgres_url, f"DROP DATABASE IF EXISTS {CONFORMANCE_DATABASE} WITH (FORCE)"))
    asyncio.run(_say(postgres_url, f"CREATE DATABASE {CONFORMANCE_DATABASE}"))
    migrate(url)
    yield url
    asyncio.run(_say(postgres_url, f"DROP DATABASE {CONFORMANCE_DATABASE} WITH (FORCE)"))


@pytest.fixture
async def postgres_emptied(migrated_postgres: str) -> str:
    """A migrated database with nothing in it."""
    await _say(
        migrated_postgres,
        """TRUNCATE artifact, once, tombstone, tenant, client, api, client_grant, signing_key, connection,
        account, consent, record_name, record_tag, audit, config_change, bucket, delivery,
        registered_application, software_statement, client_use, password, role;
        UPDATE config_version SET version = 0""",
    )
    return migrated_postgres


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    fixture = {"sqlite": "sqlite_url", "postgres": "postgres_emptied"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
async def opened(url: str, clock: Clock) -> AsyncIterator[Engine]:
    """An engine on a fresh database of each kind."""
    async with closing(await open_engine(url, PEPPER, clock)) as engine:
        yield engine


async def _say(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
