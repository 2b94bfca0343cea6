"""A portal's own pages out of another server: what goes there, what comes back, and what never does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from sekisho.fetch import relay
from sekisho.fetch.fetcher import Fetcher
from sekisho.fetch.order import Caps
from sekisho.spec.address import Addresses
from sekisho.spec.refusal import OVERLOADED, Reason
from sekisho.spec.refusals.portal import SITE_OVERSIZED, SITE_SLOW, SITE_UNREACHABLE
from tests.faces.power_pages.pages import Pages, opened
from tests.fetch.far import HOST, PUBLIC, Answer, Far, World, far, fetching, response, says

UPSTREAM = f"https://{HOST}"
GOOD = response(b"<p>hello", content_type="text/html")


@asynccontextmanager
async def shown(answer: Answer, world: World | None = None) -> AsyncIterator[tuple[Pages, Far]]:
    """A portal whose pages another server has."""
    pages = await opened()
    await pages.show(upstream=UPSTREAM)
    async with far(answer) as there:
        world = world or World()
        world.server = there
        async with fetching(world) as fetcher:
            object.__setattr__(pages.tenant.tools, "fetch", fetcher)
            yield pages, there


def told(head: str) -> dict[str, str]:
    """The headers of a request that arrived there; none came twice."""
    lines = head.partition("\r\n\r\n")[0].split("\r\n")[1:]
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    assert len(dict(pairs)) == len(pairs), lines
    return dict(pairs)


async def test_a_page_is_passed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, type and body are the server's; what we say of every answer is ours."""
    page = response(b"<p>hello", "418 Tea", content_type="text/html", x_powered="tea", etag='"1"')
    async with shown(says(page)) as (pages, _):
        answer = await pages.ask("GET /a/b?c=%2F&d&e=+x", accept="text/html")
    assert (answer.status_code, answer.text) == (418, "<p>hello")
    assert answer.headers["content-type"] == "text/html"
    assert (answer.headers["x-powered"], answer.headers["etag"]) == ("tea", '"1"')
    assert answer.headers["content-length"] == "8"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_request_is_passed_on() -> None:
    """Method, path, query and body as they came, to the server's own name; who asked is ours to say."""
    async with shown(says(GOOD)) as (pages, there):
        headers = {"content_type": "application/x-www-form-urlencoded", "authorization": "Bearer x"}
        await pages.ask("POST /a;b/%E6%97%A5?c=%2F&d&e=+x&f={|}", b"x=1", **headers)
        (head,) = there.heads
    assert head.startswith("POST /a;b/%E6%97%A5?c=%2F&d&e=+x&f={|} HTTP/1.1\r\n")
    assert told(head) == {
        "host": HOST,
        "content-type": "application/x-www-form-urlencoded",
        "authorization": "Bearer x",
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-host": "id.example.com",
        "x-forwarded-proto": "https",
        "x-correlation-id": told(head)["x-correlation-id"],
        "via": "1.1 sekisho",
        "connection": "close",
        "content-length": "3",
    }
    assert head.endswith("\r\n\r\nx=1")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_usual_method_goes_there(method: str) -> None:
    """OPTIONS too: what other origins may do there, the pages' server says."""
    async with shown(says(response(b"" if method == "HEAD" else b"x", access_control_max_age="1"))) as (
        p,
        there,
    ):
        answer = await p.ask(f"{method} /x", origin="https://elsewhere.example")
    assert answer.status_code == 200
    assert answer.headers["access-control-max-age"] == "1"
    assert there.heads[0].startswith(f"{method} /x ")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
async def test_other_methods_do_not(method: str) -> None:
    """TRACE would show what was passed on, CONNECT would be a tunnel."""
    async with shown(says(GOOD)) as (pages, there):
        assert (await pages.ask(f"{method} /x")).status_code == 405
        assert there.connections == 0


