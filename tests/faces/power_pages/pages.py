"""A portal with pages of its own, behind the door, and a browser that takes answers in pieces."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from msgspec.structs import replace

from sekisho.app import lost, urls
from sekisho.model.step import Save
from sekisho.spec.policy import Site
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.tenants import Clock, demo_directory

HOST = "id.example.com"
ORIGIN = f"https://{HOST}"


@dataclass
class Pages:
    """A tenant that has the host for itself."""

    directory: Directory
    door: Door
    cut_off: bool = False
    sent: list[int] = field(default_factory=list)

    @property
    def tenant(self) -> Tenant:
        """As it is now."""
        found = self.directory.named("demo")
        assert found
        return found

    async def show(self, domains: tuple[str, ...] = (HOST,), **site: str) -> None:
        """The pages are there from now on."""
        record = self.tenant.record
        policy = replace(record.policy, site=Site(**site))
        changed = replace(record, domains=domains, policy=policy)
        assert await self.tenant.change(Save(changed)) is None

    def keep_sites_in(self, folder: object) -> None:
        """What the process setting says."""
        object.__setattr__(self.tenant.tools, "sites", str(folder))

    async def ask(self, line: str, body: bytes = b"", /, **headers: str) -> httpx.Response:
        """A request; what came of the answer, and whether that is all of it."""
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        told = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
        if body:
            told.append((b"content-length", str(len(body)).encode()))
        return await self.hear(method, path.encode(), query.encode(), [(b"host", HOST.encode()), *told], body)

    async def hear(
        self, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b""
    ) -> httpx.Response:
        """The same, letter for letter."""
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "scheme": "https",
            "method": method,
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "client": ("198.51.100.7", 4711),
        }
        await self.door(scope, receive, send)
        start, *parts = sent
        self.cut_off = not parts or parts[-1].get("more_body", False)
        self.sent = [len(part["body"]) for part in parts]
        content = b"".join(part["body"] for part in parts)
        # The body is kept as it came, in whatever coding.
        response = httpx.Response(start["status"], headers=start["headers"])
        response._content = content
        return response


async def opened() -> Pages:
    """A tenant without pages."""
    directory = await demo_directory(Clock())
    return Pages(directory, Door(Building(directory, urls(), {}, lost)))
