"""kill -9 under load: nothing that was acknowledged is lost."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import httpx

from sekisho.house import open_house
from sekisho.model.artifact import AccessToken
from sekisho.model.client import Client
from sekisho.settings import load
from tests.outside import free_port
from tests.servers import Installation, Server, a_machine, token_form

LOAD_SECONDS = 1.5
WORKERS = 8


async def creating(server: Server, headers: dict[str, str], seen: list[str]) -> None:
    """Create clients until the server dies; remember those that were acknowledged."""
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as web:
        while True:
            answer = await web.post("/api/v2/clients", json={"name": "Load", "app_type": "non_interactive"})
            assert answer.status_code in (201, 503), answer.text
            if answer.status_code == 201:
                seen.append(answer.json()["client_id"])


async def asking(server: Server, headers: dict[str, str], client: dict[str, Any], seen: list[str]) -> None:
    """Ask for opaque tokens until the server dies; remember those that were given."""
    async with httpx.AsyncClient(base_url=server.url, headers={"host": headers["host"]}) as web:
        while True:
            answer = await web.post("/oauth/token", data=token_form(client))
            if answer.status_code == 200:
                seen.append(answer.json()["access_token"])


async def under_load(
    server: Server, headers: dict[str, str], client: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Load, then kill -9 in the middle of it."""
    clients: list[str] = []
    tokens: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(contextlib.suppress(ExceptionGroup))
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(creating(server, headers, clients))
                group.create_task(asking(server, headers, client, tokens))
            await asyncio.sleep(LOAD_SECONDS)
            server.process.kill()
    return clients, tokens


async def kept(installation: Installation, clients: list[str], tokens: list[str]) -> None:
    """All of them are in the database, which opens clean."""
    house = await open_house(load(None, installation.environment()))
    try:
        tenant = house.directory.named("")
        assert tenant is not None
        for client_id in clients:
            assert await tenant.store.named(Client, tenant.id, client_id), client_id
        for token in tokens:
            assert isinstance(await tenant.store.get(AccessToken, token), AccessToken)
    finally:
        await house.close()


def test_nothing_acknowledged_is_lost(installation: Installation, tmp_path: Path) -> None:
    """What an answer promised is on disk before it is sent, whatever happens to the process then."""
    with installation.serving(free_port()) as server:
        manage = server.manage()
        client = a_machine(manage, token_dialect="opaque")
        headers = {name: manage.headers[name] for name in ("host", "authorization")}
        clients, tokens = asyncio.run(under_load(server, headers, client))
        assert len(clients) > WORKERS
        assert len(tokens) > WORKERS
    asyncio.run(kept(installation, clients, tokens))
    # A process that starts afterwards finds a clean database and goes on.
    with installation.serving(free_port()) as server:
        assert server.web().post("/oauth/token", data=token_form(client)).status_code == 200


def test_the_end_is_orderly(installation: Installation) -> None:
    """SIGTERM: what was noted but not yet written is written, and the process leaves without complaint."""
    with installation.serving(free_port()) as server:
        client = a_machine(server.manage())
        web = server.web()
        for _ in range(20):
            assert web.post("/oauth/token", data=token_form(client)).status_code == 200
        asked = time.monotonic()
        web.close()
        assert server.stop() == 0
        assert time.monotonic() - asked < 10
        assert "Traceback" not in server.log
    asyncio.run(noted(installation, client["client_id"], 20))


async def noted(installation: Installation, client_id: str, times: int) -> None:
    """The audit has the tokens of this client."""
    from sekisho.store import Window

    house = await open_house(load(None, installation.environment()))
    tenant = house.directory.named("")
    assert tenant is not None
    events = await tenant.store.events(
        tenant.id, {"client": client_id, "slug": "token_issued"}, Window(limit=100)
    )
    await house.close()
    assert len(events) == times
