"""Between the socket and the HTTP parser: a head has a size and a time; and the server's own log lines."""

import logging
from asyncio import TimerHandle, Transport
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
# Of a body that nobody reads any more: whoever hangs up at once takes the answer away from a slow client.
LEFT_BYTES = 2 * 1024 * 1024
HEAD_SECONDS = 10.0
# Requests that came before the one ahead of them was answered: the server below keeps them without a bound.
MOST_PIPELINED = 128
PIECE_BYTES = 16 * 1024
# Of a server that leaves: how often it looks whether an answer is out, how long it waits for a TLS good-bye.
LOOK_SECONDS = 0.1
CLOSING_SECONDS = 1.0
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
)


def wired(**facts: Any) -> "Guarded":  # noqa: ANN401 - what the server hands to a protocol
    """The protocol of a new connection, as the server asks for one."""
    return Guarded(HttpToolsProtocol(**facts))


class Guarded:
    """The server's protocol; a head that is too long, or does not come, ends the connection.

    The parser by itself gathers a head of any length for any time.
    """

    def __init__(self, inner: HttpToolsProtocol) -> None:
        self._inner = inner
        self._transport: Transport | None = None
        self._bytes = 0
        self._since: float | None = None
        self._timer: TimerHandle | None = None
        self.eof_received = inner.eof_received
        self.pause_writing = inner.pause_writing
        self.resume_writing = inner.resume_writing

    def connection_made(self, transport: Transport) -> None:
        """The first head has to come in time, like every other."""
        self._transport = transport
        self._since = self._inner.loop.time()
        self._inner.connection_made(transport)
        # The server ends connections by this set: it shall ask us, not the protocol inside.
        self._inner.connections.discard(self._inner)
        self._inner.connections.add(self)  # type: ignore[arg-type]  # it only calls shutdown
        self._timer = self._inner.loop.call_later(HEAD_SECONDS, self._look)

    def connection_lost(self, error: Exception | None) -> None:
        """Nothing is left to guard, and no timer keeps it."""
        self._transport = None
        if self._timer:
            self._timer.cancel()
        self._inner.connections.discard(self)
        self._inner.connection_lost(error)

    def shutdown(self) -> None:
        """The server leaves: what is in flight is answered, then the connection ends."""
        self._inner.shutdown()
        self._hasten()

    def _hasten(self) -> None:
        """Over TLS a close waits for the other side to agree; one that is idle may never do so."""
        if not self._transport:
            return
        if self._transport.is_closing():
            self._inner.loop.call_later(CLOSING_SECONDS, self._transport.abort)
        else:
            self._inner.loop.call_later(LOOK_SECONDS, self._hasten)

    def data_received(self, chunk: bytes) -> None:
        """A piece at a time, as one chunk may hold ten thousand requests; who sends so many is cut off."""
        for start in range(0, len(chunk), PIECE_BYTES):
            self._take(chunk[start : start + PIECE_BYTES])
            if self._transport is None or self._transport.is_closing():
                return
            if len(self._inner.pipeline) > MOST_PIPELINED:
                self._transport.abort()
                return

    def _take(self, chunk: bytes) -> None:
        """A body that somebody reads is counted there; bytes that neither are one nor end a head, here."""
        inner = self._inner
        before: Any = inner.cycle  # None until a head is complete, whatever its type says
        has_body = before is not None and before.more_body
        is_read = has_body and not before.response_complete
        inner.data_received(chunk)
        if is_read or inner.cycle is not before:
            self._bytes = 0
            self._since = None
            return
        self._bytes += len(chunk)
        if self._since is None:
            self._since = inner.loop.time()
        if self._bytes > (LEFT_BYTES if has_body else HEAD_BYTES):
            self._end(TOO_LARGE)

    def _end(self, last_words: bytes = b"") -> None:
        transport = self._transport
        if transport and not transport.is_closing():
            transport.write(last_words)
            transport.close()

    def _look(self) -> None:
        """One timer per connection, however many requests it carries."""
        if not self._transport:
            return
        waited = 0.0 if self._since is None else self._inner.loop.time() - self._since
        if waited >= HEAD_SECONDS:
            self._end()
        else:
            self._timer = self._inner.loop.call_later(HEAD_SECONDS - waited, self._look)


class JsonLine:
    """The lines of the server itself in the shape of ours."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        line = {
            "event": "server",
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = logging.Formatter().formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def logs(form: str) -> dict[str, Any]:
    """How warnings of the server and of the event loop reach stderr, in every worker."""
    shape: dict[str, Any] = (
        {"()": JsonLine} if form == "json" else {"format": "%(levelname)s %(name)s: %(message)s"}
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": shape},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    }
