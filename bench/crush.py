"""More load than a server can take: connections that hurry, that read slowly, and that send too much."""

import asyncio
import socket
import statistics
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

import uvloop

from bench.failure import BenchError
from bench.wire import HOST, content_length

EXPECTED = frozenset((200, 413, 429, 503))
PIPELINED = 100
SIP_EVERY = 1.0
PAUSE = 0.01
HEAVY_PAUSE = 0.1


@dataclass(frozen=True)
class Crush:
    """How many connections of each kind, and what they send."""

    eager: int
    request: bytes
    slow: int = 0
    slow_request: bytes = b""
    heavy: int = 0
    heavy_request: bytes = b""


@dataclass
class Outcome:
    """What the eager ones were answered, how fast; and what the heavy ones were."""

    seconds: float = 0.0
    took: dict[int, list[float]] = field(default_factory=dict)
    heavy: Counter[int] = field(default_factory=Counter)
    sips: int = 0

    @property
    def admitted(self) -> list[float]:
        """Milliseconds of the answers that gave what was asked for."""
        return self.took.get(200) or [0.0]

    @property
    def rate(self) -> float:
        return len(self.took.get(200, ())) / self.seconds

    @property
    def refused(self) -> float:
        return sum(len(took) for status, took in self.took.items() if status != 200) / self.seconds

    @property
    def median(self) -> float:
        return statistics.median(self.admitted)

    @property
    def p99(self) -> float:
        return sorted(self.admitted)[int(len(self.admitted) * 0.99)]


def press(port: int, crush: Crush, seconds: float) -> Outcome:
    """All of them at once, for a while."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_press(port, crush, seconds))


async def _press(port: int, crush: Crush, seconds: float) -> Outcome:
    found = Outcome()
    runs: list[Coroutine[None, None, None]] = [_slow(port, crush, found) for _ in range(crush.slow)]
    runs += [_heavy(port, crush, found) for _ in range(crush.heavy)]
    runs += [_eager(port, crush, found) for _ in range(crush.eager)]
    tasks = [asyncio.create_task(run) for run in runs]
    began = time.perf_counter()
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    found.seconds = time.perf_counter() - began
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
    return found


async def _eager(port: int, crush: Crush, found: Outcome) -> None:
    """One request after the other; only what was promised may come back."""
    while True:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            while True:
                began = time.perf_counter()
                writer.write(crush.request)
                status = await _status(reader)
                if status not in EXPECTED:
                    raise BenchError(f"status {status} under overload")
                found.took.setdefault(status, []).append((time.perf_counter() - began) * 1000)
        except (ConnectionError, asyncio.IncompleteReadError):
            found.took.setdefault(0, []).append(0.0)
            await asyncio.sleep(PAUSE)
        finally:
            writer.close()


async def _heavy(port: int, crush: Crush, found: Outcome) -> None:
    """A body that nobody asked for, again and again; hanging up on it is an answer too."""
    while True:
        status = 0
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(crush.heavy_request)
                status = await _status(reader)
            finally:
                writer.close()
        if status == 200:
            raise BenchError("a body that is too large was taken")
        found.heavy[status] += 1
        await asyncio.sleep(HEAVY_PAUSE)


async def _slow(port: int, crush: Crush, found: Outcome) -> None:
    """Asks for much at once, and reads a byte each second."""
    loop = asyncio.get_running_loop()
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        wire.setblocking(False)  # noqa: FBT003 - so the socket has it
        await loop.sock_connect(wire, (HOST, port))
        asking = asyncio.create_task(loop.sock_sendall(wire, crush.slow_request * PIPELINED))
        try:
            with suppress(ConnectionError):
                while await loop.sock_recv(wire, 1):
                    found.sips += 1
                    await asyncio.sleep(SIP_EVERY)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(content_length(head, len(head)))
    return int(head.split(b" ", 2)[1])
