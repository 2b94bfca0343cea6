"""A portal's own pages out of a folder: which files are found, and what is said with them."""

import os
import socket
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from sekisho.faces.power_pages.site import folder
from sekisho.spec.refusals.portal import SITE_OVERSIZED
from tests.faces.power_pages.pages import ORIGIN, Pages, opened

INDEX = "<!doctype html><title>Our portal</title>"
LANDING = ".well-known/openid-configuration"


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """Two sites beside each other, and something that is no site."""
    for name, text in {
        "sites/portal/index.html": INDEX,
        "sites/portal/landing.html": "landing",
        "sites/portal/docs/index.html": "docs",
        "sites/portal/empty/x.txt": "x",
        "sites/portal/scripts/app.js": "let x = 1;",
        "sites/portal/日本/語.txt": "はい",
        "sites/portal/.env": "SECRET",
        "sites/portal/.git/config": "SECRET",
        "sites/portal/docs/.hidden.html": "SECRET",
        "sites/portal/oauth/token": "SECRET",
        "sites/portal/LOGIN/x.html": "SECRET",
        "sites/portal/api/v2/x.html": "SECRET",
        "sites/other/index.html": "SECRET",
        "sites/file": "no folder",
        "outside/index.html": "SECRET",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "sites"


@pytest.fixture
async def pages(sites: Path) -> Pages:
    """The portal with its folder."""
    made = await opened()
    made.keep_sites_in(sites)
    await made.show(folder="portal")
    return made


async def test_a_file_is_served_as_it_is(pages: Pages) -> None:
    """Content, type and what makes a browser ask again before it uses its copy."""
    answer = await pages.ask("GET /landing.html")
    assert (answer.status_code, answer.text) == (200, "landing")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-length"] == "7"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.CSS", "text/css; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("a.json", "application/json"),
        ("a.woff2", "font/woff2"),
        ("a.php", "application/octet-stream"),
        ("a", "application/octet-stream"),
        ("html", "application/octet-stream"),
    ],
)
async def test_the_type_is_by_the_end_of_the_name(pages: Pages, sites: Path, name: str, kind: str) -> None:
    """What is not on the list is bytes, whatever is in it: nobody guesses."""
    (sites / "portal" / name).write_text(INDEX)
    assert (await pages.ask(f"GET /{name}")).headers["content-type"] == kind


async def test_an_empty_file_is_a_file(pages: Pages, sites: Path) -> None:
    """Its length is nothing, and its type is said."""
    (sites / "portal" / "empty.json").write_bytes(b"")
    answer = await pages.ask("GET /empty.json")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "0", b"")


async def test_a_folder_is_its_index(pages: Pages) -> None:
    """With a slash it is shown; without one the browser is sent there, with its query, on this origin."""
    assert (await pages.ask("GET /docs/")).text == "docs"
    answer = await pages.ask("GET /docs?a=1&b=%2F/evil")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{ORIGIN}/docs/?a=1&b=%2F/evil"
    assert (await pages.ask("HEAD /docs")).headers["location"] == f"{ORIGIN}/docs/"
    for line in ("GET /empty", "GET /empty/", "GET /landing.html/", "GET /docs/index.html/"):
        assert (await pages.ask(line)).status_code == 404


async def test_the_first_page_is_the_portals(pages: Pages, sites: Path) -> None:
    """Where it has one; otherwise we say who we are."""
    assert (await pages.ask("GET /")).text == INDEX
    (sites / "portal" / "index.html").unlink()
    assert LANDING in (await pages.ask("GET /", accept="text/html")).text
    assert (await pages.ask("POST /")).status_code == 405


async def test_names_are_decoded_once(pages: Pages, sites: Path) -> None:
    """Other scripts and spaces are found; a name that looks like an escape is only a name."""
    assert (await pages.ask("GET /%E6%97%A5%E6%9C%AC/%E8%AA%9E.txt")).text == "はい"
    (sites / "portal" / "a b%2e.txt").write_text("x")
    assert (await pages.ask("GET /a%20b%252e.txt")).text == "x"
    assert (await pages.ask("GET /a%20b%2e.txt")).status_code == 404


async def test_a_copy_is_known_by_its_tag(pages: Pages, sites: Path) -> None:
    """The tag changes with the file; the time counts only where there is no tag."""
    first = await pages.ask("GET /landing.html")
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    for told in (
        {"if_none_match": tag},
        {"if_none_match": f'"x", W/{tag}'},
        {"if_none_match": "*"},
        {"if_modified_since": changed},
        {"if_none_match": tag, "if_modified_since": formatdate(0, usegmt=True)},
    ):
        answer = await pages.ask("GET /landing.html", b"", **told)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    for told in (
        {"if_none_match": '"x"', "if_modified_since": changed},
        {"if_modified_since": formatdate(0, usegmt=True)},
        {"if_modified_since": "yesterday"},
        {"if_modified_since": "Fri, 32 Dec 99999 00:00:00 GMT"},
        {"if_none_match": ""},
    ):
        assert (await pages.ask("GET /landing.html", b"", **told)).status_code == 200
    (sites / "portal" / "landing.html").write_text("another")
    assert (await pages.ask("GET /landing.html", if_none_match=tag)).status_code == 200


