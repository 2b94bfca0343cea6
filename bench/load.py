"""The load generator: keep-alive connections, one request in flight on each, every answer checked."""

import asyncio
import gc
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop

from bench.failure import BenchError
from bench.footprint import Reading
from bench.leg import Leg, Window
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
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_drive(aim, window, read))
    finally:
        gc.enable()


async def _drive(aim: Aim, window: Window, read: Callable[[], Reading]) -> tuple[Leg, bytes]:
    loop = asyncio.get_running_loop()
    shared = _Shared(aim)
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Connection(shared), HOST, aim.port)
    await shared.go_on(window.warm_up)
    count, began, before = shared.count, time.perf_counter(), read()
    await shared.go_on(window.seconds)
    count, seconds = shared.count - count, time.perf_counter() - began
    leg = Leg(count, seconds, *read().since(before))
    await shared.drain()
    if not leg.count:
        raise BenchError(f"not one answer in {window.seconds} s")
    return leg, shared.last.partition(b"\r\n\r\n")[2]


class _Shared:
    """What the connections of one leg have together."""

    def __init__(self, aim: Aim) -> None:
        self.requests: Iterator[bytes] = itertools.cycle(aim.requests)
        self.mark = aim.mark
        self.first = b"HTTP/1.1 %d " % aim.status
        self.count = 0
        self.last = b""
        self.open = True
        self.busy = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

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


class _Connection(asyncio.Protocol):
    __slots__ = ("done", "rest", "shared", "transport")

    def __init__(self, shared: _Shared) -> None:
        self.shared = shared
        self.rest = b""
        self.done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.shared.busy += 1
        self.transport.write(next(self.shared.requests))

    def data_received(self, chunk: bytes) -> None:
        if self.rest:
            chunk = self.rest + chunk
        head = chunk.find(b"\r\n\r\n")
        missing = head + 4 + content_length(chunk, head) - len(chunk) if head >= 0 else 1
        if missing > 0:
            self.rest = chunk
            return
        self.rest = b""
        shared = self.shared
        if missing or not chunk.startswith(shared.first) or chunk.find(shared.mark, head) < 0:
            shared.fail(f"a wrong answer: {chunk[:1000]!r}")
        shared.last = chunk
        shared.count += 1
        if shared.open:
            self.transport.write(next(shared.requests))
        else:
            self.done = True
            self.transport.close()

    def connection_lost(self, _why: Exception | None) -> None:
        if not self.done:
            self.shared.fail("the server closed a connection during the run")
        self.shared.leave()
