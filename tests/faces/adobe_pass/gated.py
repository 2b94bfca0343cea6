"""A published application with one installation, behind a real door: what tests of the gate start from."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from msgspec.structs import replace

from sekisho.app import lost, urls
from sekisho.change.actor import Actor
from sekisho.model.client import Client
from sekisho.model.step import Save
from sekisho.registry import clients, registered_applications
from sekisho.registry.client_secrets import RotationFields
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.spec.policy import AdobePass, Policy
from sekisho.tenant import Directory, Tenant
from sekisho.tokens import software_statement
from sekisho.web.door import Building, Door
from tests.tenants import ORIGIN, Clock, demo_directory

ACTOR = Actor()
CHANNEL, OTHER = "REF30", "REF31"
SCOPE = "api:client:v2"
TRACE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
OPEN = AdobePass(rate=0)


@dataclass
class Gated:
    """Where it all is; `token` is of the one installation."""

    web: httpx.AsyncClient
    directory: Directory
    clock: Clock
    application: str
    statement: str
    client: dict[str, Any]
    token: str

    @property
    def tenant(self) -> Tenant:
        """The tenant as it is now."""
        found = self.directory.named("demo")
        assert found is not None
        return found

    async def nginx(self, target: str, method: str = "GET", own: str = "", **headers: str) -> httpx.Response:
        """Ask the way nginx does; the token of the installation unless told otherwise."""
        said = {"authorization": f"Bearer {self.token}"}
        said |= {"x-original-method": method, "x-original-uri": target}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in (said | sent).items() if value}
        return await self.web.get(f"/o/gate{own}", headers=kept)

    async def token_of(self, client: dict[str, Any]) -> str:
        """A token for these credentials."""
        form = {"grant_type": "client_credentials", **client}
        answer = await self.web.post("/o/client/token", data=form)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["access_token"])

    async def change_policy(self, **fields: object) -> None:
        """Other settings of the tenant for the face."""
        record = self.tenant.record
        policy = Policy(adobe_pass=replace(OPEN, **fields))
        assert await self.tenant.change(Save(replace(record, policy=policy))) is None
        await self.directory.load()

    async def revoke_application(self) -> None:
        """The application ends."""
        await registered_applications.revoke(self.tenant, self.application, ACTOR)

    async def revoke_statement(self) -> None:
        """The statement ends that the installation came by."""
        await registered_applications.revoke_statement(self.tenant, self.application, self.statement, ACTOR)

    async def delete_client(self) -> None:
        """The installation's client is gone."""
        await clients.delete(self.tenant, self.client["client_id"], ACTOR)

    async def rotate_secret(self) -> None:
        """The installation's secret is replaced."""
        await clients.rotate_secret(self.tenant, self.client["client_id"], RotationFields(), ACTOR)

    async def disable_client(self) -> None:
        """The installation's client is switched off."""
        found = await self.tenant.known.named(Client, self.tenant.id, self.client["client_id"])
        assert found is not None
        changed = replace(found, enabled=False)
        assert await self.tenant.change(Save(changed)) is None


@asynccontextmanager
async def gated(
    scopes: tuple[str, ...] = (SCOPE,), channels: tuple[str, ...] = (CHANNEL,), *, development: bool = False
) -> AsyncIterator[Gated]:
    """One application, published, with one installation that has a token."""
    clock = Clock()
    directory = await demo_directory(clock)
    door = Door(Building(directory, urls(development=development), {}, lost))
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as web:
        made = Gated(web, directory, clock, "", "", {}, "")
        await made.change_policy()
        asked = ApplicationFields(name="TV", channels=channels, scopes=scopes)
        made.application = (await registered_applications.create(made.tenant, asked, ACTOR)).id
        await registered_applications.publish(made.tenant, made.application, ACTOR)
        await directory.load()
        await install(made)
        yield made


async def install(made: Gated) -> None:
    """One more installation, by a statement of its own, in place of the one before."""
    given = await registered_applications.give_statement(made.tenant, made.application, ACTOR)
    text = software_statement.mint(given, f"{ORIGIN}/", made.tenant)
    answer = await made.web.post("/o/client/register", json={"software_statement": text})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    made.statement = given.id
    made.client = {"client_id": told["client_id"], "client_secret": told["client_secret"]}
    made.token = await made.token_of(made.client)
