"""The sample television app against a real development server, as somebody would run it."""

import json
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Server, done, environment, running
from tests.house.source import ROOT

APP = ROOT / "examples" / "adobe_pass" / "television.py"


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Server]:
    """A development server of one's own, with the statement of its demo application in a file."""
    with running("dev", "--port", "{port}", cwd=tmp_path) as server:
        statement = server.card()["registered_application"]["software_statement"]
        (tmp_path / "statement.txt").write_text(statement + "\n")
        yield server


def watch(server: Server) -> subprocess.CompletedProcess[str]:
    """One run of the app; what it keeps is beside the server's folder."""
    return subprocess.run(
        [sys.executable, APP, server.url, "statement.txt"],
        cwd=server.folder.parent,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def kept(server: Server) -> dict[str, str]:
    """What the app remembers."""
    place = server.folder.parent / "television.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    found: dict[str, str] = json.loads(place.read_text())
    return found


def tell(server: Server, *words: str) -> str:
    """What an administrator does meanwhile, in a process of its own; others know it within a second."""
    told = done("software-statement", *words, "--data", ".sekisho", cwd=server.folder.parent)
    time.sleep(1.5)
    return told


def test_the_television_lives_through_everything(dev: Server):
    """It registers once, keeps what it got, registers anew when it was deleted, and stops when revoked."""
    application = dev.card()["registered_application"]["id"]
    first = watch(dev)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)
    before = kept(dev)
    assert watch(dev).returncode == 0
    assert kept(dev) == before
    tell(dev, "delete-client", application, before["client_id"])
    again = watch(dev)
    assert again.returncode == 0, again.stderr
    after = kept(dev)
    assert after["client_id"] != before["client_id"]
    tell(dev, "revoke", application)
    ended = watch(dev)
    assert ended.returncode == 1
    assert "unapproved_software_statement" in ended.stderr
    assert ended.stderr.count("\n") == 1
