"""nginx as deploy/nginx configures it, in front of real processes."""

import asyncio
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from sekisho.house import open_house
from sekisho.settings import load
from sekisho.store import Window
from tests.deploy.proxy import NAME, Proxy, ports, proxied, until_logged
from tests.outside import free_port
from tests.servers import AUDIENCE, Installation, Server, a_machine, token_form

SPOOFED = {"x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", "forwarded": "for=203.0.113.9"}
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, Server]]:
    """One process, and an nginx that it trusts."""
    folder, taken = tmp_path_factory.mktemp("behind"), ports()
    made = Installation(folder, f"sqlite:///{folder}/sekisho.db", f"https://{NAME}:{taken[0]}")
    made.more["SEKISHO_TRUSTED_PROXIES"] = "127.0.0.1"
    made.prepare()
    with (
        made.serving(free_port()) as server,
        proxied(folder / "nginx", taken, server.port) as proxy,
    ):
        yield proxy, server


@pytest.fixture(scope="module")
def client(house: tuple[Proxy, Server]) -> dict[str, str]:
    """A client that may ask for tokens."""
    return token_form(a_machine(house[1].manage()))


def test_the_issuer_is_the_public_address(house: tuple[Proxy, Server], client: dict[str, str]):
    """Behind TLS that ends at nginx, issuer and endpoints are those of public_url."""
    proxy, web = house[0], house[0].web()
    metadata = web.get(DISCOVERY)
    assert metadata.json()["issuer"] == f"{proxy.url}/"
    assert metadata.json()["token_endpoint"] == f"{proxy.url}/oauth/token"
    assert metadata.headers["strict-transport-security"]
    assert "nginx/" not in metadata.headers["server"]
    assert web.post("/oauth/token", data=client).json()["access_token"]


def test_a_client_is_known_by_its_own_address(house: tuple[Proxy, Server]):
    """Behind a trusted nginx the address is the client's own, whatever the client says of itself."""
    proxy, server = house
    answer = proxy.web("127.0.0.2", **SPOOFED).get(DISCOVERY)
    assert until_logged(server, answer.headers["x-correlation-id"])["address"] == "127.0.0.2"


def test_the_audit_has_the_address_of_the_client(house: tuple[Proxy, Server], client: dict[str, str]):
    """A refusal behind nginx is noted with the address of whoever caused it."""
    proxy, server = house
    wrong = client | {"client_secret": "wrong"}
    answer = proxy.web("127.0.0.4", **SPOOFED).post("/oauth/token", data=wrong)
    assert answer.status_code == 401
    time.sleep(1.0)  # the audit of refusals is batched
    assert "127.0.0.4" in asyncio.run(addresses(server.installation, client["client_id"]))


async def addresses(installation: Installation, client_id: str) -> set[str | None]:
    """Where the audited events of a client came from."""
    opened = await open_house(load(None, installation.environment()))
    tenant = opened.directory.named("")
    assert tenant
    events = await tenant.store.events(tenant.id, {"client": client_id}, Window(limit=100))
    await opened.close()
    return {event.address for event in events}


def test_nobody_else_may_say_where_a_client_is(house: tuple[Proxy, Server]):
    """Past nginx, X-Forwarded-For is not believed; nor is nginx where it is not among trusted_proxies."""
    proxy, server = house
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(transport=transport, headers={"host": f"{NAME}:{proxy.port}"} | SPOOFED) as past:
        answer = past.get(server.url + DISCOVERY)
    assert until_logged(server, answer.headers["x-correlation-id"])["address"] == "127.0.0.3"
    unsure = replace(server.installation, more={"SEKISHO_TRUSTED_PROXIES": "192.0.2.1"})
    with (
        unsure.serving(free_port()) as wary,
        proxied(proxy.folder.parent / "wary", ports(), wary.port) as other,
    ):
        host = {"host": f"{NAME}:{proxy.port}"}
        answer = other.web("127.0.0.2", **host, **SPOOFED).get(DISCOVERY)
        assert until_logged(wary, answer.headers["x-correlation-id"])["address"] == "127.0.0.1"


def test_bodies_have_a_bound(house: tuple[Proxy, Server]):
    """A body over 1 MiB is refused by nginx, one over the limit of its endpoint by Sekisho: both in JSON."""
    web = house[0].web()
    for size in (100_000, 2 * 1024 * 1024):
        answer = web.post("/oauth/token", data={"grant_type": "x" * size})
        assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


def test_connections_are_kept(house: tuple[Proxy, Server]):
    """Requests of a client share its connection, and nginx shares few connections to the process."""
    proxy, server = house
    urls = [word for n in range(30) for word in ("--output", "/dev/null", f"{proxy.url}{DISCOVERY}?{n}")]
    used = proxy.curl("--write-out", "%{num_connects} ", *urls).split()
    assert used == ["1"] + ["0"] * 29
    remote = f"0100007F:{server.port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    assert len([line for line in lines if line.split()[2] == remote]) < 15


