"""A running site with pages: the real door over the memory engine, and what a browser may see there."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

import uvicorn
from msgspec.structs import replace

from sekisho.api import ROUTES as API
from sekisho.api.says import says as api_says
from sekisho.events.audit import Audit
from sekisho.events.uses import UseBook
from sekisho.fetch.fetcher import Fetcher
from sekisho.keys.seal import Sealer
from sekisho.limits.leased import Leased
from sekisho.model.step import Save
from sekisho.model.tenant import TenantRecord
from sekisho.pages import ROUTES
from sekisho.pages.says import says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.store.known import Known
from sekisho.store.memory import MemoryEngine, MemoryLimits
from sekisho.tenant import Directory, Tenant, Tools
from sekisho.web.door import Building, Door
from sekisho.web.route import Route, Routes
from tests.tenants import MASTER, TENANT, Clock, signing_keys

SLUG = "example-store"
LONG = "Example Store of Everything That a Traveller May Need on the Way"
REFUSALS = "/refused/{slug}"
# What a browser can be shown: a name, an address.
PAGES: Mapping[str, str] = {
    "landing": "/",
    "landing-long": "/t/long/",
    "not-found": "/nothing-here",
    "otherwise": "/refused/malformed_request",
    "internal": "/refused/internal",
    "busy": "/refused/overloaded",
    "management": "/api/v2/docs",
    "adobe-pass": "/help/adobe-pass",
}


async def refused(ask: Ask, tenant: Tenant) -> Answer:
    """Any refusal of the catalogue, by its slug."""
    raise Refused(CATALOGUE[ask.names["slug"]], debug="a secret of ours")


async def directory(port: int) -> Directory:
    """Two tenants: one with an everyday name, one with the longest."""
    store = MemoryEngine(MASTER.derive("pepper"), Clock())
    sealer, clock = Sealer.of(MASTER), Clock()
    audit, limits = Audit(store, clock), MemoryLimits()
    tools = Tools(
        *(store, Known(store), audit, limits, sealer, Fetcher(), clock, UseBook(store)), Leased(limits)
    )
    named = TenantRecord(tenant=TENANT, id=TENANT, slug=SLUG, default=True, name="Example Store")
    other = TENANT.replace("1", "2")
    long = replace(
        named, tenant=other, id=other, slug="long", default=False, policy=Policy(friendly_name=LONG)
    )
    for record in (named, long):
        assert await store.write(Save(record), *map(Save, signing_keys(record.id, record.slug))) is None
    found = Directory(tools, f"http://localhost:{port}", development=True)
    await tools.known.confirm()
    await found.load()
    return found


def routes() -> Routes:
    """The pages, and an address for each refusal."""
    rows: tuple[tuple[str, Callable[[Ask, Tenant], Awaitable[Answer]]], ...] = (*ROUTES, (REFUSALS, refused))
    pages = (Route(method="GET", path=path, endpoint=page, says=says) for path, page in rows)
    api = (
        Route(method=verb, path=f"/api/v2{path}", endpoint=page, says=api_says) for verb, path, page in API
    )
    return Routes((*pages, *api))


@contextmanager
def site() -> Iterator[str]:
    """The origin of a server that lives as long as the context."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        door = Door(Building(asyncio.run(directory(port)), routes(), {}, says))
        server = uvicorn.Server(uvicorn.Config(door, lifespan="off", ws="none", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://localhost:{port}"
        finally:
            server.should_exit = True
            thread.join()
