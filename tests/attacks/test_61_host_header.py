"""Class 61: a header of the request decides what we call ourselves."""

import pytest

from sekisho.spec.address import Addresses
from tests.attacks.double import Double
from tests.attacks.target import HOST, METADATA, ORIGIN, OTHER_HOST, Target
from tests.attacks.wire import request, said, status

EVIL = "evil.example"
PLACES = (
    "/",
    *METADATA,
    "/.well-known/jwks.json",
    "/nowhere",
    "/robots.txt",
    "/favicon.ico",
    "/t/acme/",
    "/api/v2/clients",
)
FORWARDED = (
    f"x-forwarded-host: {EVIL}", "x-forwarded-proto: javascript", f"x-forwarded-for: {EVIL}",
    f"x-forwarded-server: {EVIL}",
    f"x-forwarded-prefix: /{EVIL}", "x-forwarded-port: 6666",
    f"forwarded: for=1.2.3.4;host={EVIL};proto=http", f"x-host: {EVIL}",
    f"x-original-url: /{EVIL}", f"x-rewrite-url: /{EVIL}", f"x-original-host: {EVIL}",
    f"x-http-host-override: {EVIL}",
    f"x-real-ip: {EVIL}", f"true-client-ip: {EVIL}", f"referer: https://{EVIL}/",
    "x-http-method-override: DELETE",
)  # fmt: skip


def is_untouched(heard: bytes) -> None:
    """Nothing of what the attacker said about our name came back."""
    low = heard.lower()
    for word in (EVIL, "javascript:", "6666", "1.2.3.4"):
        assert word.encode() not in low, heard


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
@pytest.mark.parametrize("place", PLACES)
def test_what_a_proxy_would_say_is_not_believed(target: Target, place: str, accept: str) -> None:
    """Without a trusted proxy no forwarding header changes issuer, page, link, realm or method."""
    own = [f"host: {HOST}", f"accept: {accept}", "authorization: Bearer x"]
    plain = said(target.port, request(f"GET {place}", *own))
    with_all = said(target.port, request(f"GET {place}", *own, *FORWARDED))
    is_untouched(with_all)
    assert status(with_all) == status(plain)
    if place in METADATA:
        assert f'"issuer":"{ORIGIN}/"'.encode() in with_all
        assert with_all.partition(b"\r\n\r\n")[2] == plain.partition(b"\r\n\r\n")[2]


HOSTS = (
    EVIL, f"{EVIL}:443", f"{HOST}.{EVIL}", f"{HOST}@{EVIL}", f"{EVIL}@{HOST}", f"x:y@{HOST}", f"{HOST}:8443",
    f"{HOST}:443:443",
    f"{HOST}.", f"{HOST}..", f".{HOST}", f"x.{HOST}", f"{HOST}/", f"{HOST}/{EVIL}", f"{HOST}?{EVIL}",
    f"{HOST}#{EVIL}",
    f"{HOST}\\{EVIL}", f"{HOST},{EVIL}", f"{HOST}, {EVIL}", f"{HOST} {EVIL}", f"{HOST};{EVIL}",
    f"{HOST}\t{EVIL}", "", " ", ":443",
    "localhost", "127.0.0.1", "[::1]", "0", "2130706433", "[", "]", "*", "%", "id%2eexample.com",
    "id。example.com", "ıd.example.com",
    f"{HOST}\x85", f"\xa0{HOST}", "x" * 300, "a." * 200, "-", f"https://{HOST}", f'{HOST}"', f"{HOST}'",
    f"<{HOST}>", f"{HOST}%00",
    "t", "acme", "demo", f"{OTHER_HOST}:443:443", f"{OTHER_HOST}.", f"x.{OTHER_HOST}",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: repr(host)[:40])
def test_a_host_that_is_not_ours_is_refused(target: Target, host: str) -> None:
    """Only a configured host is answered; any other one is refused, with 421 or 400, and not repeated."""
    for place in ("/", METADATA[0], "/oauth/token", "/api/v2/clients", "/static/base.css"):
        for line in (f"GET {place}", f"OPTIONS {place}"):
            raw = request(line, f"host: {host.encode().decode('latin-1')}", f"origin: https://{EVIL}")
            heard = said(target.port, raw)
            assert status(heard) in (400, 421), heard
            is_untouched(heard)
            assert b"access-control-allow-origin" not in heard.lower()
            if len(host) > 9:
                assert host.encode().partition(b"example")[0] not in heard.partition(b"\r\n\r\n")[2].replace(
                    HOST.encode(), b""
                ) or host.startswith((HOST, "x"))


def test_the_same_host_is_one_host(target: Target) -> None:
    """Case and the usual port do not matter, and what we call ourselves is the configured spelling."""
    for host in (HOST.upper(), f"{HOST}:443"):
        heard = said(target.port, request(f"GET {METADATA[0]}", f"host: {host}"))
        assert f'"issuer":"{ORIGIN}/"'.encode() in heard


