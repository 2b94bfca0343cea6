"""Somebody who follows a how-to: pastes its commands into one shell, and opens what they say in a browser."""

import re
import ssl
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cli.command import PROGRAM, Server, environment
from tests.clients.person import Person
from tests.clients.place import Place
from tests.house.source import ROOT
from tests.outside import program

PAGES = ROOT / "docs" / "how-to"
HERE = "https://localhost:8000"
OPEN = "Open "
USER, OWNER = "user@example.com", "admin@example.com"


def text_of(name: str) -> str:
    """A page, as it is published."""
    return (PAGES / name).read_text("utf-8")


def blocks(text: str, language: str = "sh") -> list[str]:
    """What a reader pastes."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def sections(text: str, marks: str = "##") -> list[str]:
    """A page from heading to heading; what stands before the first one comes first."""
    return re.split(rf"^(?={marks} )", text, flags=re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Follower:
    """The reader, beside a development server with TLS; `folder` is where it was started."""

    server: Server

    @property
    def url(self) -> str:
        """The server, which the page calls by the usual port."""
        return f"https://localhost:{self.server.port}"

    @property
    def folder(self) -> Path:
        """Where the shell is."""
        return self.server.folder.parent

    def told(self, text: str) -> str:
        """What the page says, of this server."""
        return text.replace(HERE, self.url).replace("localhost:8000", f"localhost:{self.server.port}")

    def follows(self, commands: Iterable[str], *names: str) -> tuple[str, dict[str, str]]:
        """What one shell prints, and what these variables are in the end; everything succeeds."""
        for needed in ("curl", "jq", "openssl"):
            program(needed)
        ends = "".join(f'\nprintf "%s\\n" "//{name}=${name}"' for name in names)
        script = self.told("set -eu -o pipefail\n" + "\n".join(commands)) + ends
        log = self.folder / "complaints.log"
        with (
            log.open("w") as complaints,
            subprocess.Popen(
                [program("bash"), "-c", script],
                cwd=self.folder,
                env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            ) as shell,
        ):
            said = self._talks(shell)
        assert shell.returncode == 0, (said, log.read_text())
        found = dict(line[2:].split("=", 1) for line in said if line.startswith("//"))
        return "\n".join(line for line in said if not line.startswith("//")), found

    def _talks(self, shell: subprocess.Popen[str]) -> list[str]:
        assert shell.stdin
        assert shell.stdout
        said = []
        for line in shell.stdout:
            said.append(line.rstrip("\n"))
            if line.startswith(OPEN):
                shell.stdin.write(self.opens(line.removeprefix(OPEN).strip()) + "\n")
                shell.stdin.flush()
        return said

    def opens(self, address: str) -> str:
        """Where a fresh browser ends: somebody signs in, and agrees; an owner where one is needed."""
        email = OWNER if "adminconsent" in address else USER
        card = self.server.card()
        (password,) = (each["password"] for each in card["accounts"] if each["email"] == email)
        trusting = ssl.create_default_context(cafile=card["ca_file"])
        with httpx.Client(verify=trusting, timeout=10) as web:
            place = Place(self.url, Path(card["ca_file"]), web)
            return Person(web, place, (email, password)).visits(address)