async def test_the_first_page_is_the_servers() -> None:
    """Whatever it says there, that there is nothing included."""
    async with shown(says(response(b"none", "404 Not Found"))) as (pages, _):
        answer = await pages.ask("GET /")
    assert (answer.status_code, answer.text) == (404, "none")


async def test_the_first_page_is_not_ours_because_theirs_is_away() -> None:
    """A server that does not answer is a bad gateway there, too."""
    async with shown(says(b"")) as (pages, _):
        assert is_refused(await pages.ask("GET /"), SITE_UNREACHABLE) == 502


async def test_redirects_are_for_the_browser() -> None:
    """They are passed back and not followed."""
    location = "https://169.254.169.254/latest"
    async with shown(says(response(b"", "302 Found", location=location))) as (pages, there):
        answer = await pages.ask("GET /x")
        assert there.connections == 1
    assert (answer.status_code, answer.headers["location"]) == (302, location)


@pytest.mark.parametrize(
    ("status", "kind"), [("204 No Content", None), ("304 Not Modified", None), ("200 OK", "")]
)
async def test_an_answer_without_a_body_has_no_type(status: str, kind: str | None) -> None:
    """Nothing is said of what is not there."""
    async with shown(says(response(b"", status, content_type=""))) as (pages, _):
        answer = await pages.ask("GET /x", if_none_match='"x"')
    assert answer.content == b""
    assert "content-type" not in answer.headers


async def test_a_body_without_a_type_is_bytes() -> None:
    """Nobody guesses what it is."""
    async with shown(says(response(b"<script>", content_type=""))) as (pages, _):
        assert (await pages.ask("GET /x")).headers["content-type"] == "application/octet-stream"


async def test_codings_are_not_looked_into() -> None:
    """The browser asked for them and takes them apart."""
    packed = response(b"\x1f\x8bxx", content_encoding="gzip", vary="accept-encoding")
    async with shown(says(packed)) as (pages, there):
        answer = await pages.ask("GET /x", accept_encoding="gzip, br")
    assert told(there.heads[0])["accept-encoding"] == "gzip, br"
    assert (answer._content, answer.headers["content-encoding"]) == (b"\x1f\x8bxx", "gzip")


CHUNKED = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"