TWICE = (
    (f"host: {HOST}", f"host: {EVIL}"),
    (f"host: {EVIL}", f"host: {HOST}"),
    (f"host: {HOST}", f"host: {HOST}"),
    (f"host: {HOST}", f"HOST: {EVIL}"),
    (f"host: {HOST}", f"host : {EVIL}"),
    (f"host: {HOST}", f" host: {EVIL}"),
    (f"host: {HOST}\r\n {EVIL}",),
    (f"host: {HOST}\r {EVIL}",),
    (f"host: {HOST}\n{EVIL}: x",),
    (f"host: {HOST}\0{EVIL}",),
    (f"host\0: {HOST}",),
    (),
)


@pytest.mark.parametrize("headers", TWICE, ids=repr)
def test_two_hosts_are_none(target: Target, headers: tuple[str, ...]) -> None:
    """A request with two hosts, a folded one or none at all is refused, and neither name comes back."""
    for line in (f"GET {METADATA[0]}", "GET /", f"OPTIONS {METADATA[0]}"):
        heard = said(target.port, request(line, *headers))
        assert status(heard) in (400, 421) or (
            b"\n" + EVIL.encode() in "".join(headers).encode() and status(heard) == 200
        ), heard
        is_untouched(heard)


TARGETS = (
    f"http://{EVIL}{METADATA[0]}", f"https://{EVIL}{METADATA[0]}", f"http://{EVIL}/",
    f"http://{HOST}@{EVIL}/", f"//{EVIL}{METADATA[0]}",
    f"//{EVIL}/", f"/\\{EVIL}", f"/{EVIL}/..{METADATA[0]}", f"http://{EVIL}", "*", f"{EVIL}:80",
    f"ftp://{EVIL}/", f"/?http://{EVIL}/",
    f"javascript://{EVIL}/%0aalert(1)", f"/%0d%0alocation:%20https://{EVIL}/", f"/t/acme/@{EVIL}/",
    f"/t/{EVIL}/", f"/t//{EVIL}/",
)  # fmt: skip


@pytest.mark.parametrize("line", TARGETS)
def test_the_target_names_no_host(target: Target, line: str) -> None:
    """A target in absolute form, or one that looks like it, does not rename us."""
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        heard = said(target.port, request(f"{method} {line}", f"host: {HOST}", "content-length: 0"))
        assert status(heard) in (200, 204, 400, 404, 405)
        if "?" not in line:
            is_untouched(heard)
        assert b"\r\nlocation:" not in heard.lower()


def test_a_realm_is_ours(target: Target) -> None:
    """The challenges name the configured address of whoever was asked, and nothing from the request."""
    basic = request(
        "POST /oauth/token", f"host: {HOST}", "authorization: Basic eDp4", *FORWARDED, "content-length: 0"
    )
    heard = said(target.port, basic)
    assert f'www-authenticate: Basic realm="{ORIGIN}", charset="UTF-8"'.encode() in heard
    bearer = request("GET /t/acme/api/v2/clients", f"host: {HOST}", "authorization: Bearer x", *FORWARDED)
    assert f'Bearer realm="{ORIGIN}/t/acme/api/v2/"'.encode() in said(target.port, bearer)


ORIGINS = (
    "https://evil.example", "https://app.example.evil.example", "https://evil.example/https://app.example",
    "https://app.example.",
    "https://APP.example", "http://app.example", "https://app.example:443", "https://app.example:8443",
    "https://x.app.example",
    "https://app.example@evil.example", "https://app.example/", "https://app_example", "null", "*", "",
    "file://", "https://*",
    "https://app.example, https://evil.example", "https://app.example\tx", "https://app.example%00",
    "app.example", "x" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: repr(origin)[:40])
def test_an_origin_is_named_or_gets_nothing(target: Target, origin: str) -> None:
    """Only an origin that a client named, letter for letter, is let in; no other one is reflected."""
    for line in (
        "OPTIONS /oauth/token",
        "POST /oauth/token",
        "OPTIONS /api/v2/clients",
        "OPTIONS /t/acme/oauth/token",
    ):
        heard = said(target.port, request(line, f"host: {HOST}", f"origin: {origin}", "content-length: 0"))
        assert b"access-control-allow-origin" not in heard.lower()
        assert b"access-control-allow-credentials" not in heard.lower()
    named = request("OPTIONS /oauth/token", f"host: {HOST}", "origin: https://app.example")
    assert b"access-control-allow-origin: https://app.example\r\n" in said(target.port, named)
    other = request("OPTIONS /t/acme/oauth/token", f"host: {HOST}", "origin: https://app.example")
    assert b"access-control-allow-origin" not in said(target.port, other)


def test_hosts_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a directory that knows every host, the issuer is whatever the attacker says."""
    raw = request(f"GET {METADATA[0]}", f"host: {EVIL}")
    assert status(said(double.target.port, raw)) == 421
    monkeypatch.setattr(Addresses, "knows", lambda *_: True)
    heard = said(double.target.port, raw)
    assert status(heard) == 200
    assert f'"issuer":"https://{EVIL}/"'.encode() in heard
