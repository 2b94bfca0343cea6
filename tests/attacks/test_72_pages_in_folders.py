"""Class 72: paths of a portal's pages that lead out of their folder, or into the place of an endpoint."""

import os
import threading
from pathlib import Path

import pytest

from sekisho.faces.power_pages import site
from sekisho.faces.power_pages.site import folder
from tests.attacks.household import Household
from tests.attacks.portal_pages import in_folder
from tests.attacks.target import HOST, OTHER_HOST
from tests.attacks.wire import request, said, status

SECRET = "Zq7-THE-MASTER-KEY"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A portal's folder, and what lies around it."""
    for name, text in {
        "master.key": SECRET,
        "sites/master.key": SECRET,
        "sites/other/secret.html": SECRET,
        "sites/portal/index.html": "first",
        "sites/portal/page.html": "page",
        "sites/portal/docs/index.html": "docs",
        "sites/portal/.env": SECRET,
        "sites/portal/.git/HEAD": SECRET,
        "sites/portal/oauth/token": SECRET,
        "sites/portal/authorize": SECRET,
        "sites/portal/.well-known/openid-configuration": SECRET,
        "sites/portal/api/v2/clients": SECRET,
        "sites/portal/login/index.html": SECRET,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for link, target in {"up": "..", "key": "../../master.key", "top": "/", "other": "../other"}.items():
        (tmp_path / "sites/portal" / link).symlink_to(target)
    return tmp_path / "sites" / "portal"


@pytest.fixture
def portal(home: Household, files: Path) -> Household:
    """The portal shows its folder."""
    in_folder(home, files)
    return home


def asked(portal: Household, line: str, *headers: str) -> bytes:
    """What is said to a request line, letter for letter."""
    return said(portal.port, request(line, f"host: {OTHER_HOST}", *headers), 2)


UPS = (
    "..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "%252e%252e",
    "..%00",
    "..;",
    "...",
    "....",
    "%c0%ae%c0%ae",
    "%ff..",
    "up",
)
SLASHES = ("/", "%2f", "%2F", "%5c", "\\", "%252f", "//", "/./", "%c0%af", "%ef%bc%8f", ";/")


@pytest.mark.parametrize("up", UPS)
@pytest.mark.parametrize("slash", SLASHES)
def test_no_spelling_leads_out(portal: Household, up: str, slash: str) -> None:
    """Dots, slashes, NULs and links in every encoding, alone and together: what is around stays there."""
    for start in ("/", "/docs/", "/docs/../", "/page.html/"):
        for target in ("master.key", f"..{slash}master.key", f"other{slash}secret.html", "etc/passwd"):
            heard = asked(portal, f"GET {start}{up}{slash}{target}")
            assert status(heard) in (400, 404), heard[:200]
            assert SECRET.encode() not in heard
            assert b"root:" not in heard


PLACES = (
    "/.env", "/%2eenv", "/.git/HEAD", "/.git%2fHEAD", "/key", "/up/master.key", "/top/etc/passwd",
    "/top/proc/self/environ", "/other/secret.html", "/page.html%00.png", "/page.html/", "/page.html/..",
    "/docs/./index.html", "/docs/%2e/index.html", "/docs//index.html", "//page.html", "/\\page.html",
    "/page.html::$DATA", "/docs/..\\page.html", "/~someone/", "/file:///etc/passwd", "/master.key",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_only_plain_files_of_the_folder_are_served(portal: Household, place: str) -> None:
    """Hidden names, links, streams and second spellings are not there; neither is where the folder is."""
    heard = asked(portal, f"GET {place}")
    assert status(heard) in (400, 404)
    for word in (SECRET, "root:", "sites", "portal/"):
        assert word.encode() not in heard


def test_links_are_what_is_refused(portal: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files are opened by their path, one link is enough."""
    assert asked(portal, "GET /page.html").endswith(b"page")
    assert status(asked(portal, "GET /key")) == 404
    monkeypatch.setattr(folder, "FILE", os.O_RDONLY)
    assert SECRET.encode() in asked(portal, "GET /key")
    monkeypatch.setattr(folder, "FOLDER", os.O_RDONLY)
    assert SECRET.encode() in asked(portal, "GET /up/master.key")


def test_a_link_that_comes_and_goes(portal: Household, files: Path) -> None:
    """A folder that becomes a link between two looks leads nowhere: each step is opened from the last one."""
    (files / "turn").mkdir()
    (files / "turn" / "master.key").write_text("mine")
    done = threading.Event()

    def turn() -> None:
        while not done.is_set():
            (files / "turn").rename(files / "aside")
            (files / "turn").symlink_to("..")
            (files / "turn").unlink()
            (files / "aside").rename(files / "turn")

    turning = threading.Thread(target=turn)
    turning.start()
    try:
        with portal.web(OTHER_HOST) as web:
            found = {web.get("/turn/master.key").text for _ in range(400)}
    finally:
        done.set()
        turning.join()
    assert not any(SECRET in text for text in found)


OURS = (
    "/oauth/token", "/OAUTH/token", "/Oauth/Token", "/oauth/token/", "/oauth%2ftoken", "/%6fauth/token",
    "/oauth;x/token", "/oauth./token", "/authorize", "/AUTHORIZE", "/authorize/",
    "/.well-known/openid-configuration",
    "/.WELL-KNOWN/openid-configuration", "/api/v2/clients", "/API/v2/clients", "/login/index.html",
    "/LOGIN/", "/login", "/t/acme/authorize", "/T/acme/authorize", "/./authorize", "/x/../authorize",
)  # fmt: skip


@pytest.mark.parametrize("place", OURS)
def test_no_file_takes_the_place_of_an_endpoint(portal: Household, place: str) -> None:
    """A file that is called like an endpoint is never found, in whatever case and spelling."""
    for method in ("GET", "HEAD", "POST"):
        assert SECRET.encode() not in asked(portal, f"{method} {place}", "content-length: 0")


def test_the_list_of_addresses_is_what_holds(portal: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first name is not looked at, another spelling of an endpoint is a page."""
    assert status(asked(portal, "GET /oauth/%74oken")) == 404
    monkeypatch.setattr(site, "belongs_to", lambda *_: False)
    assert SECRET.encode() in asked(portal, "GET /oauth/%74oken")


def test_nobody_is_sent_to_another_host(portal: Household, files: Path) -> None:
    """The redirect to a folder's slash names this origin, whatever the path looks like."""
    (files / "evil.example").mkdir()
    (files / "evil.example" / "index.html").write_text("x")
    for path in (
        "/evil.example",
        "//evil.example",
        "/%2fevil.example",
        "/\\evil.example",
        "/evil.example?//x",
    ):
        for more in ((), ("x-forwarded-host: evil.example",), ("forwarded: host=evil.example",)):
            heard = asked(portal, f"GET {path}", *more)
            if status(heard) == 302:
                assert f"\r\nlocation: https://{OTHER_HOST}/evil.example/".encode() in heard
            else:
                assert status(heard) in (400, 404)


def test_pages_are_nobody_elses(portal: Household) -> None:
    """They are at the portal's own host: not at the shared one, and not below a path of it."""
    for host, path in ((HOST, "/page.html"), (HOST, "/t/acme/page.html"), (OTHER_HOST, "/t/acme/page.html")):
        heard = said(portal.port, request(f"GET {path}", f"host: {host}"), 2)
        assert status(heard) == 404
    assert status(asked(portal, "GET /page.html")) == 200


def test_a_slow_reader_holds_no_file(portal: Household, files: Path) -> None:
    """Hundreds who take their time with a long file hold a piece of it each, and others are served."""
    import resource
    import socket

    with (files / "long.bin").open("wb") as file:
        file.truncate(folder.MOST_BYTES)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readers = [socket.create_connection(("127.0.0.1", portal.port)) for _ in range(60)]
    try:
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            reader.sendall(request("GET /long.bin", f"host: {OTHER_HOST}"))
        with portal.web(OTHER_HOST) as web:
            assert all(web.get("/page.html").text == "page" for _ in range(20))
        assert sum(_is_held(fd, "long.bin") for fd in Path("/proc/self/fd").iterdir()) < 20
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 * 1024
    finally:
        for reader in readers:
            reader.close()


def _is_held(fd: Path, name: str) -> bool:
    try:
        return fd.readlink().name == name
    except FileNotFoundError:  # closed meanwhile
        return False
