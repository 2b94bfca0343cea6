"""Many requests over few connections, faster than a polite client makes them."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice

WINDOW = 64


def flood(port: int, requests: Iterable[bytes]) -> dict[int, int]:
    """Send them in windows, pipelined; how many answers there were of each status."""
    found: dict[int, int] = {}
    waiting = iter(requests)
    with ExitStack() as stack:
        wire = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        reader = stack.enter_context(wire.makefile("rb"))
        while window := list(islice(waiting, WINDOW)):
            wire.sendall(b"".join(window))
            for _ in window:
                status = int(reader.readline().split()[1])
                found[status] = found.get(status, 0) + 1
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)
    return found


def posted(path: str, body: bytes, *headers: str) -> bytes:
    """A form over a connection that stays."""
    told = (
        f"POST {path} HTTP/1.1",
        "host: id.example.com",
        "content-type: application/x-www-form-urlencoded",
        f"content-length: {len(body)}",
        *headers,
    )
    return "\r\n".join((*told, "", "")).encode() + body
