"""Many clients, registered through the management API as an operator's script would."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvloop

from bench import wire
from bench.failure import BenchError
from bench.subject import SCOPE, audience

CONNECTIONS = 64
CLIENTS = "/api/v2/clients"
GRANTS = "/api/v2/client-grants"
CREATED = 201


@dataclass(frozen=True)
class Credentials:
    client_id: str
    client_secret: str


def client(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    }


def grant(client_id: str, kind: str) -> dict[str, Any]:
    return {"client_id": client_id, "audience": audience(kind), "scope": [SCOPE]}


def register(port: int, bearer: str, kind: str, count: int) -> list[Credentials]:
    """This many clients, each allowed to ask for tokens of this kind."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(_register(_Api(port, bearer), kind, count))
        except ExceptionGroup as crew:
            raise BenchError(f"registering clients: {crew.exceptions[0]!r}") from crew


@dataclass(frozen=True)
class _Api:
    port: int
    bearer: str


async def _register(api: _Api, kind: str, count: int) -> list[Credentials]:
    names = iter(f"bench {n}" for n in range(count))
    made: list[Credentials] = []
    async with asyncio.TaskGroup() as crew:
        for _ in range(min(CONNECTIONS, count)):
            crew.create_task(_work(api, kind, names, made))
    return made


async def _work(api: _Api, kind: str, names: Iterator[str], made: list[Credentials]) -> None:
    reader, writer = await asyncio.open_connection(wire.HOST, api.port)
    for name in names:
        writer.write(wire.post_json(api.port, CLIENTS, client(name), api.bearer))
        created = await _created(reader)
        writer.write(wire.post_json(api.port, GRANTS, grant(created["client_id"], kind), api.bearer))
        await _created(reader)
        made.append(Credentials(created["client_id"], created["client_secret"]))
    writer.close()


async def _created(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(wire.content_length(head, len(head)))
    if int(head.split(b" ", 2)[1]) != CREATED:
        raise BenchError(f"not created: {(head + body)[:1000]!r}")
    return dict(json.loads(body))
