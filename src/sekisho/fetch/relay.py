"""Passing a request on over a connection of its own: redirects, refusals and bodies come back as they are."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Self, cast

import httpcore

from sekisho.fetch.errand import Errand, Relayed
from sekisho.fetch.exchange import fault
from sekisho.fetch.gate import Gate
from sekisho.fetch.order import Caps
from sekisho.fetch.way import Network, Way
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.spec.refusals.portal import SITE_OVERSIZED, SITE_SLOW

# Until an answer has begun, waiting for one's turn included.
CAPS = Caps(seconds=30.0, at_work=256, at_work_per_host=64, in_line=512, in_line_per_host=128)
WHOLE_SECONDS = 60.0
MOST_BYTES = 10 * 1024 * 1024
# What is shorter is read at once: a browser that is slow to take it keeps no place.
AHEAD_BYTES = 64 * 1024
STATUSES = range(200, 600)

Chunks = AsyncGenerator[bytes, None]


class Relay:
    """Passes requests on: over this network, with this trust, so many at once."""

    def __init__(self, network: Network, tls: ssl.SSLContext) -> None:
        self._network = network
        self._tls = tls
        self._gate = Gate(network.caps)

    async def carry(self, errand: Errand) -> Relayed:
        """What the server answers, whatever it is."""
        if self._gate.is_full(errand.host):
            raise Refused(OVERLOADED, debug=f"{errand.host}: too many requests are waiting")
        try:
            async with AsyncExitStack() as stack, asyncio.timeout(self._network.caps.seconds):
                return await self._carried(errand, stack)
        except Refused:
            raise
        except (TimeoutError, httpcore.TimeoutException):
            raise Refused(SITE_SLOW, debug=f"{errand.host}: it does not answer in time") from None
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server makes the libraries raise
            raise errand.failed(fault(error)) from None

    async def _carried(self, errand: Errand, stack: AsyncExitStack) -> Relayed:
        response = await self._asked(errand, stack)
        headers = tuple(response.headers)
        if response.status not in STATUSES:
            raise errand.failed(f"it answers with the status {response.status}")
        length = _length(headers)
        if length is not None and length > MOST_BYTES:
            raise Refused(SITE_OVERSIZED, debug=f"{errand.host}: {length} bytes")
        chunks = cast("Chunks", response.aiter_stream())
        stack.push_async_callback(chunks.aclose)
        rest = Rest(errand, chunks)
        if errand.method != "HEAD" and await rest.is_short():
            return Relayed(response.status, headers, len(rest.ahead), rest.ahead)
        rest.hold(stack.pop_all())
        return Relayed(response.status, headers, length, rest=rest)

    async def _asked(self, errand: Errand, stack: AsyncExitStack) -> httpcore.Response:
        """The head of the answer; what has to be let go of afterwards is on the stack."""
        self._gate.enter(errand.host)
        stack.callback(self._gate.leave, errand.host)
        await stack.enter_async_context(self._gate.place(errand.host))
        way = Way(errand, self._network)
        stack.push_async_callback(way.close)
        url = _url(errand)
        backend = cast("httpcore.AsyncNetworkBackend", way)
        connection = httpcore.AsyncHTTPConnection(url.origin, self._tls, network_backend=backend)
        await stack.enter_async_context(connection)
        limits = {"timeout": {"connect": self._network.caps.connect_seconds}}
        request = httpcore.Request(
            errand.method, url, headers=_said(errand), content=errand.body, extensions=limits
        )
        response = await connection.handle_async_request(request)
        stack.push_async_callback(response.aclose)
        return response


class Rest:
    """What is still to come of an answer, a piece at a time; it holds its place until it is closed."""

    def __init__(self, errand: Errand, chunks: Chunks) -> None:
        self.ahead = b""
        self._errand = errand
        self._chunks = chunks
        self._bytes = 0
        self._until = asyncio.get_running_loop().time() + WHOLE_SECONDS
        self._stack = AsyncExitStack()

    def hold(self, stack: AsyncExitStack) -> None:
        """What is let go of when this is closed."""
        self._stack = stack

    async def is_short(self) -> bool:
        """All of it was here in no time: it is `ahead`, and nothing else comes."""
        found, part = bytearray(), await anext(self._chunks, None)
        while part is not None and len(found) + len(part) <= AHEAD_BYTES:
            found += part
            part = await anext(self._chunks, None)
        self.ahead = bytes(found) + (part or b"")
        return part is None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self.ahead:
            piece, self.ahead = self.ahead, b""
        else:
            piece = await self._next()
        self._bytes += len(piece)
        if self._bytes > MOST_BYTES:
            raise Refused(SITE_OVERSIZED, debug=f"{self._errand.host}: more than {MOST_BYTES} bytes")
        return piece

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout_at(self._until):
                return await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except TimeoutError:
            raise Refused(SITE_SLOW, debug=f"{self._errand.host}: it takes too long") from None
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server makes the libraries raise
            raise self._errand.failed(fault(error)) from None

    async def aclose(self) -> None:
        """The connection ends, and somebody else has the place."""
        await self._stack.aclose()


def _url(errand: Errand) -> httpcore.URL:
    place = errand.destination
    return httpcore.URL(
        scheme=place.scheme.encode(), host=place.host.encode(), port=place.port, target=place.target.encode()
    )


def _said(errand: Errand) -> list[tuple[bytes, bytes]]:
    said = [("host", errand.destination.authority), *errand.headers, ("connection", "close")]
    if errand.body or errand.method in ("POST", "PUT", "PATCH"):
        said.append(("content-length", str(len(errand.body))))
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in said]


def _length(headers: tuple[tuple[bytes, bytes], ...]) -> int | None:
    """What the server says of the length; the HTTP library has seen to it that it says one thing."""
    found = next((value for name, value in headers if name.lower() == b"content-length"), b"")
    return int(found) if found.isdigit() else None
