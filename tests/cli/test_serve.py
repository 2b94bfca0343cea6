"""sekisho serve: production, from the first request to the last one."""

import json
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.cli.command import PATIENCE, done, running

LISTEN = {"SEKISHO_LISTEN": "127.0.0.1:{port}"}
HOST = "id.example.com"


def secret(folder: Path) -> dict[str, str]:
    """A client that may ask for something."""
    made = json.loads(done("client", "create", "Machine", "--type", "non_interactive", "--json", cwd=folder))
    done("api", "create", "Things", "https://api.example.com", "--scope", "read:things", cwd=folder)
    done("client", "allow", made["client_id"], "https://api.example.com", cwd=folder)
    return {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "audience": "https://api.example.com",
    }


@pytest.mark.parametrize("workers", ["1", "2"])
def test_answers_in_production(installation: Path, workers: str):
    """Workers answer for the public address, say nothing of themselves, and end in peace."""
    variables = {**LISTEN, "SEKISHO_WORKERS": workers, "SEKISHO_LOG": "info"}
    with running("serve", cwd=installation, variables=variables) as server:
        answer = httpx.get(
            f"http://127.0.0.1:{server.port}/.well-known/openid-configuration", headers={"host": HOST}
        )
        _, logged = server.stop()
    assert answer.json()["issuer"] == f"https://{HOST}/"
    assert "server" not in answer.headers
    assert server.process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert {"starting", "request"} <= {line["event"] for line in lines}


def test_sigterm_lets_the_request_in_flight_be_answered(installation: Path):
    """At SIGTERM no new connection is taken, and what is in flight is answered."""
    form = "&".join(f"{name}={value}" for name, value in secret(installation).items()).encode()
    with running("serve", cwd=installation, variables=LISTEN) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as flight:
            flight.settimeout(PATIENCE)
            head = (
                f"POST /oauth/token HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {len(form)}\r\n"
                "content-type: application/x-www-form-urlencoded\r\n\r\n"
            )
            flight.sendall(head.encode() + form[:10])
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", server.port), timeout=1)
            flight.sendall(form[10:])
            answer = flight.recv(65_536)
        server.process.wait(PATIENCE)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"access_token" in answer
    assert server.process.returncode == 0


def test_believes_only_trusted_proxies(installation: Path):
    """X-Forwarded-For counts from a trusted proxy, and from nobody else."""
    seen = []
    for proxies in ("192.0.2.0/24", "127.0.0.0/8"):
        variables = {**LISTEN, "SEKISHO_LOG": "info", "SEKISHO_TRUSTED_PROXIES": proxies}
        with running("serve", cwd=installation, variables=variables) as server:
            headers = {"host": HOST, "x-forwarded-for": "203.0.113.9"}
            httpx.get(f"http://127.0.0.1:{server.port}/.well-known/jwks.json", headers=headers)
            _, logged = server.stop()
        lines = [json.loads(line) for line in logged.splitlines()]
        seen += [line["address"] for line in lines if line.get("route") == "/.well-known/jwks.json"]
    assert seen == ["127.0.0.1", "203.0.113.9"]


def test_ends_a_head_that_is_too_long(installation: Path):
    """A head without an end is refused at a bound. RFC 6585 section 5."""
    with (
        running("serve", cwd=installation, variables=LISTEN) as server,
        socket.create_connection(("127.0.0.1", server.port)) as flood,
    ):
        flood.settimeout(PATIENCE)
        flood.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        with suppress(OSError):
            for _ in range(20):
                flood.sendall(b"x-flood: " + b"a" * 8_000 + b"\r\n")
                time.sleep(0.01)
        answer = flood.recv(1_000)
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_says_that_there_is_no_tenant(settings: Path):
    """An installation without a tenant starts, and says how to make one."""
    done("migrate", cwd=settings.parent)
    with running("serve", cwd=settings.parent, variables=LISTEN) as server:
        _, logged = server.stop()
    assert "sekisho tenant create SLUG --default" in logged