def test_speaks_http_2(house: tuple[Proxy, Server]):
    """HTTP/2 reaches the same endpoints, with the same host."""
    said = house[0].curl("--http2", "--write-out", " %{http_version}", f"{house[0].url}{DISCOVERY}")
    document, _, version = said.rpartition(" ")
    assert version == "2"
    assert json.loads(document)["issuer"] == f"{house[0].url}/"


def test_addresses_go_through_as_they_came(house: tuple[Proxy, Server], client: dict[str, str]):
    """An id with %2F in a path reaches its resource, and the log of nginx keeps no query."""
    proxy, server = house
    token = server.installation.run("token").strip()
    web = proxy.web(authorization=f"Bearer {token}")
    answer = web.get(f"/api/v2/resource-servers/{quote(AUDIENCE, safe='')}")
    assert answer.json().get("identifier") == AUDIENCE, answer.text
    asked = web.get(f"{DISCOVERY}?login_hint=hush")
    # nginx logs a request after it has answered it.
    until = time.monotonic() + 5
    while f" {asked.headers['x-correlation-id']}\n" not in proxy.log:
        assert time.monotonic() < until, proxy.log
        time.sleep(0.02)
    assert "hush" not in proxy.log


def test_strangers_and_plain_http_get_nothing(house: tuple[Proxy, Server]):
    """Another name gets no certificate, plain http is sent to https, probes are for this machine only."""
    proxy, _ = house
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw, pytest.raises(ssl.SSLError):
        ssl._create_unverified_context().wrap_socket(raw, server_hostname="other.example.com")
    moved = httpx.get(f"http://127.0.0.1:{proxy.plain}/login?next=1", headers={"host": "evil.example.com"})
    assert (moved.status_code, moved.headers["location"]) == (301, f"https://{NAME}/login?next=1")
    assert proxy.web().get("/readyz").status_code == 200


def test_a_rolling_restart_loses_nobody(house: tuple[Proxy, Server], client: dict[str, str]):
    """While processes are replaced every read is answered; a POST to a closing one is told to come back."""
    proxy, server = house
    installation, (one, other) = server.installation, ports()
    with proxied(proxy.folder.parent / "rolling", ports(), one, other) as front:
        host, over = {"host": f"{NAME}:{proxy.port}"}, Event()
        with installation.serving(one) as first, installation.serving(other), ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(asking, front.web(**host), client, over) for _ in range(4)]
            time.sleep(0.5)
            assert first.stop() == 0
            with installation.serving(one) as again:
                time.sleep(0.5)
                again.stop()
            over.set()
            seen = [answer for each in asked for answer in each.result(timeout=20)]
    late = [answer for answer in seen if answer.status_code != 200]
    assert all(answer.request.method == "POST" for answer in late)
    assert all((answer.status_code, answer.headers["retry-after"]) == (503, "2") for answer in late)
    # one for each connection that was kept, at each of the two ends
    assert len(seen) > 50
    assert len(late) <= 2 * 4


def asking(web: httpx.Client, form: dict[str, str], over: Event) -> list[httpx.Response]:
    """Ask for tokens and for the metadata until it is over."""
    seen = []
    while not over.is_set():
        seen += [web.get(DISCOVERY), web.post("/oauth/token", data=form)]
        time.sleep(0.05)  # well below the rate limit of an address
    return seen


@asynccontextmanager
async def away(url: str) -> AsyncIterator[None]:
    """A database is not there for as long as the context, and whoever was connected is not any more."""
    place, _, name = url.rpartition("/")
    server = await asyncpg.connect(f"{place}/postgres")
    connected = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await server.execute(connected, name)
    await server.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
    try:
        yield
    finally:
        await server.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await server.close()


async def test_says_when_to_come_back(postgres_database: str, tmp_path: Path):
    """503 has Retry-After: Sekisho's own goes through, and without Sekisho nginx says so itself."""
    taken = ports()
    installation = Installation(tmp_path, postgres_database, f"https://{NAME}:{taken[0]}")
    await asyncio.to_thread(installation.prepare)
    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    port = free_port()
    with proxied(tmp_path / "nginx", taken, port) as proxy:
        with installation.serving(port):
            async with away(postgres_database):
                await asyncio.sleep(1.2)  # until what is known is stale
                refused = proxy.web().post("/oauth/token", data=form)
            assert refused.headers["x-correlation-id"]
        alone = proxy.web().post("/oauth/token", data=form)
    for answer in (refused, alone):
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) > 0
