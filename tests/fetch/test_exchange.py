"""A response: what is accepted, and what is cut off."""

import asyncio
import gzip
import time
from dataclasses import replace

import pytest

from sekisho.fetch.order import Caps
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED
from tests.fetch.far import CAPS, HOST, URL, Answer, World, far, fetching, response, says

REDIRECTS = "it redirects, and redirects are not followed"
BROKEN = "the connection broke, or does not speak HTTP"
LONG = "the document is longer than 1000 bytes"
BIG_HEAD = b"HTTP/1.1 200 OK\r\n" + b"a: " + b"b" * 200_000 + b"\r\n\r\n"
TWO_LENGTHS = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"


async def refused(answer: Answer, caps: Caps = CAPS) -> str:
    """What is wrong with a server's answer."""
    async with far(answer) as there, fetching(World(there), caps) as fetcher:
        with pytest.raises(Refused) as found:
            await fetcher.get(URL, limit=1000)
        assert there.connections == 1
    assert found.value.reason is FETCH_FAILED
    assert found.value.text == "A document could not be fetched"
    return found.value.debug.removeprefix(f"{HOST}: ")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (response(status="301 Moved", location="https://partner.example/keys"), REDIRECTS),
        (response(status="302 Found", location="http://127.0.0.1/"), REDIRECTS),
        (response(status="307 Temporary Redirect", location="/keys"), REDIRECTS),
        (response(status="304 Not Modified"), REDIRECTS),
        (response(status="201 Created"), "it answers with the status 201"),
        (response(b"", "204 No Content", content_length=""), "it answers with the status 204"),
        (response(status="206 Partial Content"), "it answers with the status 206"),
        (response(status="401 Unauthorized"), "it answers with the status 401"),
        (response(status="404 Not Found"), "it answers with the status 404"),
        (response(status="500 Oops"), "it answers with the status 500"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            BROKEN,
        ),
        (
            response(gzip.compress(b"{}"), content_encoding="gzip"),
            "it sends a content coding that was not asked for",
        ),
        (response(content_encoding="identity, br"), "it sends a content coding that was not asked for"),
        (response(b"a" * 1001), LONG),
        (response(b"", content_length="99999999999999999999"), LONG),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n" + b"a" * 1001 + b"\r\n0\r\n\r\n",
            LONG,
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1001, LONG),
        (response(b"a" * 10, content_length="11"), BROKEN),
        (response(transfer_encoding="gzip, chunked"), BROKEN),
        (TWO_LENGTHS, BROKEN),
        (BIG_HEAD, BROKEN),
        (b"", BROKEN),
        (b"220 mail.example ESMTP\r\n", BROKEN),
        (b"HTTP/1.1 200 OK\r\n bad\r\n\r\n", BROKEN),
        (b"HTTP/2 200\r\n\r\n", BROKEN),
        (b"\xff\xfe\x00" * 100, BROKEN),
    ],
)
async def test_refuses_an_answer(answer: bytes, problem: str):
    """Anything but one plain document with status 200 within the limit is refused, with one request."""
    assert await refused(says(answer)) == problem


@pytest.mark.parametrize(
    "answer",
    [
        response(b"a" * 1000),
        response(b"a" * 1000, content_encoding="identity"),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n" + b"a" * 1000 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1000,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + response(b"a" * 1000),
        b"HTTP/1.0 200 OK\r\nx: \xff\r\n\r\n" + b"a" * 1000,
    ],
)
async def test_accepts_a_document_up_to_the_limit(answer: bytes):
    """A document of exactly the limit passes, however its length is told."""
    async with far(says(answer)) as there, fetching(World(there)) as fetcher:
        assert (await fetcher.get(URL, limit=1000)).body == b"a" * 1000


async def test_cuts_off_a_long_body():
    """A body without an end is not read on once it is too long."""
    sent = 0

    async def endless(_head: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 256 * 1024 * 1024:
            writer.write(b"a" * 65_536)
            await writer.drain()
            sent += 65_536

    assert await refused(endless) == LONG
    assert sent < 32 * 1024 * 1024  # what the buffers of the system took


async def test_does_not_wait_for_a_body_that_is_announced_too_long():
    """A length above the limit is refused by its header alone."""

    async def announces(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(response(b"", content_length="1000000"))
        await writer.drain()
        await asyncio.sleep(1)

    started = time.monotonic()
    assert await refused(announces) == LONG
    assert time.monotonic() - started < 2.5


async def drips_head(_head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(50):
        writer.write(b"a: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drips_body(_head: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
    for _ in range(50):
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def hints_forever(_head: str, writer: asyncio.StreamWriter) -> None:
    for _ in range(50):
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("drip", [drips_head, drips_body, hints_forever])
async def test_cuts_off_a_slow_drip(drip: Answer):
    """The whole fetch has one time limit; a byte now and then does not stretch it."""
    started = time.monotonic()
    assert await refused(drip, replace(CAPS, seconds=0.6)) == "it takes too long"
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("caps", "problem"),
    [
        (replace(CAPS, connect_seconds=0.3), "it does not answer in time"),
        (replace(CAPS, seconds=0.3), "it takes too long"),
    ],
)
async def test_cuts_off_a_handshake_without_an_end(caps: Caps, problem: str):
    """A server that accepts and says nothing costs the time of a connection, and leaves no socket behind."""
    release = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read(1)
        await reader.read()
        writer.close()
        release.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    world = World()
    async with far(says(b"")) as there, fetching(world, caps) as fetcher:
        there.port, world.server = server.sockets[0].getsockname()[1], there
        with pytest.raises(Refused) as found:
            await fetcher.get(URL)
        await asyncio.wait_for(release.wait(), 2)  # the server saw our end close
    server.close()
    await server.wait_closed()
    assert found.value.debug == f"{HOST}: {problem}"
