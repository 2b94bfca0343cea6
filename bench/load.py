"""The load generator: keep-alive connections, one request in flight on each, every answer checked."""

import asyncio
import gc
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

from bench.failure import BenchError
from bench.footprint import Reading
from bench.leg import Leg, Window
from bench.talk import Begin, Heard
from bench.wire import HOST, content_length

CONNECTIONS = 32
DRAIN_LIMIT = 20.0


@dataclass(frozen=True)
class Aim:
    """What is asked of whom, and the bytes without which an answer is wrong."""

    port: int
    requests: Sequence[bytes]
    mark: bytes
    status: int = 200


def drive(aim: Aim, window: Window, read: Callable[[], Reading]) -> tuple[Leg, bytes]:
    """One leg of load; also hands back the body of the last answer, for the caller to prove."""
    asking = _Asking(aim)
    leg = _turned(aim.port, asking, [partial(_Connection, asking)] * CONNECTIONS, window, read)
    return leg, asking.last.partition(b"\r\n\r\n")[2]


def converse(port: int, talks: Sequence[Begin], window: Window, read: Callable[[], Reading]) -> Leg:
    """One leg in which each connection holds one talk after the other; a talk is what is counted."""
    crew = _Crew()
    return _turned(port, crew, [partial(_Talker, crew, begin) for begin in talks], window, read)


def _turned(
    port: int,
    crew: "_Crew",
    connections: Sequence[Callable[[], asyncio.Protocol]],
    window: Window,
    read: Callable[[], Reading],
) -> Leg:
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_turn(port, crew, connections, window, read))
    finally:
        gc.enable()


async def _turn(
    port: int,
    crew: "_Crew",
    connections: Sequence[Callable[[], asyncio.Protocol]],
    window: Window,
    read: Callable[[], Reading],
) -> Leg:
    loop = asyncio.get_running_loop()
    crew.over = loop.create_future()
    for connection in connections:
        await loop.create_connection(connection, HOST, port)
    await crew.go_on(window.warm_up)
    count, began, before = crew.count, time.perf_counter(), read()
    await crew.go_on(window.seconds)
    count, seconds = crew.count - count, time.perf_counter() - began
    leg = Leg(count, seconds, *read().since(before))
    await crew.drain()
    if not leg.count:
        raise BenchError(f"not one answer in {window.seconds} s")
    return leg


class _Crew:
    """What the connections of one leg have together."""

    over: asyncio.Future[None]

    def __init__(self) -> None:
        self.count = 0
        self.open = True
        self.busy = 0

    async def go_on(self, seconds: float) -> None:
        await asyncio.wait({self.over}, timeout=seconds)
        if self.over.done():
            self.over.result()

    async def drain(self) -> None:
        """Nothing more is sent; what is still on its way has to arrive and be right."""
        self.open = False
        await self.go_on(DRAIN_LIMIT)
        if not self.over.done():
            raise BenchError(f"{self.busy} requests were not answered in {DRAIN_LIMIT} s")

    def leave(self) -> None:
        self.busy -= 1
        if not self.busy and not self.over.done():
            self.over.set_result(None)

    def fail(self, why: str) -> None:
        self.open = False
        if not self.over.done():
            self.over.set_exception(BenchError(why))


class _Asking(_Crew):
    """All connections ask the same, or one after the other of the same."""

    def __init__(self, aim: Aim) -> None:
        super().__init__()
        self.requests: Iterator[bytes] = itertools.cycle(aim.requests)
        self.mark = aim.mark
        self.first = b"HTTP/1.1 %d " % aim.status
        self.last = b""


class _Line(asyncio.Protocol):
    """One keep-alive connection: a request, its whole answer, the next request."""

    __slots__ = ("crew", "done", "rest", "transport")

    def __init__(self, crew: _Crew) -> None:
        self.crew = crew
        self.rest = b""
        self.done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.crew.busy += 1
        self.transport.write(self.begun())

    def data_received(self, chunk: bytes) -> None:
        if self.rest:
            chunk = self.rest + chunk
        head = chunk.find(b"\r\n\r\n")
        missing = head + 4 + content_length(chunk, head) - len(chunk) if head >= 0 else 1
        if missing > 0:
            self.rest = chunk
            return
        self.rest = b""
        if missing:
            self.crew.fail(f"more than an answer: {chunk[:1000]!r}")
        following = self.answered(chunk, head)
        if following:
            self.transport.write(following)
        else:
            self.done = True
            self.transport.close()

    def connection_lost(self, _why: Exception | None) -> None:
        if not self.done:
            self.crew.fail("the server closed a connection during the run")
        self.crew.leave()

    def begun(self) -> bytes:
        """The first request."""
        raise NotImplementedError

    def answered(self, answer: bytes, head: int) -> bytes:
        """The next request; nothing if it was the last answer."""
        raise NotImplementedError


class _Connection(_Line):
    __slots__ = ("asking",)

    def __init__(self, asking: _Asking) -> None:
        super().__init__(asking)
        self.asking = asking

    def begun(self) -> bytes:
        return next(self.asking.requests)

    def answered(self, answer: bytes, head: int) -> bytes:
        asking = self.asking
        if not answer.startswith(asking.first) or answer.find(asking.mark, head) < 0:
            asking.fail(f"a wrong answer: {answer[:1000]!r}")
        asking.last = answer
        asking.count += 1
        return next(asking.requests) if asking.open else b""


class _Talker(_Line):
    __slots__ = ("begin", "talk")

    def __init__(self, crew: _Crew, begin: Begin) -> None:
        super().__init__(crew)
        self.begin = begin

    def begun(self) -> bytes:
        self.talk = self.begin()
        return next(self.talk)

    def answered(self, answer: bytes, head: int) -> bytes:
        try:
            return self.talk.send(Heard(answer[:head], answer[head + 4 :]))
        except StopIteration:
            self.crew.count += 1
            return self.begun() if self.crew.open else b""
        except (BenchError, KeyError, ValueError) as wrong:
            self.crew.fail(repr(wrong))
            return b""
