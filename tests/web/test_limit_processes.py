"""Limits of real server processes: one bucket for all of them, and addresses as proxies tell them."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from sekisho.house import open_house
from sekisho.limits.leased import LEASE_PARTS
from sekisho.model.step import Save
from sekisho.settings import load
from tests.outside import free_port
from tests.servers import Installation, Server

BURST = 100
CHUNK = BURST // LEASE_PARTS
RATE = 0.01  # nothing comes back while a test lasts


async def limit(installation: Installation) -> None:
    """The tenant's limits, small enough to be reached."""
    house = await open_house(load(None, installation.environment()))
    tenant = house.directory.named("main")
    assert tenant
    policy = replace(
        tenant.policy,
        token_client_rate=RATE,
        token_client_burst=BURST,
        token_address_rate=RATE,
        token_address_burst=BURST,
    )
    assert await tenant.change(Save(replace(tenant.record, policy=policy))) is None
    await house.close()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    asyncio.run(limit(made))
    return made


def passed(web: httpx.Client, many: int, client: str = "", forwarded: str = "") -> int:
    """How many of as many token requests were not limited; each claims another client unless told."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    found = 0
    for n in range(many):
        form = {"client_id": client or f"{time.monotonic_ns()}-{n}", "client_secret": "x"}
        answer = web.post("/oauth/token", data=form, headers=headers)
        assert answer.status_code in (401, 429)
        found += answer.status_code == 401
    return found


def test_two_processes_share_one_limit(installation: Installation) -> None:
    """Over two processes the burst passes, give or take a lease of each; then both refuse."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        webs = here.web(), there.web()
        total = 0
        for _ in range(BURST // 5):
            total += sum(passed(web, 5, "machine") for web in webs)
        assert BURST - 2 * CHUNK <= total <= BURST + 2 * CHUNK
        assert sum(passed(web, 5, "machine") for web in webs) <= BURST + 2 * CHUNK - total
        assert "limits_away" not in here.log + there.log


def test_a_restart_keeps_the_limit(installation: Installation) -> None:
    """A process that leaves gives back what it had in hand, and the next one goes on where it stopped."""
    port = free_port()
    with installation.serving(port) as server:
        assert passed(server.web(), 52, "machine") == 52
        assert server.stop() == 0
    with installation.serving(port) as server:
        assert passed(server.web(), 60, "machine") == 48


def test_who_is_no_proxy_cannot_choose_its_address(installation: Installation) -> None:
    """Without trusted proxies X-Forwarded-For means nothing: a new one each time evades no limit."""
    with installation.serving(free_port()) as server:
        web = server.web()
        assert sum(passed(web, 1, forwarded=f"198.51.100.{n}") for n in range(BURST + 20)) == BURST


def test_a_proxy_tells_the_address(installation: Installation) -> None:
    """What a trusted proxy appended counts, and what the client wrote before it does not."""
    installation.more["SEKISHO_TRUSTED_PROXIES"] = "127.0.0.1"
    with installation.serving(free_port()) as server:
        web = server.web()
        spoofed = sum(passed(web, 1, forwarded=f"203.0.113.{n}, 198.51.100.1") for n in range(BURST + 20))
        assert spoofed == BURST
        assert passed(web, 1, forwarded="198.51.100.1") == 0
        assert passed(web, 1, forwarded="203.0.113.1, 198.51.100.1:4711") == 0
        assert passed(web, 20, forwarded="198.51.100.2") == 20


def test_limits_are_those_of_production(installation: Installation) -> None:
    """The endpoints that clients ask without a person are limited in a server as it is served."""
    with installation.serving(free_port()) as server:
        exhaust(server)


def exhaust(server: Server) -> None:
    """Ask each of them too often."""
    web = server.web()
    for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
        answers = [web.post(path, data={"client_id": "x", "client_secret": "x"}) for _ in range(BURST + 1)]
        assert [answer.status_code for answer in answers[:BURST]] == [401] * BURST
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) > 50
