"""The way to a host: resolve, check every address, connect to a checked one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpcore
import structlog

from sekisho.fetch.order import Caps
from sekisho.fetch.outside import Dial, Resolve
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

MOST_TRIED = 3


class Wanted(Protocol):
    """Something that is fetched, and how its failure is called."""

    def failed(self, problem: str) -> Refused: ...


@dataclass(frozen=True, slots=True)
class Network:
    """How names become connections, and which addresses are acceptable."""

    resolve: Resolve
    dial: Dial
    accepts: Callable[[str], bool]
    caps: Caps


class Way:
    """What an HTTP connection uses in place of the network: there is no time between check and use.

    The TLS layer above keeps the name and verifies the certificate against it; the network below gets a
    checked address. A name that changes its mind (DNS rebinding) changes nothing.
    """

    def __init__(self, order: Wanted, network: Network) -> None:
        self._order = order
        self._network = network
        self._streams: list[Any] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the HTTP library prescribes these five
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:  # noqa: ANN401 - a stream of the HTTP library
        """Connect to the host, whatever it stands for now, if all of that is public."""
        addresses = await self._checked(host)
        for address in addresses[:MOST_TRIED]:
            try:
                stream = await self._network.dial(address, port, self._network.caps.connect_seconds)
            except (OSError, httpcore.NetworkError, httpcore.TimeoutException):
                continue
            self._streams.append(stream)
            return stream
        raise self._order.failed("nobody answers there")

    async def close(self) -> None:
        """Let go of every connection, also of one that was given up in the middle of a handshake."""
        for stream in self._streams:
            await stream.aclose()

    async def _checked(self, host: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._network.caps.lookup_seconds):
                addresses = await self._network.resolve(host)
        except TimeoutError:
            raise self._order.failed("its name could not be looked up in time") from None
        if addresses and all(map(self._network.accepts, addresses)):
            return addresses
        # One sentence for both, so that a refusal does not tell which names exist inside.
        log.warning("fetch_refused", host=host, found=len(addresses))
        raise self._order.failed("its name does not stand for public addresses alone")
