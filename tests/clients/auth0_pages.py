"""The application's own site over TLS: pages with Auth0's SDKs, and an address that takes forms."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Page

from sekisho.cli.folder import LEAF
from tests.clients.person import ADDRESS, PASSWORD
from tests.clients.place import Machine, Place
from tests.clients.script import installed
from tests.outside import program
from tests.pages.chromium import FLAGS

SOURCE = Path(__file__).with_name("auth0_site")
# The files of the SDKs as they were published.
SDKS: Mapping[str, str] = {
    "auth0-spa-js.production.js": "@auth0/auth0-spa-js/dist/auth0-spa-js.production.js",
    "auth0.min.js": "auth0-js/dist/auth0.min.js",
}
KINDS: Mapping[str, str] = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}
RECEIVED = b"<!doctype html><title>Received</title>"


@dataclass
class Site:
    """Where it is by its two names, and the forms that came."""

    place: Place
    port: int
    forms: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its origin beside the server: another port of the same name."""
        return f"https://localhost:{self.port}"

    @property
    def elsewhere(self) -> str:
        """Its origin at another site."""
        return f"https://127.0.0.1:{self.port}"

    def app(self, name: str, **told: Any) -> Machine:
        """An application whose pages are here, and which nobody has to be asked about."""
        asked = {
            "app_type": "spa",
            "is_first_party": True,
            "callbacks": [f"{self.url}/{name}", f"{self.url}/silent", f"{self.url}/receive"],
            "web_origins": [self.url],
            "allowed_logout_urls": [f"{self.url}/{name}"],
            "grant_types": ["authorization_code", "refresh_token", "implicit"],
        }
        return self.place.app("none", **{**asked, **told})


def signs_in(page: Page) -> None:
    """The form of the sign-in page, as a person fills it in; where they are asked, they agree."""
    page.wait_for_url("**/login**")
    page.fill("#username", ADDRESS)
    page.fill("#password", PASSWORD)
    page.click("#sign-in")


class Quiet(ThreadingHTTPServer):
    """Browsers hang up on certificates before they are told to take them; nobody has to read of it."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Not said."""


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in, in a browser that takes our certificates."""
    context = browser.new_context(ignore_https_errors=True)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def anywhere(browser: Browser, folder: Path) -> Iterator[Page]:
    """The same in a browser that keeps cookies of other sites, too: today's Chromium does not by itself."""
    kept = folder / "Default" / "Preferences"
    kept.parent.mkdir()
    kept.write_text('{"profile": {"cookie_controls_mode": 0}}')
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=program("chromium"), args=FLAGS, ignore_https_errors=True
    )
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def pages(place: Place) -> Iterator[Site]:
    """The site, with the certificate that the server has, too: it is the same machine."""
    folder = place.authority.parent
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(folder / LEAF[0], folder / LEAF[1])
    files = {f"/sdk/{name}": installed(SOURCE) / "node_modules" / path for name, path in SDKS.items()}
    files |= {f"/{path.stem}": path for path in (SOURCE / "pages").iterdir()}
    forms: list[dict[str, str]] = []
    server = Quiet(("127.0.0.1", 0), _answering(files, forms))
    server.socket = trusted.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(place, server.server_address[1], forms)
    finally:
        server.shutdown()
        server.server_close()


def _answering(files: Mapping[str, Path], forms: list[dict[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = files.get(urlsplit(self.path).path)
            self.answer(path.read_bytes() if path else b"", KINDS[path.suffix if path else ".html"])

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            forms.append(dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)))
            self.answer(RECEIVED, KINDS[".html"])

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    return Answers
