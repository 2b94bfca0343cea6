"""Class 70: headers, lengths and cookies that mean one thing to us and another one to the pages' server."""

import asyncio
import re
from collections.abc import Mapping

import pytest

from sekisho.spec.portal import relay
from tests.attacks.household import Household
from tests.attacks.portal_pages import OURS, SECRET, elsewhere, head_of, heard
from tests.attacks.target import OTHER_HOST
from tests.attacks.wire import said, status
from tests.fetch.far import HOST, response, says

PAGE = response(b"<p>page", content_type="text/html")


def told(head: str) -> Mapping[str, list[str]]:
    """The headers that arrived there."""
    return head_of(head.encode("latin-1"))


HOPS = (
    "connection: close, x-secret, Authorization", "keep-alive: timeout=5", "proxy-authorization: Basic x",
    "proxy-connection: keep-alive", "te: trailers", "trailer: x", "upgrade: h2c", "http2-settings: x",
    "expect: 100-continue",
)  # fmt: skip


async def test_what_is_between_two_neighbours_stays_there(home: Household) -> None:
    """Hop-by-hop headers, and those that `Connection` names, end here; ours are said anew."""
    async with elsewhere(home, says(PAGE)) as there:
        more = ("x-secret: 1", "authorization: Bearer x", "connection: x-forwarded-for, host, via, cookie")
        await heard(home, "GET /x", *HOPS, *more, "cookie: a=b", "x-kept: 1")
        (head,) = there.heads
    found = told(head)
    gone = ("keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade", "expect")
    assert not set(gone) & set(found)
    assert (found["connection"], found["host"], found["via"]) == (["close"], [HOST], ["1.1 sekisho"])
    assert found["x-forwarded-for"] == ["127.0.0.1"]
    assert "cookie" not in found


SPOOFS = (
    "x-forwarded-for: 1.2.3.4", "x-forwarded-host: evil.example", "x-forwarded-proto: http",
    "x-forwarded-port: 1", "x-forwarded-prefix: /evil", "x-forwarded-user: admin", "forwarded: for=1.2.3.4",
    "x_forwarded_for: 1.2.3.4", "X-Forwarded_For: 1.2.3.4", "x.forwarded.for: 1.2.3.4", "x-real-ip: 1.2.3.4",
    "X_Real_IP: 1.2.3.4", "true-client-ip: 1.2.3.4", "client-cert: x", "x-original-url: /admin",
    "x-rewrite-url: /admin", "x-accel-redirect: /x", "x-accel-buffering: no", "proxy: http://evil.example",
    "x-correlation-id: mine", "content_length: 5", "transfer_encoding: chunked", "via: 1.0 evil",
)  # fmt: skip


