"""The pace of devices over real processes: one bucket for all of them, and addresses as proxies tell them."""

from pathlib import Path

import httpx
import pytest

from tests.outside import free_port
from tests.servers import Installation, Server

BURST = 10
RATE = 0.001  # nothing comes back while a test lasts


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    return made


def limit(server: Server) -> None:
    """A pace at which a test can count."""
    told = {"adobe_pass": {"rate": RATE, "burst": BURST}}
    assert server.manage().patch("/api/v2/tenants/settings", json=told).status_code == 200


def passed(web: httpx.Client, many: int, forwarded: str = "") -> int:
    """How many of as many requests were not limited."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    answers = [web.post("/o/client/token", headers=headers).status_code for _ in range(many)]
    assert set(answers) <= {400, 429}
    return answers.count(400)


def test_two_processes_share_one_bucket(installation: Installation) -> None:
    """Over two processes exactly the burst and one pass, wherever each is asked, also after a restart."""
    with installation.serving(free_port()) as here:
        limit(here)
        with installation.serving(free_port()) as there:
            webs = here.web(), there.web()
            assert sum(passed(web, 1) for _ in range(BURST) for web in webs) == BURST + 1
            assert [passed(web, 3) for web in webs] == [0, 0]
    with installation.serving(free_port()) as again:
        assert passed(again.web(), 3) == 0


def test_who_is_no_proxy_cannot_choose_its_address(installation: Installation) -> None:
    """Without trusted proxies X-Forwarded-For means nothing: a new one each time evades no limit."""
    with installation.serving(free_port()) as server:
        limit(server)
        web = server.web()
        assert sum(passed(web, 1, f"198.51.100.{n}") for n in range(BURST + 5)) == BURST + 1


def test_a_proxy_tells_the_device(installation: Installation) -> None:
    """What a trusted proxy appended is the device, and what the client wrote before it is not."""
    installation.more["SEKISHO_TRUSTED_PROXIES"] = "127.0.0.1"
    with installation.serving(free_port()) as server:
        limit(server)
        web = server.web()
        spoofed = [passed(web, 1, f"203.0.113.{n}, 198.51.100.1") for n in range(BURST + 5)]
        assert sum(spoofed) == BURST + 1
        assert passed(web, 1, "198.51.100.1") == 0
        assert passed(web, BURST + 5, "198.51.100.2") == BURST + 1
        assert passed(web, BURST + 5, "2001:db8::1") == BURST + 1
        assert passed(web, 1, "2001:db8::2") == 0
