"""Clients that are out there, request for request as they send them, against one server as it is served."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.outside import free_port
from tests.servers import Installation, Server, claims_of, made

V1 = ["config:client", "decisions:client", "platform:sso", "profile:client", "tokens:client"]
DEVICE = (
    "eyJwcmltYXJ5SGFyZHdhcmVUeXBlIjoiTW9iaWxlUGhvbmUiLCJtb2RlbCI6IlNNLVM5MDFVIiwib3NOYW1lIjoiQW5kcm9pZCJ9"
)
FORM = "application/x-www-form-urlencoded"
MEMBERS = {"client_id", "client_secret", "client_id_issued_at", "redirect_uris", "grant_types", "scopes"}


@dataclass
class World:
    """A server, an application, its statement as it was downloaded."""

    server: Server
    statement: str

    def send(self, head: str, body: str = "") -> httpx.Response:
        """One request over a socket: these bytes and no others, with the host and the length put in."""
        host = self.server.installation.public_url.partition("://")[2]
        lines = [line.strip() for line in head.strip().splitlines()]
        lines[1:1] = [f"Host: {host}", "Connection: close"]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as line:
            line.sendall(raw)
            heard = b"".join(iter(lambda: line.recv(65_536), b""))
        top, _, content = heard.partition(b"\r\n\r\n")
        status, *fields = top.decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)]
        return httpx.Response(int(status.split()[1]), headers=headers, content=content)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation whose devices do not wait: the pace has tests of its own."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    installation = Installation(folder, f"sqlite:///{folder}/sekisho.db")
    installation.prepare()
    with installation.serving(free_port()) as server:
        manage = server.manage()
        told: dict[str, Any] = {"adobe_pass": {"rate": 0}}
        assert manage.patch("/api/v2/tenants/settings", json=told).status_code == 200
        domains = ["adobe.example", "localhost"]
        application = made(
            manage, "registered-applications", name="TV", channels=["NBC"], domains=domains, scopes=V1
        )
        place = f"/api/v2/registered-applications/{application['id']}"
        assert manage.post(f"{place}/publish").is_success
        downloaded = manage.get(f"{place}/software-statement")
        assert downloaded.is_success
        yield World(server, downloaded.text)


def registered(answer: httpx.Response, redirects: list[str]) -> dict[str, str]:
    """The credentials of a 201 with all six members."""
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    body = answer.json()
    assert body.keys() == MEMBERS
    assert (body["redirect_uris"], body["grant_types"]) == (redirects, ["client_credentials"])
    assert body["scopes"] == V1
    assert len(str(body["client_id_issued_at"])) == 10
    return {name: body[name] for name in ("client_id", "client_secret")}


def given(answer: httpx.Response, client_id: str) -> str:
    """The token of a 201 with all five members."""
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body.keys() == {"id", "access_token", "created_at", "expires_in", "token_type"}
    assert (len(str(body["created_at"])), body["token_type"]) == (13, "bearer")
    claims = claims_of(body["access_token"])
    assert claims["exp"] == body["created_at"] // 1000 + body["expires_in"]
    assert (claims["sub"], claims["scopes"]) == (client_id, ",".join(V1))
    return str(body["access_token"])


def form(proof: dict[str, str], **more: str) -> str:
    """A token request's parameters in the order that most clients have them."""
    return urlencode({**proof, "grant_type": "client_credentials", **more})


def test_a_downloader_in_python(world: World) -> None:
    """JSON with a charset, no device, no redirect; then a form with a charset."""
    browser = """User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0 Safari/537.36
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
        Accept-Language: en-us,en;q=0.5
        Sec-Fetch-Mode: navigate"""
    told = json.dumps({"software_statement": world.statement})
    head = f"POST /o/client/register HTTP/1.1\n{browser}\nContent-Type: application/json; charset=UTF-8"
    proof = registered(world.send(head, told), [])
    head = f"POST /o/client/token HTTP/1.1\n{browser}\nContent-Type: {FORM}; charset=UTF-8"
    token = given(world.send(head, form(proof)), proof["client_id"])
    at_gate = f"""GET /o/gate HTTP/1.1\n{browser}
        Authorization: Bearer {token}
        X-Original-Method: POST
        X-Original-URI: /reggie/v1/NBC/regcode"""
    assert world.send(at_gate).status_code in (200, 204)


def test_a_recorder_in_node(world: World) -> None:
    """It has its credentials in its source, names another program, and reads the token's end itself."""
    proof = registered(
        world.send(
            "POST /o/client/register HTTP/1.1\nContent-Type: application/json",
            json.dumps({"software_statement": world.statement}),
        ),
        [],
    )
    head = f"""POST /o/client/token HTTP/1.1
        Accept: application/json, text/plain, */*
        Content-Type: {FORM};charset=utf-8
        User-Agent: okhttp/3.12.8
        Accept-Encoding: gzip, compress, deflate, br"""
    token = given(world.send(head, form(proof)), proof["client_id"])
    assert token.count(".") == 2
    assert isinstance(claims_of(token)["exp"], int)


def test_a_shell_script(world: World) -> None:
    """JSON without a charset; then a POST whose query says everything, of type JSON and without a body."""
    curl = "User-Agent: curl/8.5.0\nAccept: */*"
    told = json.dumps({"software_statement": world.statement})
    head = f"POST /o/client/register HTTP/1.1\n{curl}\nContent-Type: application/json"
    proof = registered(world.send(head, told), [])
    target = f"/o/client/token?{form(proof)}"
    for length in ("", "\nContent-Length: 0"):
        head = f"POST {target} HTTP/1.1\n{curl}\nContent-Type: application/json{length}"
        given(world.send(head), proof["client_id"])


