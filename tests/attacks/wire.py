"""Requests that no polite client would send: bytes over a socket."""

import contextlib
import socket

HUNG_UP = (ConnectionResetError, BrokenPipeError)


def said(port: int, raw: bytes, patience: float = 5) -> bytes:
    """Everything that the server says to these bytes until it closes, or has said nothing for a while."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as wire:
        with contextlib.suppress(*HUNG_UP, TimeoutError):
            wire.sendall(raw)
        with contextlib.suppress(*HUNG_UP, TimeoutError):
            while piece := wire.recv(65_536):
                heard += piece
    return heard


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request that asks for the connection to be closed after it."""
    head = "\r\n".join((f"{line} HTTP/1.1", *headers, "connection: close", "", ""))
    return head.encode("latin-1") + body


def status(heard: bytes) -> int:
    """The status of the first answer; 0 where there was none."""
    return int(heard.split(b" ", 2)[1]) if heard.startswith(b"HTTP/1.1 ") else 0
