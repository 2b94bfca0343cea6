"""metrics_listen: metrics on a listener of their own, over all workers."""

import re
import socket
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.command import PATIENCE, refused, running
from tests.outside import free_port

HOST = "id.example.com"
COUNTED = re.compile(r'^sekisho_requests_total\{status="2xx",tenant="acme"\} (\d+)\.0$', re.MULTILINE)


def variables(port: int, **more: str) -> dict[str, str]:
    return {"SEKISHO_LISTEN": "127.0.0.1:{port}", "SEKISHO_METRICS_LISTEN": f"127.0.0.1:{port}", **more}


def page(port: int) -> str:
    """What Prometheus reads."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"host": "whatever.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def counted(port: int, until: int) -> int:
    """How many requests were counted, when it is at least so many or our patience ends."""
    end = time.monotonic() + PATIENCE
    while True:
        found = COUNTED.search(page(port))
        number = int(found[1]) if found else 0
        if number >= until or time.monotonic() > end:
            return number
        time.sleep(0.2)


@pytest.mark.parametrize("workers", ["1", "3"])
def test_adds_up_over_workers(installation: Path, workers: str):
    """What several workers answered is one number, at an address of its own."""
    port = free_port()
    with running("serve", cwd=installation, variables=variables(port, SEKISHO_WORKERS=workers)) as server:
        for _ in range(30):  # a connection each, so that every worker has some
            url = f"http://127.0.0.1:{server.port}/.well-known/jwks.json"
            assert httpx.get(url, headers={"host": HOST}).status_code == 200
        assert counted(port, 30) == 30
        text = page(port)
        assert f"sekisho_processes {workers}.0" in text
        assert 'sekisho_signing_key_age_seconds{alg="RS256",tenant="acme"}' in text
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 404
        assert httpx.post(f"http://127.0.0.1:{port}/metrics").status_code == 405
        assert httpx.head(f"http://127.0.0.1:{port}/metrics").text == ""
        assert httpx.get(f"http://127.0.0.1:{server.port}/metrics", headers={"host": HOST}).status_code == 404
        server.stop()
    assert server.process.returncode == 0


def test_is_off_by_default(installation: Path):
    """Without the setting nothing but the one address listens, and no metric can be read there."""
    with running("serve", cwd=installation, variables={"SEKISHO_LISTEN": "127.0.0.1:{port}"}) as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/metrics", headers={"host": HOST})
        sockets = Path(f"/proc/{server.process.pid}/net/tcp").read_text()
        server.stop()
    assert answer.status_code == 404
    assert f":{server.port:04X} " in sockets


def test_an_address_that_is_taken_is_said(installation: Path):
    """Where the listener cannot be had, the server does not start, and says so."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(
            "serve",
            cwd=installation,
            variables={
                "SEKISHO_LISTEN": f"127.0.0.1:{free_port()}",
                "SEKISHO_METRICS_LISTEN": f"127.0.0.1:{port}",
            },
        )
    assert f"Port {port} of 127.0.0.1 is in use" in said


def test_the_setting_has_a_form(installation: Path):
    """What is no address is refused, naming the setting."""
    said = refused("serve", cwd=installation, variables={"SEKISHO_METRICS_LISTEN": "everywhere"})
    assert "SEKISHO_METRICS_LISTEN has to be address:port" in said
