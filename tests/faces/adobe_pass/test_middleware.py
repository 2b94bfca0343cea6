"""The gate in front of APIs in Python: the middleware and the dependency, asking a real server process."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from sekisho.protect.asgi import SCOPE, AdobePassGate
from sekisho.protect.fastapi import AdobePass
from sekisho.protect.gate import FACTS, Pass, Settings
from tests.faces.adobe_pass.far import CHANNEL, Installed, installed
from tests.outside import free_port
from tests.servers import Installation, Server

PATH = f"/api/v2/{CHANNEL}/profiles"
DEVICES = (f"203.0.113.{n}" for n in itertools.count(1))
ENDINGS = ("revoke_application", "revoke_statement", "delete_client")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server process that believes its neighbours where devices are."""
    folder, port = tmp_path_factory.mktemp("gate"), free_port()
    made = Installation(folder, f"sqlite:///{folder}/sekisho.db", f"http://127.0.0.1:{port}")
    made.more["SEKISHO_TRUSTED_PROXIES"] = "127.0.0.1"
    made.prepare()
    with made.serving(port) as found:
        yield found


async def app(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
    """An API that repeats what it was told about who asks."""
    if scope["type"] != "http":
        return
    told = scope[SCOPE]
    facts = [(name.decode(), value.decode()) for name, value in scope["headers"] if name.lower() in FACTS]
    body = json.dumps({"client_id": told.client_id, "scopes": told.scopes, "facts": facts}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def api(server: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The API behind the middleware, asked by a device that was never seen before."""
    behind = AdobePassGate(app, Settings(server=server, **settings))
    transport = httpx.ASGITransport(behind, client=(next(DEVICES), 4711))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example.org") as web:
        yield web
    await behind.gate.close()


async def a_device(server: Server) -> Installed:
    """An installation of an application of its own."""
    return await installed(server, next(DEVICES))


def shown(device: Installed, **more: str) -> dict[str, str]:
    """The headers of its requests."""
    return {"authorization": f"Bearer {device.token}", **more}


async def test_the_application_learns_who_asks(server: Server):
    """An admitted request carries the facts; what the client said under their names is gone."""
    device = await a_device(server)
    async with api(server.url) as web:
        spoofed = {"X-Client-Id": "me", "x-scopes": "all", "x-original-uri": "/api/v2/authenticate/a/b"}
        answer = await web.post(f"{PATH}?a=%20b", headers=shown(device, **spoofed))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["client_id"], told["scopes"]) == (device.client_id, ["api:client:v2"])
    expected = (device.client_id, device.application, device.statement, "api:client:v2", CHANNEL)
    assert told["facts"] == [[name.decode(), fact] for name, fact in zip(FACTS, expected, strict=True)]


async def test_the_gates_answer_is_the_answer(server: Server):
    """A refused request gets status, headers and body of the gate, and the application hears nothing."""
    device = await a_device(server)
    async with api(server.url) as web:
        bare = await web.get(PATH)
        other = await web.get("/api/v2/REF31/x", headers=shown(device))
        old = await web.get("/reggie/v1/REF31/regcode", headers=shown(device, accept="application/xml"))
        head = await web.head(PATH)
    assert (bare.status_code, bare.json()["code"]) == (401, "missing_access_token")
    assert bare.headers["www-authenticate"] == f'Bearer realm="{server.url}/"'
    assert bare.headers["content-type"] == "application/json;charset=UTF-8"
    assert other.json()["code"] == "invalid_access_token_service_provider"
    assert (old.status_code, old.text[:5]) == (403, "<?xml")
    assert (head.status_code, head.content) == (401, b"")


async def test_the_pace_is_that_of_the_device(server: Server):
    """Devices are told apart behind the middleware, and 429 goes through as the vendor's page."""
    device = await a_device(server)
    async with api(server.url) as one, api(server.url) as other:
        seen = [await one.get(PATH, headers=shown(device)) for _ in range(13)]
        fresh = await other.get(PATH, headers=shown(device))
    assert [each.status_code for each in seen[:11]] == [200] * 11
    assert seen[-1].status_code == 429
    assert seen[-1].headers["content-type"] == "text/html"
    assert int(seen[-1].headers["retry-after"]) >= 1
    assert fresh.status_code == 200


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_end_elsewhere_is_known_within_a_second(server: Server, ending: str):
    """What another process revoked is refused here a second later at the latest."""
    device = await a_device(server)
    async with api(server.url) as web:
        assert (await web.get(PATH, headers=shown(device))).status_code == 200
        await getattr(device, ending)()
        await asyncio.sleep(1.0)
        answer = await web.get(PATH, headers=shown(device))
    assert answer.json()["code"] == "invalid_access_token_client_application"


async def test_a_dependency_does_the_same(server: Server):
    """FastAPI hands the Pass to the endpoint; who has none gets the gate's answer as it is."""
    device, web = await a_device(server), FastAPI()
    gate = AdobePass(web, Settings(server=server.url, api_scope="api:client:v2", channel=CHANNEL))

    @web.get("/films/{name}")
    async def film(name: str, who: Annotated[Pass, Depends(gate)]) -> dict[str, str]:
        return {"film": name, "for": who.client_id, "channel": who.channel}

    transport = httpx.ASGITransport(web, client=(next(DEVICES), 4711))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example.org") as client:
        good = await client.get("/films/a", headers=shown(device))
        bad = await client.get("/films/a")
    await gate.gate.close()
    assert good.json() == {"film": "a", "for": device.client_id, "channel": CHANNEL}
    assert (bad.status_code, bad.json()) == (401, {"error": "access_denied"})
    assert bad.headers["www-authenticate"].startswith("Bearer ")


@dataclass
class Listener:
    """A server at the address of a gate, which says what it is told to and counts."""

    says: bytes
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    is_brief: bool = False
    url: str = ""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer each request of a connection the same way; where it is brief, hang up without a word."""
        self.connections += 1
        self.writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head.decode())
                writer.write(self.says)
                await writer.drain()
                if self.is_brief:
                    await asyncio.sleep(0.05)
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def said(status: str, body: str = "", **headers: str) -> bytes:
    """An answer of HTTP/1.1."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{''.join(lines)}\r\n{body}".encode()


WELCOME = said(
    *("200 OK", ""),
    **dict.fromkeys(("x_client_id", "x_registered_application", "x_software_statement", "x_scopes"), "a"),
    x_service_provider="%E6%98%A0",
)


@asynccontextmanager
async def listening(says: bytes, *, is_brief: bool = False) -> AsyncIterator[Listener]:
    """A listener on a port of its own."""
    made = Listener(says, is_brief=is_brief)
    running = await asyncio.start_server(made.meet, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    async with running:
        yield made
        for writer in made.writers:
            writer.close()
        await asyncio.sleep(0.02)


async def test_connections_are_kept():
    """One after the other, requests share a connection."""
    async with listening(WELCOME) as gate, api(gate.url) as web:
        for _ in range(20):
            assert (await web.get(PATH)).status_code == 200
    assert (gate.connections, len(gate.requests)) == (1, 20)


async def test_a_connection_that_just_ended_is_no_reason():
    """A kept connection that ends while nobody looks is replaced, and nobody is refused for it."""
    async with listening(WELCOME, is_brief=True) as gate, api(gate.url) as web:
        for _ in range(3):
            assert (await web.get(PATH)).status_code == 200
            await asyncio.sleep(0.1)
    assert gate.connections == 3


@pytest.mark.parametrize(
    "says",
    [
        said("200 OK", "hello"),
        said("200 OK", x_client_id="a"),
        said("204 No Content"),
        said("302 Found", location="/login"),
        said("404 Not Found", "<html>"),
        said("421 Misdirected Request"),
        said("502 Bad Gateway"),
        said("401 Unauthorized", "x" * 70_000),
        b"SSH-2.0\r\n\r\n",
        b"",
    ],
)
async def test_whoever_is_no_gate_lets_nobody_in(says: bytes):
    """An answer that is not a gate's is 503 in the document: nobody comes in because of a mistake."""
    async with listening(says) as gate, api(gate.url, seconds=0.5) as web:
        answer = await web.get(PATH)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (503, 503)
    assert (told["code"], told["action"]) == ("temporarily_unavailable", "retry")
    assert told["helpUrl"] == f"{gate.url}/help/adobe-pass#temporarily_unavailable"
    assert answer.headers["retry-after"]


async def test_nobody_at_home_is_no_entry():
    """Where nobody listens, or nobody answers in time, the answer is 503, and it comes soon."""
    started = time.monotonic()
    async with api(f"http://127.0.0.1:{free_port()}") as web:
        assert (await web.get(PATH)).status_code == 503
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    async with listening(half) as gate, api(gate.url, seconds=0.3) as web:
        assert (await web.get(PATH)).status_code == 503
    assert time.monotonic() - started < 2


async def test_nothing_is_remembered_unless_told():
    """Each request is asked about; an admission holds for a second at most, and only for the same request."""
    async with listening(WELCOME) as gate:
        async with api(gate.url) as web:
            assert [(await web.get(PATH)).status_code for _ in range(3)] == [200] * 3
        assert len(gate.requests) == 3
        async with api(gate.url, remembers=0.3) as web:
            for _ in range(3):
                await web.get(PATH, headers={"authorization": "Bearer a"})
            await web.get(PATH, headers={"authorization": "Bearer b"})
            await web.get(f"{PATH}/x", headers={"authorization": "Bearer a"})
            assert len(gate.requests) == 6
            await asyncio.sleep(0.4)
            await web.get(PATH, headers={"authorization": "Bearer a"})
            assert len(gate.requests) == 7
    async with listening(said("401 Unauthorized", "{}")) as gate, api(gate.url, remembers=1) as web:
        assert [(await web.get(PATH)).status_code for _ in range(2)] == [401, 401]
        assert len(gate.requests) == 2


@pytest.mark.parametrize("wrong", [{"remembers": 1.1}, {"remembers": -1}, {"server": "id.example.com"}])
def test_settings_that_would_be_unsafe_are_refused(wrong: dict[str, Any]):
    """An admission that outlives a revocation by more than a second cannot be configured."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**{"server": "https://id.example.com", **wrong})


async def test_the_gate_hears_what_it_needs_and_no_more():
    """The gate is told method, address and device; cookies and other headers of the client stay here."""
    async with listening(WELCOME) as gate, api(gate.url, api_scope="a b", channel="R&D") as web:
        sent = {"cookie": "session=hush", "x-device-info": "e30=", "x-forwarded-for": "198.51.100.1"}
        assert (await web.delete(f"{PATH}?x=1&y", headers=sent)).status_code == 200
    (head,) = gate.requests
    assert head.startswith("GET /o/gate?scope=a+b&service_provider=R%26D HTTP/1.1\r\n")
    assert f"x-original-uri: {PATH}?x=1&y\r\n" in head.lower().replace(PATH.lower(), PATH)
    assert "x-original-method: DELETE" in head
    assert "203.0.113." in head
    for absent in ("hush", "198.51.100.1"):
        assert absent not in head


async def test_only_http_is_protected():
    """A web socket is closed, because nobody looked who it is; the application starts and ends."""
    heard: list[str] = []

    async def seen(scope: MutableMapping[str, Any], _receive: Any, _send: Any) -> None:
        heard.append(scope["type"])

    told: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    behind = AdobePassGate(seen, Settings(server="http://127.0.0.1:1"))
    await behind({"type": "websocket", "path": "/", "headers": []}, receive, send)
    await behind({"type": "lifespan"}, receive, send)
    assert (heard, [message["type"] for message in told]) == (["lifespan"], ["websocket.close"])


def test_nothing_of_the_server_is_loaded(tmp_path: Path):
    """Whoever protects an API with this loads the client of HTTP, and neither the server nor its store."""
    import subprocess
    import sys

    script = "import sys, sekisho.protect.asgi; print([n for n in sys.modules if n.startswith('sekisho')])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert set(json.loads(done.stdout.replace("'", '"'))) <= {
        *("sekisho", "sekisho.protect", "sekisho.protect.asgi", "sekisho.protect.gate"),
        *("sekisho.spec", "sekisho.spec.software", "sekisho.spec.software.enhanced"),
    }
