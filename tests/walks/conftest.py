"""Installations on both engines."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.outside import free_port
from tests.servers import Installation
from tests.walks.mortal import Mortals, mortals
from tests.walks.pair import Pair, peopled

ENGINES = ("sqlite", "postgres")
HTTPS = "https://id.example.com"
MOST = httpx.Limits(max_connections=200, max_keepalive_connections=200)


@pytest.fixture(params=ENGINES)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """A prepared installation, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/sekisho.db"
    else:
        url = request.getfixturevalue("postgres_database")
    made = Installation(tmp_path, url)
    made.prepare()
    return made


@pytest.fixture(scope="module", params=ENGINES)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A prepared installation with people, for all tests of a file."""
    folder = tmp_path_factory.mktemp("town")
    with prepared(request, folder) as url:
        made = Installation(folder, url, HTTPS)
        made.prepare()
        asyncio.run(peopled(made))
        yield made


@contextmanager
def prepared(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of an empty database that is gone afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/sekisho.db"
        return
    server, name = request.getfixturevalue("postgres_url"), f"sekisho_{secrets.token_hex(8)}"
    asyncio.run(say(server, f"CREATE DATABASE {name}"))
    yield f"{server.rpartition('/')[0]}/{name}"
    asyncio.run(say(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def say(server: str, sql: str) -> None:
    """One statement to the server."""
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def processes(town: Installation) -> Iterator[tuple[str, ...]]:
    """The addresses of two of its processes."""
    with town.serving(free_port()) as here, town.serving(free_port()) as there:
        yield here.url, there.url


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    """What requests are made with, many at once."""
    async with httpx.AsyncClient(timeout=60, limits=MOST) as found:
        yield found


@pytest.fixture
def pair(town: Installation, processes: tuple[str, ...], web: httpx.AsyncClient) -> Pair:
    """Two processes and what is asked of them."""
    return Pair(town, processes, web)


@pytest.fixture(scope="module")
def mortal(town: Installation) -> Iterator[Mortals]:
    """A process that dies where it is told to, and rises again."""
    with mortals(town, free_port()) as found:
        yield found
