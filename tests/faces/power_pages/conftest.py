"""A portal behind a door, and a visitor with a browser."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sekisho.app import lost, urls
from sekisho.change.actor import Actor
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.registry.portal import site_settings
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.attacks import portal_target
from tests.attacks.household import Street, moved_in, opened
from tests.tenants import ORIGIN, Clock, ask, demo_directory
from tests.visitor import person

AUTHORIZE, TOKEN, KEY = (f"/_services/auth/{name}" for name in ("authorize", "token", "publickey"))
CLIENT = "0d2f8c7a-11aa-4b3e-9a55-c2d1e0f4a6b8"
PAGE = f"{ORIGIN}/landing"
ACTOR = Actor(client="tests")


@dataclass
class Portal:
    """A tenant on its host; who is signed in has a cookie."""

    directory: Directory
    door: Door
    clock: Clock
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        """As it is now."""
        found = self.directory.named("demo")
        assert found
        return found

    async def put(self, name: str, value: str) -> None:
        """A site setting."""
        await site_settings.put(self.tenant, name, value, ACTOR)

    async def sign_in(self, user: User | None = None) -> None:
        """The visitor is signed in."""
        begun = sessions.begin(user or person(), ("pwd",), ask(root=ORIGIN), self.tenant)
        assert await self.tenant.store.write(begun.put) is None
        name, _, rest = begun.header[1].partition("=")
        self.cookies[name] = rest.partition(";")[0]

    async def ask(
        self,
        path: str,
        query: Mapping[str, str] | str = "",
        form: Mapping[str, str] | None = None,
        method: str = "GET",
        **headers: str,
    ) -> httpx.Response:
        """A request of the browser."""
        told = query if isinstance(query, str) else urlencode(query)
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if self.cookies:
            named.append((b"cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()).encode()))
        if form is not None:
            named.append((b"content-type", b"application/x-www-form-urlencoded"))
        scope = {
            "type": "http",
            "scheme": "https",
            "method": "POST" if form is not None else method,
            "raw_path": path.encode(),
            "query_string": told.encode(),
            "headers": [(b"host", b"id.example.com"), *named],
            "client": ("198.51.100.7", 4711),
        }
        return await self._heard(scope, urlencode(form or {}).encode())

    async def _heard(self, scope: dict[str, Any], body: bytes) -> httpx.Response:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        start, content = sent
        return httpx.Response(start["status"], headers=start["headers"], content=content["body"])


def error_of(answer: httpx.Response, code: str, status: int = 400) -> dict[str, str]:
    """The document, if it is this error: nobody is redirected, nothing is kept."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "location" not in answer.headers
    body: dict[str, str] = json.loads(answer.text)
    assert list(body) == ["ErrorId", "ErrorMessage", "Timestamp", "CorrelationId"]
    assert body["ErrorId"] == code
    return body


@pytest.fixture
async def portal() -> Portal:
    """A portal with a registered client, a page for its answers, and a person who is not signed in yet."""
    clock = Clock()
    directory = await demo_directory(clock)
    made = Portal(directory, Door(Building(directory, urls(), {}, lost)), clock)
    assert await made.tenant.change(Save(person())) is None
    await made.put("ImplicitGrantFlow/RegisteredClientId", f"other ; {CLIENT};;")
    await made.put(f"ImplicitGrantFlow/{CLIENT}/RedirectUri", f"{PAGE};{PAGE}?x=1")
    return made


@pytest.fixture
async def visited(portal: Portal) -> Portal:
    """The same, with the person signed in."""
    await portal.sign_in()
    return portal


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """A server in this process whose house is replaced with each test."""
    with opened() as running:
        yield running


@pytest.fixture
def live(street: Street) -> portal_target.Portal:
    """A portal over HTTP, with people who have passwords."""
    return portal_target.opened(moved_in(street))
