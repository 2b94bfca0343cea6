"""The command line as somebody types it: in a process of its own, with a bounded life."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.outside import free_port

PROGRAM = Path(sys.executable).with_name("sekisho")
PATIENCE = 30.0
ATTEMPTS = 3


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without what the developer's own installation sets."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO_")}
    return {**clean, **(variables or {})}


def sekisho(
    *words: str, cwd: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=cwd,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def done(*words: str, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    """What a command that succeeds prints."""
    ended = sekisho(*words, cwd=cwd, variables=variables)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def refused(*words: str, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    """The one line of a command that refuses; the law of every refusal is checked here."""
    ended = sekisho(*words, cwd=cwd, variables=variables)
    assert ended.returncode == 2, (ended.returncode, ended.stdout, ended.stderr)
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("sekisho: ")
    return ended.stderr


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    def card(self) -> Any:
        """Its dev.json."""
        return json.loads((self.folder / "dev.json").read_text())

    def read_until(self, last: str) -> list[str]:
        """The lines that it prints, up to the one that has this text."""
        assert self.process.stdout
        lines = [""]
        while last not in lines[-1] and self.process.poll() is None:
            lines.append(self.process.stdout.readline())
        return lines

    def stop(self) -> tuple[str, str]:
        """End it as an operator would; what it printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=PATIENCE)


@contextmanager
def running(*words: str, cwd: Path, variables: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server for as long as the context; another process may take the port first, so it is tried again."""
    for _ in range(ATTEMPTS):
        port = free_port()
        named = [word.format(port=port) for word in words]
        process = subprocess.Popen(
            [PROGRAM, *named],
            cwd=cwd,
            env=environment({name: text.format(port=port) for name, text in (variables or {}).items()}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            if answers(process, port):
                yield Server(process, port, cwd / ".sekisho")
                return
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE)
    pytest.fail("the server does not start", pytrace=False)


def answers(process: subprocess.Popen[str], port: int) -> bool:
    """Whether it is ready before our patience, or its life, ends."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        for scheme in ("http", "https"):
            try:
                httpx.get(f"{scheme}://127.0.0.1:{port}/readyz", verify=False)
            except httpx.HTTPError:
                continue
            return True
        time.sleep(0.01)
    return False
