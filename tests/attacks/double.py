"""The target as a thread of this process: a guard that a test takes away here is really gone."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from msgspec.structs import replace

from sekisho import tokens
from sekisho.app import urls
from sekisho.model.client import COMMAND_LINE
from sekisho.model.connection import Connection
from sekisho.model.granted import Granted
from sekisho.model.step import Save
from sekisho.pages.says import says
from sekisho.registry import system_apis
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.server import healthy
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.attacks.people_target import residents
from tests.attacks.target import CROWDED, MANAGEMENT, OTHER_HOST, OTHER_MANAGEMENT, Target, furnished
from tests.outside import free_port
from tests.tenants import Clock, client, demo_directory


@dataclass(frozen=True)
class Double:
    """The target, and what it is made of."""

    target: Target
    directory: Directory
    clock: Clock

    @property
    def tenant(self) -> Tenant:
        found = self.directory.named("demo")
        assert found is not None
        return found


async def settled(clock: Clock) -> Directory:
    """Two tenants with their management APIs, one of them under a host of its own too."""
    directory = await demo_directory(clock)
    for slug, domains in (("demo", ()), ("acme", (OTHER_HOST,))):
        tenant = directory.named(slug)
        assert tenant is not None
        record = replace(tenant.record, domains=domains, policy=CROWDED, version=1)
        assert await tenant.change(Save(system_apis.system(tenant.id, clock())), Save(record)) is None
        decided = directory.named(slug)
        assert decided
        home = Connection(tenant=tenant.id, id=f"con_{slug}")
        assert await decided.change(Save(home), *await residents(decided)) is None
    return directory


def administrator(tenant: Tenant, audience: str) -> str:
    """A token with every scope, as the command line makes it."""
    granted = Granted(
        id="command-line",
        grant_type="client_credentials",
        client=client(client_id=COMMAND_LINE),
        api=system_apis.system(tenant.id, 0),
        audience=audience,
        issuer=audience.removesuffix("api/v2/"),
        subject=f"{COMMAND_LINE}@clients",
        scopes=tuple(MANAGEMENT_SCOPES),
        lifetime=86_400,
        at=tenant.now(),
    )
    return str(tokens.issue(granted, tenant).body["access_token"])


@contextmanager
def doubled() -> Iterator[Double]:
    """A server that was set up and runs."""
    clock = Clock()
    directory = asyncio.run(settled(clock))
    with listening(Door(Building(directory, urls(), {"/healthz": healthy}, says))) as port:
        demo, acme = directory.named("demo"), directory.named("acme")
        assert demo
        assert acme
        admins = administrator(demo, MANAGEMENT), administrator(acme, OTHER_MANAGEMENT)
        yield Double(furnished(port, *admins), directory, clock)


@contextmanager
def listening(app: Any) -> Iterator[int]:
    """An application behind the server and the protocol of production; its port."""
    config = uvicorn.Config(
        app,
        http="sekisho.cli.wire:wired",
        ws="none",
        lifespan="off",
        interface="asgi3",
        port=free_port(),
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < until
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield config.port
    finally:
        server.should_exit = True
        thread.join(10)
