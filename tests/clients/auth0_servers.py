"""Applications with a server of their own for Node, with Auth0's libraries, over TLS."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

from sekisho.cli.folder import LEAF
from tests.clients.auth0_pages import SOURCE
from tests.clients.place import Machine, Place
from tests.clients.script import scripts
from tests.outside import free_port, program

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Application:
    """Where it is, and who it is."""

    place: Place
    machine: Machine
    url: str

    def shows(self, page: Page, path: str = "/") -> dict[str, Any]:
        """What it says at an address, which is JSON."""
        answer = page.goto(self.url + path)
        assert answer
        found: dict[str, Any] = answer.json()
        return found


def registered(place: Place, url: str, callback: str, method: str = "client_secret_post") -> Machine:
    """An application with a secret whose address this is."""
    return place.app(
        method,
        is_first_party=True,
        callbacks=[url + callback],
        allowed_logout_urls=[url, f"{url}/"],
        grant_types=["authorization_code", "refresh_token", "implicit"],
    )


@contextmanager
def running(
    folder: Path, name: str, place: Place, machine: Machine, url: str, **options: Any
) -> Iterator[Application]:
    """The script of this name as long as the context, with the certificate that the server has, too."""
    scripts(folder, place, SOURCE)
    cert, key = (place.authority.parent / each for each in LEAF)
    told = {"url": url, "cert": str(cert), "key": str(key), "options": options}
    process = subprocess.Popen(
        [program("node"), f"{name}.mjs", json.dumps(told)],
        cwd=folder,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(place.authority)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not _answers(url):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        yield Application(place, machine, url)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def address() -> str:
    """Where nobody is yet."""
    return f"https://localhost:{free_port()}"


def _answers(url: str) -> bool:
    try:
        httpx.get(url, verify=False)
    except httpx.TransportError:
        return False
    return True
