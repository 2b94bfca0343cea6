"""The example of a portal: a server with its pages, set up by its README, and its API beside it."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Page

from tests.cli.command import PROGRAM, Server, environment, running
from tests.house.source import ROOT
from tests.outside import free_port, program

EXAMPLE = ROOT / "examples" / "portal"
CLIENT = "example-portal"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal at its origin, and where its API will be."""

    server: Server
    api: str

    @property
    def url(self) -> str:
        """Its origin."""
        return self.server.url

    @property
    def host(self) -> str:
        """What its tokens say that they are from."""
        return self.url.removeprefix("http://")

    @property
    def site(self) -> Path:
        """The folder of its pages."""
        return self.server.folder / "sites" / "example"

    def password(self, email: str) -> str:
        """Of one of its people."""
        return next(
            str(each["password"]) for each in self.server.card()["accounts"] if each["email"] == email
        )

    def steps(self) -> list[str]:
        """What a reader of the README pastes into a shell, for the ports of the tests."""
        text = (EXAMPLE / "README.md").read_text("utf-8")
        told = text.replace("http://localhost:8000", self.url).replace("http://localhost:8001", self.api)
        return re.findall(r"```sh\n(.*?)```", told, re.DOTALL)

    def paste(self, commands: str) -> str:
        """What it prints."""
        folder = self.server.folder.parent
        ended = subprocess.run(
            [program("bash"), "-c", f"set -eu -o pipefail\n{commands}"],
            cwd=folder,
            env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return ended.stdout

    def signs_in(self, page: Page, email: str = "user@example.com") -> None:
        """The form of the sign-in page, as a person fills it in."""
        page.wait_for_url("**/login**")
        page.fill("#username", email)
        page.fill("#password", self.password(email))
        page.click("#sign-in")


@contextmanager
def portal(folder: Path) -> Iterator[Portal]:
    """As the README says, up to its API."""
    shutil.copytree(EXAMPLE, folder / "examples" / "portal")
    with running("dev", "--port", "{port}", cwd=folder) as server:
        made = Portal(server, f"http://localhost:{free_port()}")
        register, pages, _ = made.steps()
        made.paste(register + pages)
        settings = made.site / "settings.js"
        settings.write_text(settings.read_text().replace("http://localhost:8001", made.api))
        with _api(made):
            yield made


@contextmanager
def _api(portal: Portal) -> Iterator[None]:
    port = portal.api.rpartition(":")[2]
    words = [sys.executable, str(EXAMPLE / "api.py"), portal.url, CLIENT, "--port", port]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not _answers(portal.api):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def _answers(api: str) -> bool:
    try:
        return httpx.get(f"{api}/api/external/ping").is_success
    except httpx.TransportError:
        return False
