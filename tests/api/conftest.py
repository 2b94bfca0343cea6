"""A desk at which the management API is asked, as the door would ask it."""

import json
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.api import ROUTES
from sekisho.api.says import says
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import COMMAND_LINE
from sekisho.model.connection import Connection
from sekisho.model.granted import Granted
from sekisho.model.step import Save
from sekisho.registry import system_apis
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.web.read import pairs
from sekisho.web.route import Route, Routes
from tests.api.promises import keeps_its_promise
from tests.tenants import AUDIENCE, NOW, ORIGIN, Clock, client, demo_directory
from tests.visitor import person, web_client

URLS = Routes(Route(method=method, path=path, endpoint=verb, says=says) for method, path, verb in ROUTES)


@dataclass
class Desk:
    """Asks in the name of the command line, with all scopes unless told otherwise."""

    tenant: Tenant
    clock: Clock
    refused: Refused | None = None

    def token(self, *scopes: str, client_id: str = COMMAND_LINE, audience: str = f"{ORIGIN}/api/v2/") -> str:
        """A token for the management API."""
        granted = Granted(
            id=f"grant-{client_id}",
            grant_type="client_credentials",
            client=client(client_id=client_id),
            api=system_apis.system(self.tenant.id, NOW),
            audience=audience,
            issuer=f"{ORIGIN}/",
            subject=f"{client_id}@clients",
            scopes=scopes or tuple(MANAGEMENT_SCOPES),
            lifetime=600,
            at=self.clock(),
        )
        return str(tokens.issue(granted, self.tenant).body["access_token"])

    async def ask(
        self, line: str, body: object = None, token: str | None = None, root: str = ORIGIN, **headers: str
    ) -> Answer:
        """The answer to a request line, as the door would find and word it."""
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told["authorization"] = f"Bearer {token or self.token()}"
        asked = Ask(method=method, path=path, root=root, headers=told, body=raw, query=pairs(query.encode()))
        found = URLS.find(method, path)
        return await self.send(asked, found.names)

    async def send(self, asked: Ask, names: dict[str, str] | None = None) -> Answer:
        """The answer to a ready request."""
        found = URLS.find(asked.method, asked.path)
        asked = Ask(
            **{name: getattr(asked, name) for name in asked.__struct_fields__} | {"names": names or {}}
        )
        try:
            answer = await found.route.endpoint(asked, self.tenant)
        except Refused as refused:
            self.refused = refused
            answer = says(refused, asked)
            answer = replace(answer, headers=(*answer.headers, *refused.headers.items()))
        keeps_its_promise(found.route.method, found.route.path, answer)
        return answer

    async def made(self, line: str, body: object) -> dict:
        """What a request made."""
        answer = await self.ask(line, body)
        assert answer.status in (200, 201), answer.json
        assert isinstance(answer.json, dict)
        return answer.json


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
async def desk(clock: Clock) -> Desk:
    """The desk of the demo tenant, with its management API."""
    directory = await demo_directory(clock)
    tenant = directory.named("demo")
    assert tenant is not None
    assert await tenant.store.named(Api, tenant.id, MANAGEMENT) is None
    assert await tenant.change(Save(system_apis.system(tenant.id, NOW))) is None
    assert await tenant.change(Save(Connection(tenant=tenant.id, id="con_1"))) is None
    return Desk(tenant, clock)


@pytest.fixture
async def home(desk: Desk) -> Desk:
    """The same desk, and somebody who signs in to a web client; tokens for the API may be refreshed."""
    known = await desk.tenant.known.named(Api, desk.tenant.id, AUDIENCE)
    assert known is not None
    steps = (replace(known, allow_offline_access=True), person(), web_client())
    assert await desk.tenant.change(*map(Save, steps)) is None
    return desk
