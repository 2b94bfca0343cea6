"""What every test may ask for: services, and the list of what was left out without them."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import structlog

from tests.outside import leave_out, postgres_cluster, reasons


@pytest.fixture(scope="session", autouse=True)
def loggers_that_listen() -> Iterator[None]:
    """No logger keeps the first configuration it meets, so that each test may capture what is logged."""
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            structlog, "configure", lambda **given: configure(**given | {"cache_logger_on_first_use": False})
        )
        yield


@pytest.fixture(autouse=True)
def log_as_it_comes() -> Iterator[None]:
    """A test that configures the log does not decide what the next one sees."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server: SEKISHO_TEST_POSTGRES, otherwise a cluster of our own."""
    given = os.environ.get("SEKISHO_TEST_POSTGRES")
    if given:
        yield given
        return
    with postgres_cluster() as url:
        yield url


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """The address of a fresh, empty database, dropped after the test."""
    name = f"sekisho_{secrets.token_hex(8)}"
    server = await asyncpg.connect(postgres_url)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_url.rpartition('/')[0]}/{name}"
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The address of a Redis or Valkey server."""
    return os.environ.get("SEKISHO_TEST_REDIS") or leave_out("there is no Redis: set SEKISHO_TEST_REDIS")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was left out, and why."""
    missing = reasons(terminalreporter.stats.get("skipped", []))
    if missing:
        terminalreporter.section("left out")
    for reason, tests in sorted(missing.items()):
        terminalreporter.write_line(f"{len(tests)} because {reason}")
        for test in sorted(set(tests)):
            terminalreporter.write_line(f"    {test}")
