"""The server leaves when it is told to, whoever keeps a connection open."""

import time
from pathlib import Path

import requests

from tests.cli.command import running

AT_ONCE = 5.0


def test_an_idle_connection_does_not_hold_the_server(tmp_path: Path):
    """A client that keeps a TLS connection and reads nothing does not see its end; nobody waits for that."""
    with running("dev", "--port", "{port}", "--https", cwd=tmp_path) as server, requests.Session() as session:
        session.trust_env = False
        address = f"{server.card()['base_url']}/readyz"
        assert session.get(address, verify=server.card()["ca_file"]).status_code == 200
        told = time.monotonic()
        _, errors = server.stop()
        assert time.monotonic() - told < AT_ONCE
        assert errors == ""
    assert server.process.returncode == 0
