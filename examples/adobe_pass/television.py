"""A television app behind Adobe Pass: it registers once, keeps what it got, and asks a protected API.

    python examples/adobe_pass/television.py http://localhost:8000 statement.txt

It needs nothing but Python. What it keeps (credentials, token) is in one file that only its user can read.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

DEVICE = {
    "model": "Living room",
    "version": "1",
    "osName": "Linux",
    "osVersion": "6.1",
    "connectionType": "LAN",
    "primaryHardwareType": "TV",
}
RENEW_BEFORE = 60  # seconds: a token is replaced while it is still good
PAUSE = 1  # seconds after a 429, as the vendor asks for


class Stopped(Exception):
    """The software statement is good for nothing any more: only a new release of this app helps."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an installation keeps: its credentials for ever, a token for as long as it lives."""

    client_id: str = ""
    client_secret: str = ""
    access_token: str = ""
    renew_at: float = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered."""

    status: int
    document: Mapping[str, object]


class Television:
    """One installation of the app."""

    def __init__(self, server: str, statement: str, memory: Path) -> None:
        self._server = server.rstrip("/")
        self._statement = statement
        self._memory = memory
        self._kept = Kept(**json.loads(memory.read_text())) if memory.exists() else Kept()

    def get(self, path: str) -> Mapping[str, object]:
        """What a protected API says, with a token that is renewed or earned anew as needed."""
        for _ in range(3):
            reply = self._send("GET", path, headers={"Authorization": f"Bearer {self._token()}"})
            if reply.status != HTTPStatus.UNAUTHORIZED:
                return reply.document
            # These credentials are over, or only this token is.
            self._keep(Kept() if _says_register(reply) else _without_token(self._kept))
        raise Stopped("The API refuses a token that was issued a moment ago")

    def _token(self) -> str:
        if not self._kept.client_id:
            self._register()
        if time.time() >= self._kept.renew_at:
            self._renew()
        return self._kept.access_token

    def _register(self) -> None:
        body = json.dumps({"software_statement": self._statement}).encode()
        reply = self._send("POST", "/o/client/register", body, {"Content-Type": "application/json"})
        if reply.status != HTTPStatus.CREATED:
            raise Stopped(f"Registration was refused: {reply.document.get('error')}")
        self._keep(Kept(str(reply.document["client_id"]), str(reply.document["client_secret"])))

    def _renew(self) -> None:
        kept = self._kept
        form = {
            "client_id": kept.client_id,
            "client_secret": kept.client_secret,
            "grant_type": "client_credentials",
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self._send("POST", "/o/client/token", urlencode(form).encode(), kind)
        if reply.document.get("error") == "invalid_client":
            # Somebody deleted this installation, or replaced its secret: it registers anew, once.
            self._register()
            form |= {"client_id": self._kept.client_id, "client_secret": self._kept.client_secret}
            reply = self._send("POST", "/o/client/token", urlencode(form).encode(), kind)
        if reply.status != HTTPStatus.CREATED:
            raise Stopped(f"No token: {reply.document.get('error')}")
        ends = float(str(reply.document["created_at"])) / 1000 + float(str(reply.document["expires_in"]))
        text = str(reply.document["access_token"])
        self._keep(Kept(self._kept.client_id, self._kept.client_secret, text, ends - RENEW_BEFORE))

    def _keep(self, kept: Kept) -> None:
        """Whole or not at all, and for nobody else's eyes."""
        self._kept = kept
        draft = self._memory.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(kept), file)
        draft.replace(self._memory)

    def _send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One call; after a 429 a pause and another one."""
        device = base64.b64encode(json.dumps(DEVICE).encode()).decode()
        told = {"X-Device-Info": device, "Accept": "application/json", **(headers or {})}
        while True:
            request = Request(f"{self._server}{path}", body, told, method=method)
            try:
                with urlopen(request, timeout=10) as answer:
                    return Reply(answer.status, json.load(answer))
            except HTTPError as refused:
                if refused.code != HTTPStatus.TOO_MANY_REQUESTS:
                    return Reply(refused.code, json.load(refused))
            time.sleep(PAUSE)


def _says_register(reply: Reply) -> bool:
    return reply.document.get("action") == "application-registration"


def _without_token(kept: Kept) -> Kept:
    return Kept(kept.client_id, kept.client_secret)


def main() -> None:
    """Show what is on."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - server and statement
        sys.exit(
            f"usage: {sys.argv[0]} SERVER STATEMENT_FILE [the statement is downloaded by an administrator]"
        )
    server, statement = sys.argv[1], Path(sys.argv[2]).read_text("ascii").strip()
    television = Television(server, statement, Path("television.json"))
    try:
        shown = television.get("/demo/adobe-pass/api/v2/demo/configuration")
    except Stopped as stopped:
        sys.exit(str(stopped))
    sys.stdout.write(json.dumps(shown, indent=2) + "\n")


if __name__ == "__main__":
    main()