async def test_nobody_says_who_asks_but_us(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a proxy may say is ours, in every spelling; a list with one spelling lets others through."""
    async with elsewhere(home, says(PAGE)) as there:
        await heard(home, "GET /x", *SPOOFS)
        found = told(there.heads[0])
        assert set(found) == {
            *("host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-correlation-id", "via"),
            "connection",
        }
        assert found["x-forwarded-for"] == ["127.0.0.1"]
        assert found["x-forwarded-host"] == [OTHER_HOST]
        assert found["x-forwarded-proto"] == ["https"]
        monkeypatch.setattr(relay, "_SIGNS", re.compile("[^-_.a-z0-9]"))
        await heard(home, "GET /x", *SPOOFS)
        assert told(there.heads[1])["x_forwarded_for"] == ["1.2.3.4"]


async def test_two_hosts_are_none(home: Household) -> None:
    """A host that is not ours, or comes twice, is refused before anybody is asked."""
    async with elsewhere(home, says(PAGE)) as there:
        for hosts in (
            ("evil.example",),
            (HOST,),
            (OTHER_HOST, "evil.example"),
            (f"{OTHER_HOST}@evil.example",),
        ):
            lines = "".join(f"host: {host}\r\n" for host in hosts)
            raw = f"GET /x HTTP/1.1\r\n{lines}connection: close\r\n\r\n".encode()
            assert status(await asyncio.to_thread(said, home.port, raw, 2)) in (400, 421)
        assert there.connections == 0


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
LIES = (
    "content-length: 5\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 5",
    "content-length: 5\r\ncontent-length: 50", "content-length: +5", "transfer-encoding: xchunked",
    "transfer-encoding : chunked", "transfer-encoding: chunked\r\ntransfer-encoding: identity",
    "transfer-encoding:\x0bchunked", "content-length: 0\r\n transfer-encoding: chunked",
    "x: y\rtransfer-encoding: chunked", "x: y\ntransfer-encoding: chunked", "x: y\0", "x\r\n: y", "x y: z",
)  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
async def test_a_body_is_never_a_request(home: Household, lie: str) -> None:
    """Whatever is said of its length, what goes on has one length, and nothing after it."""
    async with elsewhere(home, says(PAGE)) as there:
        raw = f"POST /x HTTP/1.1\r\nhost: {OTHER_HOST}\r\n{lie}\r\n\r\n".encode() + b"0\r\n\r\n" + SMUGGLED
        heard = await asyncio.to_thread(said, home.port, raw, 0.5)
        assert b"smuggled" not in heard
        for head in there.heads:
            assert head.count("HTTP/1.1\r\n") <= 1 or "smuggled" not in head.partition("\r\n")[0]
            assert "transfer-encoding" not in told(head)
            assert len(told(head)["content-length"]) == 1
            assert not head.startswith("GET /smuggled")


COOKIES = (
    f"a=1; {OURS}={SECRET}; b=2", f"{OURS}={SECRET}", f"a=1;{OURS}={SECRET};b=2", f" \t{OURS} ={SECRET}; a=1",
    f"sekisho-sso-acme={SECRET}; a=1", f"__Secure-Sekisho-x={SECRET}", f'a="x; {OURS}={SECRET}"',
    f"x{OURS}={SECRET}; a=1", f"a=1,{OURS}={SECRET}", f"a=1; {OURS}", f"a={'x' * 9_000}; {OURS}={SECRET}",
)  # fmt: skip


@pytest.mark.parametrize("cookies", COOKIES, ids=lambda text: text[:30])
async def test_our_cookies_do_not_travel(home: Household, cookies: str) -> None:
    """What signs a person in here is nothing that the pages' server sees, wherever it stands."""
    async with elsewhere(home, says(PAGE)) as there:
        await heard(home, "GET /x", f"cookie: {cookies}")
        found = told(there.heads[0]).get("cookie", [""])[0]
    if "," not in cookies:  # that is one cookie whose value has our name in it, and no cookie of ours
        assert SECRET not in found
    assert not any("sekisho-" in pair.partition("=")[0].lower() for pair in found.split(";"))


async def test_the_name_is_what_keeps_them(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a session goes to whoever has the pages."""
    monkeypatch.setattr(relay, "OURS", "nothing of ours is called like this")
    async with elsewhere(home, says(PAGE)) as there:
        await heard(home, "GET /x", f"cookie: a=1; {OURS}={SECRET}")
        assert SECRET in there.heads[0]


SET = (
    f"{OURS}=evil; Path=/; Secure", "sekisho-sso-acme=evil", "SEKISHO-sso-acme=evil", f"={OURS}=evil",
    f" {OURS} =evil", f"={OURS}", "x__Host-sekisho-flow-1=evil",
)  # fmt: skip


@pytest.mark.parametrize("cookie", SET)
async def test_nobody_sets_cookies_of_ours(home: Household, cookie: str) -> None:
    """A session that somebody else begins or ends is not passed back; nor what only reads like one."""
    page = response(b"x", set_cookie=cookie)
    async with elsewhere(home, says(page)):
        assert "set-cookie" not in head_of(await heard(home, "GET /x"))


async def test_cookies_stay_on_this_host(home: Household) -> None:
    """Several are passed back, none for the neighbours: hosts of other tenants may be among them."""
    lines = "set-cookie: a=1; Domain=example; Path=/\r\nSet-Cookie: b=2; HttpOnly;domain = .acme.example\r\n"
    page = f"HTTP/1.1 200 OK\r\n{lines}set-cookie: {OURS}=evil\r\ncontent-length: 0\r\n\r\n".encode()
    async with elsewhere(home, says(page)):
        found = head_of(await heard(home, "GET /x"))["set-cookie"]
    assert found == ["a=1; Path=/", "b=2; HttpOnly"]


UNHEARD = (
    "service-worker-allowed: /", "clear-site-data: *", "strict-transport-security: max-age=0", "alt-svc: h3",
    "nel: {}", "report-to: {}", "set-login: logged-out", "x-accel-redirect: /internal",
    "x-sendfile: /etc/passwd", "keep-alive: timeout=5", "upgrade: h2c", "proxy-authenticate: Basic",
    "trailer: x", "x-secret: 1",
    "x-content-type-options: none", "referrer-policy: unsafe-url", "cross-origin-resource-policy: same-site",
    "set-cookie2: a=1", "connection: close, x-secret", "server: theirs", "x-correlation-id: theirs",
    "X_Accel_Redirect: /internal", "public-key-pins: x", "via: 1.1 theirs",
)  # fmt: skip


async def test_what_holds_for_the_whole_origin_is_not_passed_back(home: Household) -> None:
    """Workers above all pages, cleared sessions, other servers for the host: the origin is not theirs."""
    lines = "".join(
        f"{line}\r\n" for line in (*UNHEARD, "content-security-policy: default-src 'self'", "vary: x")
    )
    page = f"HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n".encode()
    async with elsewhere(home, says(page)):
        found = head_of(await heard(home, "GET /x"))
    assert found.get("server") != ["theirs"]
    assert set(found) - {"server"} == {
        *("content-security-policy", "vary", "content-length", "x-correlation-id", "date", "connection"),
        *("x-content-type-options", "referrer-policy", "cross-origin-resource-policy"),
        "strict-transport-security",
    }
    assert all(len(values) == 1 for values in found.values())
    assert found["referrer-policy"] == ["no-referrer"]
    assert found["strict-transport-security"] != ["max-age=0"]
    assert found["x-correlation-id"] != ["theirs"]


ANSWERS = (
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx" + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\npoison",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxpoison",
)  # fmt: skip
BROKEN = (
    b"HTTP/1.1 200 OK\r\na: b\r\n\x00set-cookie: poison\r\n\r\n", b"HTTP/1.1 200 OK\r\na\x0b: poison\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 6\r\n\r\npoison",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: poison\r\n\r\n",
    b"HTTP/1.1 200 OK\r\na: b\rset-cookie: poison\r\n\r\n",
)  # fmt: skip


async def test_an_answer_is_one_answer(home: Household) -> None:
    """What comes after it, on whatever pretext, is nobody's: each request has a connection of its own."""
    for answer in ANSWERS:
        async with elsewhere(home, says(answer)) as there:
            for _ in range(2):
                found = await heard(home, "GET /x")
                assert (status(found), found.partition(b"\r\n\r\n")[2]) == (200, b"x")
            assert there.connections == 2
    for answer in BROKEN:
        async with elsewhere(home, says(answer)):
            found = await heard(home, "GET /x")
            assert status(found) == 502
            assert b"poison" not in found


async def test_half_an_answer_is_never_whole(home: Household) -> None:
    """Where the server breaks off, so do we: the length is not reached, or the last chunk does not come."""
    size = 300_000
    for length in (str(size + 1), ""):
        head = f"content-length: {length}" if length else "transfer-encoding: chunked"
        body = b"x" * size if length else b"%x\r\n" % size + b"x" * size + b"\r\n"
        page = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body
        async with elsewhere(home, says(page)):
            found = await heard(home, "GET /x")
        assert status(found) == 200
        assert not found.endswith(b"0\r\n\r\n")
        assert len(found.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"")) < size + 100
