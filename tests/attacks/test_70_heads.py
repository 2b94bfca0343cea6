"""Class 70: headers, paths, lengths and chunks that confuse, or take more time to refuse than to send."""

import time

import pytest

from tests.attacks.patience import PATIENCE
from tests.attacks.target import HOST, Target
from tests.attacks.wire import request, said, status

pytestmark = pytest.mark.usefixtures("still_well")
FORM = "application/x-www-form-urlencoded"

HEADERS = (
    "host: " + "a." * 8_000, "host: " + "a-" * 8_000 + "!", "host: [" + ":" * 16_000 + "]",
    "host: " + "1" * 16_000 + ":1",
    "accept-language: " + "en;q=0.1," * 3_000, "accept-language: " + "a;" * 15_000,
    "accept-language: " + "q=" * 15_000,
    "accept-language: " + "," * 30_000, "accept-language: en;q=" + "0" * 30_000,
    "accept: " + "text/html;q=0.0001," * 1_500,
    "cookie: " + "lang=;" * 5_000, "cookie: " + "theme=dark; " * 2_500, "if-none-match: " + '"x",' * 7_000,
    "origin: https://" + "a." * 15_000, "origin: https://" + "a" * 290, "x-correlation-id: " + "a" * 30_000,
    "authorization: Basic " + "A" * 30_000, "authorization: Bearer " + "." * 30_000,
    "authorization: Bearer " + "a." * 15_000,
    "content-type: " + "application/json;" * 1_800, "x-forwarded-for: " + "1.1.1.1," * 3_500,
    "range: bytes=" + "0-," * 9_000,
    "expect: 100-continue", "transfer-encoding: gzip", "te: trailers",
    "upgrade: websocket\r\nconnection: upgrade", "connection: x",
)  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:35])
def test_a_pathological_header_takes_no_time(target: Target, header: str) -> None:
    """No header makes an expression backtrack, and none comes back at its full length."""
    for line in (
        "GET /",
        "GET /nowhere",
        "POST /oauth/token",
        "OPTIONS /oauth/token",
        "GET /api/v2/clients",
        "GET /static/base.css",
    ):
        own = () if header.startswith("host:") else (f"host: {HOST}",)
        asked = time.monotonic()
        heard = said(target.port, request(line, *own, header, "accept: text/html", "content-length: 0"), 1.5)
        assert time.monotonic() - asked < PATIENCE
        assert status(heard) < 500
        assert len(heard) < 40_000
        assert b"a" * 100 not in heard


@pytest.mark.parametrize(
    "headers",
    [
        tuple(f"x-{n}: {n}" for n in range(3_000)),
        tuple("x: y" for _ in range(6_000)),
        ("x: " + "y" * 200_000,),
        ("x" * 200_000 + ": y",),
        tuple(f"authorization: {n}" for n in range(1_000)),
    ],
    ids=["many", "one many times", "a long value", "a long name", "many of one that decides"],
)
def test_headers_are_bounded(target: Target, headers: tuple[str, ...]) -> None:
    """A flood of headers is refused or ignored, never gathered without end."""
    asked = time.monotonic()
    heard = said(target.port, request("GET /", f"host: {HOST}", *headers), 1.5)
    assert time.monotonic() - asked < PATIENCE
    assert status(heard) in (0, 200, 400, 413, 431)


PATHS = (
    "/%00", "/oauth/token%00", "/api/v2/clients/%00", "/api/v2/clients/a%00b", "/static/%00",
    "/static/..%2f..%2fbase.css",
    "/static/%2e%2e/base.css", "/api/v2/clients/%ff", "/api/v2/clients/%ed%a0%80", "/api/v2/clients/%c0%80",
    "/api/v2/clients/%", "/api/v2/clients/.", "/api/v2/clients/..", "/api/v2/x/../clients",
    "/api/v2/clients/" + "%41" * 4_000, "/api/v2/resource-servers/" + "%E9%96%A2" * 1_500,
    "/t/" + "a" * 15_000 + "/",
    "/" * 15_000, "/t/" * 5_000, "/." * 7_000, "/a" * 7_000, "/?" + "&" * 15_000, "/?" + "a=1&" * 3_000,
    "/?a=%00", "/?a=%ff",
    "/?" + "%" * 15_000, "/?ui_locales=" + "+" * 15_000, "/?ui_locales=" + "en+" * 5_000, "/x" * 30_000,
    "/.well-known/jwks.json?%00",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:35])
