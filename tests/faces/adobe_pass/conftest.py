"""A door with the face behind it, asked byte for byte as devices ask."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sekisho.app import lost, urls
from sekisho.web.door import Building, Door
from tests.software import Software, software

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
REGISTER, TOKEN = "/o/client/register", "/o/client/token"
KIND = "application/json;charset=UTF-8"


@dataclass
class Place:
    """Software and a door; each request is another device's unless told otherwise."""

    software: Software
    door: Door
    devices: count = field(default_factory=lambda: count(1))

    async def wire(self, raw: bytes, address: str = "") -> httpx.Response:
        """A request as it stands on the wire, its lines as they come."""
        head, _, body = raw.partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        method, target, _ = line.split(b" ")
        path, _, query = target.partition(b"?")
        named = (field.partition(b":") for field in fields)
        scope = {
            "type": "http",
            "scheme": "https",
            "method": method.decode(),
            "raw_path": path,
            "query_string": query,
            "headers": [(name.strip().lower(), value.strip()) for name, _, value in named],
            "client": (address or f"198.51.{next(self.devices) % 250}.{next(self.devices) % 250}", 4711),
        }
        return await self._heard(scope, body)

    async def _heard(self, scope: dict[str, Any], body: bytes) -> httpx.Response:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        start, content = sent
        return httpx.Response(start["status"], headers=start["headers"], content=content["body"])

    async def ask(
        self,
        line: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        address: str = "",
    ) -> httpx.Response:
        """A request line, headers and a body; the host is ours."""
        fields = {"Host": "id.example.com", **(headers or {})}
        lines = [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return await self.wire("\r\n".join(lines).encode() + b"\r\n\r\n" + body, address)

    async def register(self, members: Mapping[str, object], **headers: str) -> httpx.Response:
        """A registration in JSON."""
        told = {"Content-Type": JSON, **_named(headers)}
        return await self.ask(f"POST {REGISTER}", json.dumps(members).encode(), told)

    async def token(self, form: Mapping[str, str] | str, **headers: str) -> httpx.Response:
        """A token request with a form."""
        body = form if isinstance(form, str) else urlencode(form)
        return await self.ask(f"POST {TOKEN}", body.encode(), {"Content-Type": FORM, **_named(headers)})

    async def installed(self) -> dict[str, str]:
        """What an installation sends for a token, after it registered."""
        answer = await self.register({"software_statement": self.software.text})
        assert answer.status_code == 201, answer.text
        body = answer.json()
        proof = {name: body[name] for name in ("client_id", "client_secret")}
        return {**proof, "grant_type": "client_credentials"}


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    """One code and nothing else, in JSON."""
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["content-type"] == KIND
    assert answer.headers["cache-control"] == "no-store"
    assert "www-authenticate" not in answer.headers


async def place_of(**fields: Any) -> Place:
    """A place whose application is told this."""
    made = await software(**fields)
    return Place(made, Door(Building(made.directory, urls(), {}, lost)))


@pytest.fixture
async def place() -> Place:
    """A place with the usual application."""
    return await place_of(
        domains=["example.com", "localhost"], custom_schemes=["adbe.u-XFXJeTSDuJiIQs0HVRAg://"]
    )
