"""Pushed Authorization Requests, configured by the API as the reference document says, with curl."""

import json
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.servers import Installation, made

CALLBACK = "https://app.example.com/callback"
ASKING = f"response_type=code&redirect_uri={CALLBACK}&scope=openid&state=s-1"
Curl = Callable[..., tuple[int, dict[str, str], Any]]


@pytest.fixture(scope="module")
def curl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curl]:
    """curl, with `$CLIENT` and `$SECRET` for an application and `$TOKEN` for the management API."""
    folder = tmp_path_factory.mktemp("par")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    installation = Installation(folder, f"sqlite:///{folder}/sekisho.db", url)
    installation.prepare()
    with installation.serving(port) as server:
        app = made(server.manage(), "clients", name="App", app_type="regular_web", callbacks=[CALLBACK])
        words = {
            "$CLIENT": app["client_id"],
            "$SECRET": app["client_secret"],
            "$TOKEN": installation.run("token").strip(),
        }

        def run(command: str) -> tuple[int, dict[str, str], Any]:
            for name, value in words.items():
                command = command.replace(name, value)
            return _ran(["curl", "-sS", "-i", *shlex.split(command.replace("$URL", url))], folder)

        yield run


def _ran(words: list[str], folder: Path) -> tuple[int, dict[str, str], Any]:
    """The status, the headers, and the body as JSON where it is."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition("\n\n")
    first, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    is_json = headers.get("content-type", "").startswith("application/json")
    return int(first.split(" ")[1]), headers, json.loads(body) if is_json else body


def patched(curl: Curl, path: str, body: str) -> tuple[int, Any]:
    """A call of the management API, as the document has it."""
    status, _, told = curl(
        f"-X PATCH $URL/api/v2/{path} -H 'authorization: Bearer $TOKEN' "
        f"-H 'content-type: application/json' -d '{body}'"
    )
    return status, told


def asked(curl: Curl) -> tuple[int, dict[str, list[str]]]:
    """A plain request at /authorize: where it leads, and what that says."""
    status, headers, _ = curl(f"'$URL/authorize?client_id=$CLIENT&{ASKING}'")
    return status, parse_qs(urlsplit(headers.get("location", "")).query)


def pushed(curl: Curl) -> tuple[int, Any]:
    """The same, pushed."""
    data = " ".join(
        f"-d {pair}" for pair in (*ASKING.split("&"), "client_id=$CLIENT", "client_secret=$SECRET")
    )
    status, _, told = curl(f"$URL/oauth/par {data}")
    return status, told


def test_the_document_by_curl(curl: Curl) -> None:
    """PATCH of the tenant, then of the client; plain requests are refused then, and pushed ones go on."""
    require = '{"require_pushed_authorization_requests": true}'
    off = '{"pushed_authorization_requests_supported": false}'

    # Not allowed by the tenant: no endpoint, and no application can require it.
    assert patched(curl, "tenants/settings", off)[0] == 200
    assert patched(curl, "clients/$CLIENT", require)[0] == 400
    assert pushed(curl)[0] >= 400

    # Allowed: both endpoints take requests.
    assert patched(curl, "tenants/settings", off.replace("false", "true"))[0] == 200
    assert pushed(curl)[0] == 201
    assert "flow" in asked(curl)[1]

    # Required of the application: only what was pushed goes on.
    status, told = patched(curl, "clients/$CLIENT", require)
    assert (status, told["require_pushed_authorization_requests"]) == (200, True)
    assert asked(curl)[1]["error"] == ["invalid_request"]
    status, told = pushed(curl)
    assert (status, sorted(told)) == (201, ["expires_in", "request_uri"])
    status, headers, _ = curl(f"'$URL/authorize?client_id=$CLIENT&request_uri={told['request_uri']}'")
    assert (status, urlsplit(headers["location"]).path) == (303, "/login")

    # Required of the whole tenant: of every application.
    assert patched(curl, "clients/$CLIENT", require.replace("true", "false"))[0] == 200
    all_of_them = '{"flags": {"require_pushed_authorization_requests": true}}'
    assert patched(curl, "tenants/settings", all_of_them)[0] == 200
    assert asked(curl)[1]["error"] == ["invalid_request"]
    assert pushed(curl)[0] == 201