def test_an_extension_of_a_browser(world: World) -> None:
    """JSON with members that are nobody's, then a form; a token by form with a scope, then by query; CORS."""
    page = """Origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop
        Accept: application/json"""
    more = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post"}
    told = json.dumps({"software_statement": world.statement, **more})
    head = f"POST /o/client/register HTTP/1.1\n{page}\nContent-Type: application/json"
    answer = world.send(head, told)
    registered(answer, [])
    assert answer.headers["access-control-allow-origin"].startswith("chrome-extension://")
    head = f"POST /o/client/register HTTP/1.1\n{page}\nContent-Type: {FORM}"
    proof = registered(world.send(head, urlencode({"software_statement": world.statement})), [])
    head = f"POST /o/client/token HTTP/1.1\n{page}\nContent-Type: {FORM}"
    given(world.send(head, form(proof, scope="api:client:v2")), proof["client_id"])
    given(world.send(f"POST /o/client/token?{form(proof)} HTTP/1.1\n{page}"), proof["client_id"])


def test_the_kits_of_the_vendor(world: World) -> None:
    """Statement and redirect from the application's resources, with the device; a form for the token."""
    sdk = f"""User-Agent: AccessEnabler/3.7.2 (Android)
        X-Device-Info: {DEVICE}
        Accept: application/json;charset=utf-8"""
    told = {"software_statement": world.statement, "redirect_uri": "example.adobe://cb"}
    head = f"POST /o/client/register HTTP/1.1\n{sdk}\nContent-Type: application/json;charset=utf-8"
    proof = registered(world.send(head, json.dumps(told)), ["example.adobe://cb"])
    head = f"POST /o/client/token HTTP/1.1\n{sdk}\nContent-Type: {FORM}"
    given(world.send(head, form(proof)), proof["client_id"])
    again = {**proof, "client_secret": "deleted"}
    lost = world.send(head, form(again))
    assert (lost.status_code, lost.json()) == (400, {"error": "invalid_client"})


def test_a_desktop_application(world: World) -> None:
    """A JSON statement with a redirect to this very machine."""
    told = {"software_statement": world.statement, "redirect_uri": "https://localhost/callback"}
    head = """POST /o/client/register HTTP/1.1
        User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Electron/28.0.0
        Accept: application/json, text/plain, */*
        Content-Type: application/json"""
    registered(world.send(head, json.dumps(told, separators=(",", ":"))), ["https://localhost/callback"])


def test_the_sample_of_the_documentation(world: World) -> None:
    """A statement with line breaks, a redirect below a domain, a device whose JSON lacks a comma."""
    broken = "eyJtb2RlbCI6IlRWIiwib3NOYW1lIjoidHZPUyIib3NWZXJzaW9uIjoiMTcifQ=="
    wrapped = "\n     ".join(world.statement[at : at + 64] for at in range(0, len(world.statement), 64))
    told = json.dumps({"software_statement": wrapped, "redirect_uri": "https://www.adobe.example"})
    head = f"""POST /o/client/register HTTP/1.1
        Content-Type: application/json
        X-Device-Info: {broken}
        Accept: application/json
        User-Agent: Mozilla/5.0 (Apple TV; U; CPU AppleTV5,3 OS 14.2 like Mac OS X; en_US)"""
    registered(world.send(head, told), ["https://www.adobe.example"])


MISTAKES = {
    "duplicate grant_type": ("token", "{form}&grant_type=client_credentials", "invalid_request"),
    "unknown grant": ("token", "client_id=x&client_secret=y&grant_type=z", "invalid_client"),
    "nothing": ("token", "", "invalid_request"),
    "tampered": ("register", "software_statement={tampered}", "invalid_software_statement"),
    "outside": (
        "register",
        "software_statement={statement}&redirect_uri=https%3A%2F%2Fadobe.evil",
        "invalid_redirect_uri",
    ),
    "no statement": ("register", "redirect_uri=https%3A%2F%2Fadobe.example", "invalid_request"),
}


@pytest.mark.parametrize(("where", "body", "error"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_over_the_wire(world: World, where: str, body: str, error: str) -> None:
    """One code with 400 as JSON, never a page, a challenge or a redirect."""
    head, claims, tail = world.statement.split(".")
    tampered = quote(f"{head}.{claims[:-4]}AAAA.{tail}")
    told = body.format(
        form="client_id=x&client_secret=y&grant_type=z", statement=world.statement, tampered=tampered
    )
    line = f"POST /o/client/{where} HTTP/1.1\nAccept: text/html\nContent-Type: {FORM}"
    answer = world.send(line, told)
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert not {"location", "www-authenticate"} & set(answer.headers)


def test_nothing_secret_is_in_the_log(world: World) -> None:
    """Credentials in a query are in no log line, neither those that were right nor those that were wrong."""
    line = "POST /o/client/token?client_id=c&client_secret=Zm9yIG5vYm9keQ&access_token=also-nobodys HTTP/1.1"
    assert world.send(line).status_code == 400
    log = world.server.log
    assert "/o/client/token" in log
    for text in ("Zm9yIG5vYm9keQ", "also-nobodys", world.statement[-40:], "client_secret="):
        assert text not in log
