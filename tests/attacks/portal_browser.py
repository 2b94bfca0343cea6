"""A portal and a page of somebody else, on two origins of this machine, for a real browser."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import uvicorn

from sekisho.app import lost, urls
from sekisho.change.actor import Actor
from sekisho.registry.portal import site_settings
from sekisho.store import Window
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.pages.site import SLUG, Watch, directory

CLIENT = "my-portal-client"
T = TypeVar("T")


class Blank(BaseHTTPRequestHandler):
    """A page without anything on it, at every address: what the attacker does there is done by the test."""

    def do_GET(self) -> None:
        """The page."""
        body = b"<!doctype html><title>Elsewhere</title>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Shore:
    """The portal's origin, and two of the attacker's: of the same site, and of another one."""

    origin: str
    near: str
    far: str
    directory: Directory

    @property
    def tenant(self) -> Tenant:
        """The portal's, as it is now."""
        found = self.directory.named(SLUG)
        assert found
        return found

    def put(self, name: str, value: str) -> None:
        """A site setting."""
        _run(site_settings.put(self.tenant, name, value, Actor()))

    def issued(self) -> int:
        """How many tokens the portal gave, by its audit."""

        async def counted() -> int:
            await self.tenant.audit.flush()
            window = Window(limit=1000)
            events = await self.tenant.store.events(self.tenant.id, {"slug": "portal_token_issued"}, window)
            return len(events)

        return _run(counted())


def _run(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: the loop of the browser is in the way here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@contextmanager
def shore() -> Iterator[Shore]:
    """Both, as long as the context lives."""
    with socket.socket() as listening, ThreadingHTTPServer(("127.0.0.1", 0), Blank) as elsewhere:
        listening.bind(("127.0.0.1", 0))
        port, other = listening.getsockname()[1], elsewhere.server_address[1]
        found = asyncio.run(directory(port, Watch()))
        door = Door(Building(found, urls(), {}, lost))
        server = uvicorn.Server(uvicorn.Config(door, lifespan="off", ws="none", log_level="warning"))
        threads = (
            threading.Thread(target=server.run, kwargs={"sockets": [listening]}),
            threading.Thread(target=elsewhere.serve_forever, kwargs={"poll_interval": 0.05}),
        )
        for thread in threads:
            thread.start()
        try:
            name = f"http://localhost:{port}"
            yield Shore(name, f"http://localhost:{other}", f"http://127.0.0.1:{other}", found)
        finally:
            server.should_exit = True
            elsewhere.shutdown()
            for thread in threads:
                thread.join()