async def test_head_says_what_get_would(pages: Pages) -> None:
    """The same headers, no body, and nothing is read."""
    got, head = await pages.ask("GET /landing.html"), await pages.ask("HEAD /landing.html")
    assert head.content == b""
    for name in ("content-length", "content-type", "etag", "last-modified"):
        assert head.headers[name] == got.headers[name]


async def test_a_long_file_comes_in_pieces(pages: Pages, sites: Path) -> None:
    """No more of it is in memory than one piece, and its length is said before."""
    content = os.urandom(folder.PIECE_BYTES * 2 + 5)
    (sites / "portal" / "long.bin").write_bytes(content)
    answer = await pages.ask("GET /long.bin")
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))
    assert pages.sent == [folder.PIECE_BYTES, folder.PIECE_BYTES, 5, 0]
    assert not pages.cut_off
    head = await pages.ask("HEAD /long.bin")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(content)))


@pytest.mark.parametrize("change", ["another", "gone"])
async def test_a_file_that_changes_is_cut_off(pages: Pages, sites: Path, change: str) -> None:
    """Two halves of two files are no file: the connection ends before the length is reached."""
    path = sites / "portal" / "long.bin"
    path.write_bytes(b"x" * (folder.PIECE_BYTES + 1))
    honest = folder.Pieces._piece

    def changing(self: folder.Pieces) -> bytes:
        piece = honest(self)
        if change == "gone":
            path.unlink()
        else:
            path.write_bytes(b"y" * (folder.PIECE_BYTES + 1))
        return piece

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder.Pieces, "_piece", changing)
        answer = await pages.ask("GET /long.bin")
    assert answer.status_code == 200
    assert answer.content == b"x" * folder.PIECE_BYTES
    assert pages.cut_off


async def test_a_file_has_a_size(pages: Pages, sites: Path) -> None:
    """What is larger than the cap is refused, and the log says which file."""
    with (sites / "portal" / "film.mp4").open("wb") as file:
        file.truncate(folder.MOST_BYTES + 1)
    answer = await pages.ask("GET /film.mp4")
    assert (answer.status_code, answer.json()["error"]) == (500, SITE_OVERSIZED.error)
    assert "film" not in answer.text


HIDDEN = (
    "/.env", "/.git/config", "/.git", "/.git/", "/docs/.hidden.html", "/%2eenv", "/%2Egit/config",
    "/docs/%2ehidden.html", "/.", "/..", "/../sites/portal/landing.html", "/docs/../landing.html",
    "/docs/%2e%2e/landing.html", "/%2e%2e/other/index.html", "/..%2fother/index.html", "/docs%2findex.html",
    "/docs%5cindex.html", "/docs\\index.html", "/%5c..%5cother%5cindex.html", "//landing.html",
    "/docs//index.html", "//docs", "///docs/", "/docs//", "/landing.html%00", "/landing.html%00.html",
    "/%00", "/landing.html%0a",
    "/landing.html%23", "/landing.html%3f", "/%ff", "/%c0%ae%c0%ae/other/index.html", "/%", "/%2", "/%zz",
    "/%252e%252e/other/index.html", "/landing.html%20", "/landing.html.", "/LANDING.HTML", "/nowhere",
    "/C:/windows", "/file:/etc/passwd", "/etc/passwd", "/%E6%97", "/" + "a" * 300, "/a/" * 50, "/docs/\x7f",
    "/é.txt", "/ ", "/landing.html#x",
)  # fmt: skip


@pytest.mark.parametrize("path", HIDDEN)
async def test_nothing_else_is_found(pages: Pages, path: str) -> None:
    """Hidden names, ways up, second spellings and names that two readers read differently are not there."""
    answer = await pages.hear("GET", path.encode(), b"", [(b"host", b"id.example.com")])
    assert answer.status_code == 404
    assert answer.json() == {"error": "not_found", "error_description": "There is nothing at this address"}


async def test_a_query_that_is_none_is_not_sent_on(pages: Pages) -> None:
    """A fragment or a space in a query never reaches a Location header."""
    for query in (b"a b", b"#x", b"\x7f"):
        answer = await pages.hear("GET", b"/docs", query, [(b"host", b"id.example.com")])
        assert answer.status_code == 404


OWNED = (
    ("/oauth/token", 405), ("/OAUTH/token", 404), ("/oauth/Token", 404), ("/%6fauth/token", 404),
    ("/oauth%20/token", 404), ("/oauth./token", 404), ("/oauth;x/token", 404), ("/oauth", 404),
    ("/oauth/", 404), ("/LOGIN/x.html", 404), ("/Login/x.html", 404), ("/api/v2/x.html", 404),
    ("/API/v2/x.html", 404), ("/static/x/y.js", 404), ("/.well-known/x", 404), ("/healthz/x", 404),
    ("/T/x", 404), ("/t", 404), ("/t/demo/landing.html", 404),
)  # fmt: skip


