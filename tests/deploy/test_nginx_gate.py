"""nginx as deploy/nginx/protected-api.conf has it: a real API behind it, and Sekisho's gate beside it."""

import asyncio
import itertools
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.proxy import CERTIFICATE, MAIN, NAME, UPSTREAM, changed, listens
from tests.faces.adobe_pass.far import CHANNEL, Installed, installed
from tests.house.source import ROOT
from tests.outside import free_port, program
from tests.servers import Installation, Server

SITE = ROOT / "deploy" / "nginx" / "protected-api.conf"
PATH = f"/api/v2/{CHANNEL}/profiles"
OLD = f"/reggie/v1/{CHANNEL}/regcode"
DEVICES = (f"127.0.3.{n}" for n in itertools.count(1))
AGAIN = "invalid_access_token_client_application"
SPOOFED = {
    "x-original-uri": "/api/v2/authenticate/REF30/x",
    "x-original-method": "OPTIONS",
    "x-forwarded-uri": "/api/v2/authenticate/REF30/x",
    "x-forwarded-method": "OPTIONS",
    "x-forwarded-for": "198.51.100.1",
    "x-client-id": "somebody-else",
    "x-registered-application": "somebody-else",
    "x-software-statement": "somebody-else",
    "x-scopes": "everything",
    "x-service-provider": "REF99",
}


class Api(BaseHTTPRequestHandler):
    """The API behind: it repeats what it hears."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Every method is answered the same way."""
        length = int(self.headers.get("content-length", 0))
        told = {name.lower(): value for name, value in self.headers.items()}
        heard = {
            "path": self.path,
            "method": self.command,
            "headers": told,
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(heard).encode()
        self.send_response(500 if "fails" in self.path else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *_args: Any) -> None:
        """Quiet."""


@dataclass
class Front:
    """nginx in front of API and gate."""

    folder: Path
    port: int
    server: Server
    webs: list[httpx.Client] = field(default_factory=list)

    @property
    def logs(self) -> str:
        """All that nginx and Sekisho wrote."""
        return "".join(path.read_text() for path in self.folder.glob("*.log")) + self.server.log

    def web(self, device: Installed | None = None) -> httpx.Client:
        """A device at an address of its own."""
        trust = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        shown = {"authorization": f"Bearer {device.token}"} if device else {}
        web = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            headers={"host": "api.example.com", **shown},
            transport=httpx.HTTPTransport(verify=trust, local_address=next(DEVICES)),
            event_hooks={"request": [lambda request: request.extensions.update(sni_hostname=NAME)]},
            timeout=20,
        )
        self.webs.append(web)
        return web