def test_a_path_is_a_name_and_nothing_else(target: Target, path: str) -> None:
    """NUL, broken UTF-8, endless and dotted paths are refused in good time, whoever asks."""
    for authorization in ("Bearer x", f"Bearer {target.admin}"):
        for accept in ("text/html", "*/*"):
            told = (f"host: {HOST}", f"authorization: {authorization}", f"accept: {accept}")
            asked = time.monotonic()
            heard = said(target.port, request(f"GET {path}", *told), 1.5)
            assert time.monotonic() - asked < PATIENCE
            assert status(heard) in (200, 400, 401, 404, 413, 431), heard[:300]


def test_lies_about_the_length(target: Target) -> None:
    """Two lengths, a wrong one, or a length with chunks are refused; no part of a body becomes a request."""
    smuggled = b"GET /smuggled HTTP/1.1\r\nhost: id.example.com\r\n\r\n"
    head = f"POST /oauth/token HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: {FORM}\r\n"
    for lie in (
        "content-length: 5\r\ncontent-length: 50\r\n", "content-length: -1\r\n", "content-length: +5\r\n",
        "content-length: 0x10\r\n",
        "content-length: 5, 5\r\n", "content-length: 99999999999999999999999\r\n", "content-length: \r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: xchunked\r\n", "transfer-encoding : chunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
    ):  # fmt: skip
        heard = said(target.port, (head + lie + "\r\n").encode() + b"0\r\n\r\n" + smuggled, 0.3)
        assert b"smuggled" not in heard
        assert heard.count(b"HTTP/1.1 ") <= 1, lie
        assert status(heard) in (0, 400, 401, 413)


CHUNKS = (
    b"ffffffffffffffffff\r\nx", b"-1\r\nx", b"5;" + b"x" * 100_000 + b"\r\nabcde\r\n0\r\n\r\n", b"zz\r\n",
    b"5\r\nabcdefgh\r\n0\r\n\r\n",
    b"1\r\na\r\n" * 70_000 + b"0\r\n\r\n",
    b"10000\r\n" + b"x" * 65_536 + b"\r\n10000\r\n" + b"x" * 65_536 + b"\r\n0\r\n\r\n",
    b"0\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", b"1\r\na\r\n0\r\nhost: evil.example\r\n\r\n",
    b"0" * 100_000 + b"\r\n\r\n",
)  # fmt: skip


@pytest.mark.parametrize("body", CHUNKS, ids=lambda body: repr(body[:20]))
def test_chunks_are_counted_too(target: Target, body: bytes) -> None:
    """A chunked body has the same limit, and a malformed one ends the connection."""
    head = request(
        "POST /oauth/token", f"host: {HOST}", f"content-type: {FORM}", "transfer-encoding: chunked"
    )
    heard = said(target.port, head + body, 1)
    assert status(heard) in (0, 400, 401, 413, 431)
    assert heard.count(b"HTTP/1.1 ") <= 1


def test_what_is_no_http_is_hung_up_on(target: Target) -> None:
    """Other protocols, control bytes and half a request get a refusal or silence."""
    for raw in (
        b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 1_000,
        b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nhost: id.example.com\r\nmax-forwards: 0\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n", b"G\xc3\x8bT / HTTP/1.1\r\n\r\n", b"\r\n" * 10_000,
        b"GET /\x7f\xff HTTP/1.1\r\n\r\n", b"x" * 100_000,
    ):  # fmt: skip
        assert status(said(target.port, raw, 0.3)) in (0, 400, 404, 405, 421, 431, 505)
