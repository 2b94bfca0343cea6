"""Between the socket and the parser: a head has a size and a time."""

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from sekisho.cli import wire
from sekisho.cli.wire import Guarded, JsonLine


class Line:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, text: bytes) -> None:
        self.written += text

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Parser:
    """A protocol whose heads end with a full stop and whose bodies end with an exclamation mark."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.connections: set[object] = set()
        self.cycle: Any = None
        self.pipeline: list[object] = []
        self.eof_received = self.pause_writing = self.resume_writing = lambda: None

    def connection_made(self, transport: object) -> None: ...

    def connection_lost(self, error: object) -> None: ...

    def data_received(self, chunk: bytes) -> None:
        if chunk.endswith(b"."):
            self.cycle = SimpleNamespace(more_body=True, response_complete=False)
        if chunk.endswith(b"!"):
            self.cycle.more_body = False


@pytest.fixture
async def parser() -> Parser:
    """What is guarded."""
    return Parser()


@pytest.fixture
async def line() -> Line:
    """Where it would be heard."""
    return Line()


@pytest.fixture
async def guarded(parser: Any, line: Any) -> Guarded:
    """A connection that was just made."""
    made = Guarded(parser)
    made.connection_made(line)
    return made


async def test_ends_a_head_that_has_no_end(guarded: Guarded, line: Any):
    """A head beyond its bound is refused with 431. RFC 6585 section 5."""
    for _ in range(wire.HEAD_BYTES // 1024):
        guarded.data_received(b"a" * 1024)
    assert not line.closed
    guarded.data_received(b"a")
    assert line.closed
    assert line.written.startswith(b"HTTP/1.1 431 ")


async def test_lets_a_body_be_as_long_as_its_reader_allows(guarded: Guarded, line: Line):
    """Bytes of a body that is being read do not count as a head."""
    guarded.data_received(b"head.")
    for _ in range(100):
        guarded.data_received(b"a" * wire.HEAD_BYTES)
    guarded.data_received(b"end!")
    assert not line.closed


async def test_counts_again_when_the_answer_was_early(guarded: Guarded, parser: Parser, line: Line):
    """A body that nobody reads any more has a bound, too."""
    guarded.data_received(b"head.")
    parser.cycle.response_complete = True
    for _ in range(wire.LEFT_BYTES // wire.HEAD_BYTES):
        guarded.data_received(b"a" * wire.HEAD_BYTES)
    assert not line.closed
    guarded.data_received(b"a")
    assert line.closed


@pytest.mark.parametrize("first", [b"", b"GET / HTT", b"head."])
async def test_a_head_has_its_time(first: bytes, parser: Any, line: Any, monkeypatch: pytest.MonkeyPatch):
    """Whoever connects and does not finish a head is let go; a request that is being answered is not."""
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.02)
    guarded = Guarded(parser)
    guarded.connection_made(line)
    if first:
        guarded.data_received(first)
    await asyncio.sleep(0.1)
    assert line.closed == (first != b"head.")


async def test_looks_no_more_when_the_connection_is_gone(
    parser: Any, line: Any, monkeypatch: pytest.MonkeyPatch
):
    """A connection that ended is not ended again."""
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.01)
    guarded = Guarded(parser)
    guarded.connection_made(line)
    guarded.connection_lost(None)
    await asyncio.sleep(0.05)
    assert not line.closed


def test_lines_of_the_server_are_json():
    """What the server itself logs has the shape of our lines, with what went wrong."""
    with pytest.raises(ValueError, match="oops") as wrong:
        int("oops")
    facts = (ValueError, wrong.value, None)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "at %s", ("x",), facts)
    line = json.loads(JsonLine().format(record))
    assert (line["level"], line["text"]) == ("error", "at x")
    assert "ValueError: invalid literal" in line["exception"]