def endless(size: int, *, chunked: bool) -> Answer:
    """A long answer, with or without a length."""

    async def answer(_head: str, writer: asyncio.StreamWriter) -> None:
        body = b"x" * size
        if not chunked:
            writer.write(response(body, content_type="text/plain"))
        else:
            writer.write(CHUNKED.encode() + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n")
        await writer.drain()

    return answer


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_long_answer_comes_in_pieces(chunked: bool) -> None:
    """It is handed on as it arrives; its length is said where it is known."""
    size = relay.AHEAD_BYTES * 5
    async with shown(endless(size, chunked=chunked)) as (pages, _):
        answer = await pages.ask("GET /x")
    assert answer.content == b"x" * size
    assert len(pages.sent) > 3
    assert not pages.cut_off
    assert answer.headers.get("content-length") == (None if chunked else str(size))


@pytest.mark.parametrize("length", ["123", ""])
async def test_head_says_what_get_would(length: str) -> None:
    """The length that the server says, and nothing where it says none."""
    async with shown(says(response(b"", content_length=length))) as (pages, _):
        answer = await pages.ask("HEAD /x")
    assert answer.content == b""
    assert answer.headers.get("content-length") == (length or None)
    assert not pages.cut_off


async def test_an_answer_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says it is too long is refused, one that does not say so is cut off."""
    monkeypatch.setattr(relay, "MOST_BYTES", relay.AHEAD_BYTES * 3)
    size = relay.MOST_BYTES + 1
    async with shown(endless(size, chunked=False)) as (pages, _):
        answer = await pages.ask("GET /x", accept="text/html")
        assert (answer.status_code, pages.cut_off) == (500, False)
        assert SITE_OVERSIZED.slug in answer.text or SITE_OVERSIZED.text in answer.text
    async with shown(endless(size, chunked=True)) as (pages, _):
        answer = await pages.ask("GET /x")
        assert (answer.status_code, pages.cut_off) == (200, True)
        assert len(answer.content) <= relay.MOST_BYTES


async def test_an_answer_that_breaks_off_is_broken_off() -> None:
    """Nobody takes a part of it for the whole."""
    size = relay.AHEAD_BYTES * 2
    short = response(b"x" * size, content_type="text/plain", content_length=str(size + 1))
    async with shown(says(short)) as (pages, _):
        assert (await pages.ask("GET /x")).status_code == 200
        assert pages.cut_off


async def silence(_head: str, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.5)


async def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it begins there is a time, and until it ends there is one."""
    with monkeypatch.context() as patch:
        patch.setattr(relay, "CAPS", Caps(seconds=0.1))
        async with shown(silence) as (pages, _):
            assert is_refused(await pages.ask("GET /x"), SITE_SLOW) == 504

    async def stops(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(response(b"x" * relay.AHEAD_BYTES * 2, content_length="9999999"))
        await writer.drain()
        await asyncio.sleep(0.5)

    monkeypatch.setattr(relay, "WHOLE_SECONDS", 0.2)
    async with shown(stops) as (pages, _):
        assert (await pages.ask("GET /x")).status_code == 200
        assert pages.cut_off


def is_refused(answer: httpx.Response, reason: Reason) -> int:
    """The refusal, in words that tell nothing of where it was tried."""
    assert answer.json() == {"error": reason.error, "error_description": reason.text}
    assert HOST not in answer.text
    assert PUBLIC not in answer.text
    return answer.status_code


@pytest.mark.parametrize(
    "answer",
    [
        says(b""),
        says(b"220 mail.example ESMTP\r\n"),
        says(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"),
        says(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        says(b"HTTP/1.1 700 What\r\ncontent-length: 0\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\na: b\x00c\r\n\r\n"),
        says(response(b"ab", content_length="5")),
    ],
)
async def test_what_is_no_answer_is_a_bad_gateway(answer: Answer) -> None:
    """The page says that the server cannot be reached, the log says why."""
    async with shown(answer) as (pages, _):
        assert is_refused(await pages.ask("GET /x"), SITE_UNREACHABLE) == 502
        page = await pages.ask("GET /x", accept="text/html")
        assert (page.status_code, "These pages cannot be reached" in page.text) == (502, True)


INSIDE = ("10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1")


@pytest.mark.parametrize("address", [*INSIDE, ""])
async def test_a_name_that_leads_inside_is_not_asked(address: str) -> None:
    """Whatever it stood for when it was said."""
    world = World(answers=[(address,) if address else ()])
    async with shown(says(GOOD), world) as (pages, _):
        assert is_refused(await pages.ask("GET /x"), SITE_UNREACHABLE) == 502
    assert world.dialled == []


async def test_nobody_answers() -> None:
    """A dead server is a bad gateway."""
    async with shown(says(GOOD), World(dead=frozenset((PUBLIC,)))) as (pages, _):
        assert is_refused(await pages.ask("GET /x"), SITE_UNREACHABLE) == 502


async def test_the_certificate_is_held_to_the_name() -> None:
    """A server with another name is not asked anything."""
    pages = await opened()
    await pages.show(upstream="https://elsewhere.example")
    async with far(says(GOOD), HOST) as there, fetching(World(there)) as fetcher:
        object.__setattr__(pages.tenant.tools, "fetch", fetcher)
        assert is_refused(await pages.ask("GET /x"), SITE_UNREACHABLE) == 502
        assert there.heads == []


async def test_an_upstream_that_may_not_be_fetched_any_more() -> None:
    """What was allowed when it was said, and is not now, is not asked."""
    async with shown(says(GOOD)) as (pages, there):
        for upstream in ("http://partner.example", "https://127.0.0.1", "https://partner.example:22"):
            await pages.show(upstream=upstream)
            assert is_refused(await pages.ask("GET /x"), SITE_UNREACHABLE) == 502
        assert there.connections == 0


async def test_pages_that_lead_back_here_end() -> None:
    """A circle is found at its second turn."""
    async with shown(says(GOOD)) as (pages, there):
        assert is_refused(await pages.ask("GET /x", via="1.0 fred, 1.1 sekisho"), SITE_UNREACHABLE) == 502
        assert there.connections == 0
        assert (await pages.ask("GET /x", via="1.0 fred")).status_code == 200


async def test_too_many_at_once_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line has an end; who is served makes room, also where the answer was long."""
    few = Caps(seconds=5, at_work_per_host=1, in_line_per_host=2)
    monkeypatch.setattr(relay, "CAPS", few)

    async def slowly(_head: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(response(b"x" * relay.AHEAD_BYTES * 2))
        await writer.drain()

    async with shown(slowly) as (pages, there):
        await pages.ask("GET /x")  # the way is open now, for all of them
        answers = await asyncio.gather(*(pages.ask("GET /x") for _ in range(5)))
        assert sorted(each.status_code for each in answers) == [200, 200, 503, 503, 503]
        full = next(each for each in answers if each.status_code == 503)
        assert is_refused(full, OVERLOADED) == 503
        assert there.most_at_work == 1
        assert (await pages.ask("GET /x")).status_code == 200


async def test_a_body_has_a_size() -> None:
    """More than a megabyte is refused before anybody is asked."""
    async with shown(says(GOOD)) as (pages, there):
        assert (await pages.ask("POST /x", b"x" * (1024 * 1024 + 1))).status_code == 413
        assert there.connections == 0


async def test_a_query_that_cannot_stand_in_a_request() -> None:
    """A fragment, a space or a control character is refused, not passed on."""
    async with shown(says(GOOD)) as (pages, there):
        for query in (b"a#b", b"a b", b"a\x7f"):
            answer = await pages.hear("GET", b"/x", query, [(b"host", b"id.example.com")])
            assert answer.status_code == 400
        assert there.connections == 0


async def test_nothing_configured_is_nothing_there() -> None:
    """The same refusal in the same voice, before a body is read; below a path there are no pages."""
    pages = await opened()
    for line in ("GET /x", "POST /x", "OPTIONS /x"):
        answer = await pages.ask(line, b"x" * 2_000_000)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    async with shown(says(GOOD)) as (with_pages, there):
        assert (await with_pages.ask("GET /t/demo/x")).status_code == 404
        await with_pages.show(domains=(), upstream=UPSTREAM)
        assert (await with_pages.ask("GET /x")).status_code == 404
        assert there.connections == 0


async def test_http_where_private_addresses_may_be_reached() -> None:
    """In development and tests the pages' server may be on this machine."""
    pages = await opened()
    async with far(says(GOOD), tls=False) as there:
        fetcher = Fetcher(allow_private=True)
        object.__setattr__(pages.tenant.tools, "fetch", fetcher)
        await pages.show(upstream=f"http://127.0.0.1:{there.port}")
        answer = await pages.ask("GET /x")
        assert told(there.heads[0])["host"] == f"127.0.0.1:{there.port}"
    assert answer.text == "<p>hello"


async def test_a_single_tenant_has_its_pages_on_the_shared_host() -> None:
    """There nobody else lives at the same origin; a host with an owner is the owner's alone."""
    alone = Addresses("https://id.example.com", slugs={"demo": "d"}, default="d")
    assert alone.is_alone("d", "id.example.com")
    both = Addresses("https://id.example.com", {"acme.example": "a"}, {"demo": "d", "acme": "a"}, "d")
    assert not both.is_alone("d", "id.example.com")
    assert both.is_alone("a", "acme.example")
    assert not both.is_alone("d", "acme.example")
