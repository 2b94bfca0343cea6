"""The example of a call chain: a server, two APIs and a page, started as its README says."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from tests.cli.command import PROGRAM, Server, environment, running
from tests.clients.script import installed
from tests.house.source import ROOT
from tests.outside import free_port, program

EXAMPLE = ROOT / "examples" / "on_behalf_of"
README = EXAMPLE / "README.md"
PAGE = "on_behalf_of/"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Shop:
    """The server, and where the APIs are; the first of them has the page."""

    server: Server
    api: str
    orders: str

    @property
    def url(self) -> str:
        """The server."""
        return f"https://localhost:{self.server.port}"

    @property
    def page(self) -> str:
        """Where people go."""
        return f"{self.api}/{PAGE}"

    def client_id(self, name: str) -> str:
        """Of one of the applications."""
        applications = self.server.card()["entra"]["applications"]
        return next(str(each["client_id"]) for each in applications if each["name"] == name)

    def signs_in(self, page: Page, email: str = "user@example.com") -> None:
        """The form of the sign-in page, as a person fills it in."""
        accounts = self.server.card()["accounts"]
        page.wait_for_url("**/login**")
        page.fill("#username", email)
        page.fill("#password", next(each["password"] for each in accounts if each["email"] == email))
        page.click("#sign-in")

    def told(self, text: str) -> str:
        """A file of the example, for the ports of the tests."""
        ports = {"https://localhost:8000": self.url, "https://localhost:8001": self.api}
        for usual, ours in {**ports, "https://localhost:8002": self.orders}.items():
            text = text.replace(usual, ours)
        for usual, ours in (("8001", self.api), ("8002", self.orders)):
            text = text.replace(f"PORT = {usual}", f"PORT = {ours.rpartition(':')[2]}")
        return text

    def pastes(self, part: str, **variables: str) -> list[str]:
        """What the commands of a part of the README print, one after another in one shell."""
        _, _, text = self.told(README.read_text("utf-8")).partition(f"\n## {part}")
        steps = re.findall(r"```sh\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)
        script = f'python3() {{ "{sys.executable}" "$@"; }}\n' + 'echo "//"\n'.join(steps)
        ended = subprocess.run(
            [program("bash"), "-c", f"set -eu -o pipefail\n{script}"],
            cwd=self.server.folder.parent,
            env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin", **variables}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return ended.stdout.split("//\n")


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    """As the README says, up to its page."""
    program("node")
    here = folder / "examples" / "on_behalf_of"
    shutil.copytree(EXAMPLE, here, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (here / "node_modules").symlink_to(installed(EXAMPLE) / "node_modules")
    with ExitStack() as stack:
        server = stack.enter_context(running("dev", "--port", "{port}", "--https", cwd=folder))
        shop = Shop(server, *(f"https://localhost:{free_port()}" for _ in range(2)))
        for name in ("orders.py", "shop.py", "site/settings.js"):
            file = here / name
            file.write_text(shop.told(file.read_text("utf-8")), "utf-8")
        for name, address in (("orders.py", f"{shop.orders}/orders"), ("shop.py", shop.page)):
            stack.enter_context(_serving(here / name, folder, address))
        yield shop


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in, in a browser that takes our certificates."""
    context = browser.new_context(ignore_https_errors=True, locale="en")
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def _serving(script: Path, folder: Path, address: str) -> Iterator[None]:
    log = folder / f"{script.stem}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, str(script)], cwd=folder, env={**os.environ}, stdout=file, stderr=file
        )
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not _answers(address):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(address: str) -> bool:
    try:
        httpx.get(address, verify=False)
    except httpx.TransportError:
        return False
    return True