@contextmanager
def behind() -> Iterator[int]:
    """The API on a port of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as api:
        api.daemon_threads = True
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        yield api.server_port
        api.shutdown()
        thread.join()


@contextmanager
def fronted(folder: Path, server: Server, api: int, gate: int) -> Iterator[Front]:
    """The nginx of the example, with our ports and our folder."""
    folder.mkdir()
    subprocess.run([program("openssl"), *CERTIFICATE.split()], cwd=folder, check=True, capture_output=True)
    front = Front(folder, free_port(), server)
    host = server.installation.public_url.removeprefix("https://")
    site = changed(
        "\n".join(line for line in SITE.read_text().splitlines() if "listen [::]" not in line),
        {
            "listen 443": f"listen 127.0.0.1:{front.port}",
            "/var/log/nginx/": f"{folder}/",
            "/etc/nginx/tls/": f"{folder}/",
            "127.0.0.1:9000": f"127.0.0.1:{api}",
            "Host id.example.com": f"Host {host}",
        },
    )
    lines = UPSTREAM.read_text().splitlines()
    kept = [line for line in lines if not line.strip().startswith("server ")]
    upstream = "\n".join([*kept[:-1], f"    server 127.0.0.1:{gate};", kept[-1]])
    for name, text in {"sekisho": site, "upstream": upstream, "nginx": MAIN.format(folder=folder)}.items():
        (folder / f"{name}.conf").write_text(text)
    started = [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(started, stderr=subprocess.PIPE)
    try:
        assert listens(process, front.port), process.communicate()[1].decode()
        yield front
    finally:
        for web in front.webs:
            web.close()
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One process with a gate, one API, one nginx."""
    folder = tmp_path_factory.mktemp("gate")
    made = Installation(folder, f"sqlite:///{folder}/sekisho.db", f"https://{NAME}")
    made.more["SEKISHO_TRUSTED_PROXIES"] = "127.0.0.1"
    made.prepare()
    with (
        made.serving(free_port()) as server,
        behind() as api,
        fronted(folder / "nginx", server, api, server.port) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def device(front: Front) -> Installed:
    """An installation that nothing happens to."""
    return a_device(front)


def a_device(front: Front) -> Installed:
    """An installation of an application of its own."""
    return asyncio.run(installed(front.server, next(DEVICES)))


def facts(device: Installed) -> dict[str, str]:
    """What the API should hear of it."""
    return {
        "x-client-id": device.client_id,
        "x-registered-application": device.application,
        "x-software-statement": device.statement,
        "x-scopes": "api:client:v2",
        "x-service-provider": CHANNEL,
    }


def test_an_admitted_request_reaches_the_api(front: Front, device: Installed):
    """The API hears method, address and body as they came, and who asks."""
    web = front.web(device)
    answer = web.post(f"{PATH}/a%20b?x=%2F&y", content=b"a=b", headers={"content-type": "text/plain"})
    assert answer.status_code == 200
    heard = answer.json()
    assert (heard["method"], heard["path"], heard["body"]) == ("POST", f"{PATH}/a%20b?x=%2F&y", "a=b")
    assert {name: heard["headers"].get(name) for name in facts(device)} == facts(device)
    assert web.get(f"{PATH}/fails").status_code == 500
    assert web.get(f"{PATH}/fails").json()["path"].endswith("fails")


def test_what_a_client_says_of_itself_is_replaced(front: Front, device: Installed):
    """Headers by which a client names itself or another request change nothing."""
    heard = front.web(device).get(PATH, headers=SPOOFED).json()["headers"]
    assert {name: heard.get(name) for name in facts(device)} == facts(device)
    assert heard["x-forwarded-for"].startswith("127.0.3.")
    bare = front.web().get(PATH, headers=SPOOFED)
    assert (bare.status_code, bare.json()["code"]) == (401, "missing_access_token")
    opened = front.web().get(f"/api/v2/authenticate/{CHANNEL}/8ER640M", headers=SPOOFED).json()["headers"]
    assert not {"x-client-id", "x-registered-application", "x-scopes"} & opened.keys()


def test_the_client_gets_the_document(front: Front, device: Installed):
    """What is refused is answered in the gate's own words, whatever its status."""
    web = front.web(device)
    seen = [
        front.web().get(PATH),
        web.get("/api/v2/REF31/x"),
        web.get(f"/api/v2/{CHANNEL}/..;/x"),
        web.request("TRACK", PATH),
    ]
    codes = [
        (401, "missing_access_token"),
        (401, "invalid_access_token_service_provider"),
        (400, "invalid_request"),
        (405, "method_not_allowed"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in seen] == codes
    assert all(each.headers["content-type"] == "application/json;charset=UTF-8" for each in seen)
    assert seen[0].headers["www-authenticate"].startswith("Bearer ")
    assert seen[0].json()["trace"] in front.server.log
    posted = front.web().post(OLD, content=b"x" * 9_000, headers={"accept": "application/xml"})
    assert (posted.status_code, posted.text[:5]) == (401, "<?xml")
    assert front.web().head(PATH).status_code == 401
    page = front.web().get(PATH, headers={"origin": "https://tv.example.org"})
    assert page.headers["access-control-allow-origin"] == "https://tv.example.org"


@pytest.mark.parametrize("ending", ["revoke_application", "revoke_statement", "delete_client"])
def test_what_was_revoked_is_refused_within_a_second(front: Front, ending: str):
    """A second after a revocation elsewhere, the client gets the flat document through nginx."""
    ended = a_device(front)
    web = front.web(ended)
    assert web.get(PATH).status_code == 200
    asyncio.run(getattr(ended, ending)())
    time.sleep(1.0)
    answer = web.get(PATH)
    told = answer.json()
    assert list(told) == ["action", "status", "code", "message", "helpUrl", "trace"]
    assert (answer.status_code, told["code"], told["action"]) == (401, AGAIN, "application-registration")


def test_the_pace_is_that_of_the_device(front: Front, device: Installed):
    """Who asks too often gets 429 and the page through nginx; another address is not concerned."""
    web = front.web(device)
    seen = [web.get(PATH) for _ in range(14)]
    assert [each.status_code for each in seen[:11]] == [200] * 11
    assert seen[-1].status_code == 429
    assert seen[-1].headers["content-type"] == "text/html"
    assert int(seen[-1].headers["retry-after"]) >= 1
    assert front.web(device).get(PATH).status_code == 200


def test_no_log_has_the_token(front: Front, device: Installed):
    """Neither nginx's logs nor Sekisho's hold the token, in the header or in the address, admitted or not."""
    web = front.web()
    for target in (OLD, "/reggie/v1/REF31/regcode"):
        for _ in range(8):
            web.get(f"{target}?access_token={device.token}")
    assert front.web().get(f"{OLD}?access_token={device.token}").status_code == 200
    time.sleep(0.3)
    for part in (device.token, device.token.rpartition(".")[2]):
        assert part not in front.logs
    assert f'"GET {OLD} HTTP' in front.logs


def test_without_the_gate_nobody_comes_in(front: Front, device: Installed, tmp_path: Path):
    """While Sekisho is away the API hears nothing, the client gets the document, and no log the token."""
    with behind() as api, fronted(tmp_path / "closed", front.server, api, free_port()) as closed:
        answer = closed.web(device).get(f"{OLD}?access_token={device.token}")
        assert (answer.status_code, answer.json()["action"]) == (503, "retry")
        assert answer.headers["retry-after"]
        assert device.token not in closed.logs