@pytest.mark.parametrize(("path", "status"), OWNED)
async def test_no_page_is_in_the_place_of_an_endpoint(
    pages: Pages, sites: Path, path: str, status: int
) -> None:
    """What begins like an endpoint, in whatever spelling, is an endpoint or nothing."""
    for name in ("OAUTH/token", "oauth;x/token", "oauth./token", "Login/x.html", "static/x/y.js", "T/x", "t"):
        there = sites / "portal" / name
        if not there.exists() and not there.is_dir():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text("SECRET")
    answer = await pages.ask(f"GET {path}")
    assert answer.status_code == status
    assert "SECRET" not in answer.text


async def test_each_place_keeps_its_voice(pages: Pages) -> None:
    """An unknown address of the management API is told in its words, pages or not."""
    answer = await pages.ask("GET /api/v2/unknown")
    assert answer.status_code == 404
    assert answer.json()["errorCode"] == "not_found"
    answer = await pages.ask("GET /_services/auth/unknown")
    assert answer.json()["ErrorId"] == "PortalSTS1000"
    assert "<html" in (await pages.ask("GET /nowhere", accept="text/html")).text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_files_are_read_and_nothing_else(pages: Pages, method: str) -> None:
    """Every other method is told which ones there are, before its body is read."""
    answer = await pages.ask(f"{method} /landing.html")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("out.html", "../../outside/index.html"),
        ("out", "../../outside"),
        ("other", "../other"),
        ("passwd", "/etc/passwd"),
        ("inside.html", "landing.html"),
        ("inside", "docs"),
        ("circle", "circle"),
    ],
)
async def test_links_are_not_followed(pages: Pages, sites: Path, name: str, target: str) -> None:
    """Neither out of the folder nor within it: a link on the way is no way."""
    (sites / "portal" / name).symlink_to(target)
    for path in (name, f"{name}/", f"{name}/index.html"):
        assert (await pages.ask(f"GET /{path}")).status_code == 404


async def test_what_is_no_file_is_not_there(
    pages: Pages, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pipes do not hang, sockets and what we may not read are absent."""
    os.mkfifo(sites / "portal" / "pipe")
    monkeypatch.chdir(sites / "portal")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "socket"):
            assert (await pages.ask(f"GET /{name}")).status_code == 404


@pytest.fixture
def broken() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


async def test_a_broken_disk_is_not_an_absent_file(pages: Pages, broken: pytest.MonkeyPatch) -> None:
    """What the system cannot read is a fault of ours, not an address that does not exist."""

    def fails(*_: object, **__: object) -> int:
        raise OSError(5, "Input/output error")

    broken.setattr(os, "open", fails)
    assert (await pages.ask("GET /landing.html")).status_code == 500


@pytest.mark.parametrize(
    "name", ["absent", "out", "circle", "file", "", ".", "..", "../outside", "/etc", "portal/../../outside"]
)
async def test_the_folder_is_below_that_of_all_sites(pages: Pages, sites: Path, name: str) -> None:
    """Also where it changed after it was said: what leads out of there, or is none, shows nothing."""
    (sites / "out").symlink_to("../outside")
    (sites / "circle").symlink_to("circle")
    await pages.show(folder=name)
    assert (await pages.ask("GET /index.html")).status_code == 404
    assert LANDING in (await pages.ask("GET /", accept="text/html")).text


async def test_a_folder_may_be_a_link_to_its_neighbour(pages: Pages, sites: Path) -> None:
    """Releases are switched like that; it still has to be below the folder of all sites."""
    (sites / "current").symlink_to("portal")
    await pages.show(folder="current")
    assert (await pages.ask("GET /landing.html")).text == "landing"


async def test_without_a_folder_for_sites_nothing_is_shown(pages: Pages) -> None:
    """The process has the last word."""
    pages.keep_sites_in("")
    assert (await pages.ask("GET /landing.html")).status_code == 404


async def test_pages_are_on_a_host_of_their_own(pages: Pages) -> None:
    """Where another tenant lives at the same origin, scripts of one could act for people of the other."""
    assert (await pages.ask("GET /landing.html")).status_code == 200
    assert (await pages.ask("GET /t/demo/landing.html")).status_code == 404
    await pages.show(domains=(), folder="portal")
    assert (await pages.ask("GET /landing.html")).status_code == 404
    assert LANDING in (await pages.ask("GET /", accept="text/html")).text


@pytest.mark.parametrize(
    ("path", "status"), [("/worker.js", 404), ("/scripts/app.js", 200), ("/scripts%2fapp.js", 404)]
)
async def test_no_worker_watches_all_pages(pages: Pages, sites: Path, path: str, status: int) -> None:
    """A service worker sees the folder it is in; in the first one it would see the sign-in page."""
    (sites / "portal" / "worker.js").write_text("let x = 1;")
    assert (await pages.ask(f"GET {path}", service_worker="script")).status_code == status
    assert "service-worker-allowed" not in (await pages.ask("GET /scripts/app.js")).headers
