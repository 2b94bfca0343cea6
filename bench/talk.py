"""Talks: requests of which each follows from the answer before, the same for the load and for a proof."""

import socket
from collections.abc import Callable, Generator
from typing import NamedTuple

from bench.failure import BenchError
from bench.wire import HOST, PATIENCE, content_length


class Heard(NamedTuple):
    """One answer."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head[9:12])

    def fields(self, name: bytes) -> list[str]:
        lines = (line.partition(b": ") for line in self.head.split(b"\r\n")[1:])
        return [value.decode() for key, _, value in lines if key.lower() == name]

    def expect(self, status: int) -> "Heard":
        if self.status != status:
            raise BenchError(f"{self.status} instead of {status}: {(self.head + self.body)[:1000]!r}")
        return self


Talk = Generator[bytes, Heard, None]
Begin = Callable[[], Talk]


def hold(port: int, talk: Talk) -> None:
    """One talk on a connection of its own."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection:
        try:
            request = next(talk)
            while True:
                connection.sendall(request)
                request = talk.send(_heard(connection))
        except StopIteration:
            return


def _heard(connection: socket.socket) -> Heard:
    answer, head = b"", -1
    while head < 0 or len(answer) < head + 4 + content_length(answer, head):
        part = connection.recv(65_536)
        if not part:
            raise BenchError(f"the server hung up after {answer[:1000]!r}")
        answer += part
        head = answer.find(b"\r\n\r\n")
    return Heard(answer[:head], answer[head + 4 :])
