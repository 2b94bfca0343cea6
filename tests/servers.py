"""A real installation with real server processes: what walks and attacks are made against."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

SEKISHO = Path(sys.executable).with_name("sekisho")
PATIENCE = 30.0
AUDIENCE = "https://api.example.com"


@dataclass
class Installation:
    """Settings, database and tenant `main`; processes come and go."""

    folder: Path
    database_url: str
    public_url: str = "http://127.0.0.1:8000"
    more: dict[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of this installation is told."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO_")}
        return kept | {
            "SEKISHO_DATABASE_URL": self.database_url,
            "SEKISHO_MASTER_KEY_FILE": str(self.folder / "master.key"),
            "SEKISHO_PUBLIC_URL": self.public_url,
            **self.more,
            **more,
        }

    def run(self, *words: str) -> str:
        """A command; what it prints."""
        done = subprocess.run(
            [SEKISHO, *words], env=self.environment(), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def prepare(self) -> None:
        """Master key, schema, the tenant `main`."""
        from sekisho.keys.master import Master

        Master.create(self.folder / "master.key")
        self.run("migrate")
        self.run("tenant", "create", "main", "--default")

    @contextmanager
    def serving(self, port: int) -> "Iterator[Server]":
        """A server process on this port."""
        log = (self.folder / f"{port}.log").open("ab")
        environment = self.environment(SEKISHO_LISTEN=f"127.0.0.1:{port}")
        process = subprocess.Popen([SEKISHO, "serve"], env=environment, stdout=log, stderr=log)
        server = Server(self, port, process)
        try:
            server.until_ready()
            yield server
        finally:
            server.close()
            process.kill()
            process.wait()
            log.close()


@dataclass
class Server:
    """One process and a way to talk to it."""

    installation: Installation
    port: int
    process: subprocess.Popen[bytes]
    webs: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything that it logged."""
        return (self.installation.folder / f"{self.port}.log").read_text()

    def until_ready(self) -> None:
        """Wait until it answers that it is ready."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log)

    def stop(self) -> int:
        """Ask it to leave; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def web(self, **fields: Any) -> httpx.Client:
        """A client that asks this process under the installation's own host name."""
        host = self.installation.public_url.partition("://")[2]
        self.webs.append(httpx.Client(base_url=self.url, headers={"host": host}, timeout=10, **fields))
        return self.webs[-1]

    def close(self) -> None:
        """Hang up."""
        for web in self.webs:
            web.close()

    def manage(self) -> httpx.Client:
        """A client with a management token."""
        web = self.web()
        web.headers["authorization"] = f"Bearer {self.installation.run('token').strip()}"
        return web


def made(manage: httpx.Client, path: str, **told: Any) -> dict[str, Any]:
    """Something new by the management API."""
    answer = manage.post(f"/api/v2/{path}", json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def a_machine(manage: httpx.Client, **api: Any) -> dict[str, Any]:
    """An API (unless it is there) and a client that may use it."""
    audience = api.pop("identifier", AUDIENCE)
    scopes = [{"value": "read:things"}]
    asked = {"name": "Things", "identifier": audience, "scopes": scopes, **api}
    assert manage.post("/api/v2/resource-servers", json=asked).status_code in (201, 409)
    client = made(
        manage, "clients", name="Machine", app_type="non_interactive", grant_types=["client_credentials"]
    )
    made(manage, "client-grants", client_id=client["client_id"], audience=audience, scope=["read:things"])
    return client


def token_form(client: dict[str, Any], **more: str) -> dict[str, str]:
    """A client credentials request of this client."""
    return {
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "audience": AUDIENCE,
        **more,
    }


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, unverified."""
    import base64

    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found
