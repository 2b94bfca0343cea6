"""A real server process with a published application, and this process beside it, which ends things."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sekisho.change.actor import Actor
from sekisho.house import open_house
from sekisho.registry import clients, registered_applications
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.settings import load
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement
from tests.servers import Installation, Server

ACTOR = Actor()
CHANNEL = "REF30"


@asynccontextmanager
async def beside(installation: Installation) -> AsyncIterator[Tenant]:
    """The tenant `main` in this process, on the database of the other ones."""
    opened = await open_house(load(None, installation.environment()))
    tenant = opened.directory.named("")
    assert tenant
    try:
        yield tenant
    finally:
        await opened.close()


@dataclass(frozen=True)
class Installed:
    """An installation of an application of its own, at a device of its own."""

    installation: Installation
    application: str
    statement: str
    client_id: str
    token: str

    async def revoke_application(self) -> None:
        """The application ends, here and not where the gate is."""
        async with beside(self.installation) as tenant:
            await registered_applications.revoke(tenant, self.application, ACTOR)

    async def revoke_statement(self) -> None:
        """The statement ends."""
        async with beside(self.installation) as tenant:
            await registered_applications.revoke_statement(tenant, self.application, self.statement, ACTOR)

    async def delete_client(self) -> None:
        """The client is gone."""
        async with beside(self.installation) as tenant:
            await clients.delete(tenant, self.client_id, ACTOR)


async def installed(server: Server, device: str) -> Installed:
    """Registered over HTTP, with a token; asked from the address of a device."""
    installation = server.installation
    async with beside(installation) as tenant:
        asked = ApplicationFields(name="TV", channels=(CHANNEL,), scopes=("api:client:v2",))
        made = await registered_applications.create(tenant, asked, ACTOR)
        await registered_applications.publish(tenant, made.id, ACTOR)
        given = await registered_applications.give_statement(tenant, made.id, ACTOR)
    # The ring of statements may have come with this application.
    async with beside(installation) as tenant:
        text = software_statement.mint(given, f"{installation.public_url}/", tenant)
    await asyncio.sleep(1.0)  # until every process knows it
    said = {"host": installation.public_url.partition("://")[2], "x-forwarded-for": device}
    async with httpx.AsyncClient(base_url=server.url, headers=said) as web:
        answer = await web.post("/o/client/register", json={"software_statement": text})
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        form = {name: told[name] for name in ("client_id", "client_secret")}
        answer = await web.post("/o/client/token", data=form | {"grant_type": "client_credentials"})
        assert answer.status_code == 201, answer.text
    token = answer.json()["access_token"]
    return Installed(installation, made.id, given.id, told["client_id"], token)
