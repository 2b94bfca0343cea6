"""The fetcher: a document from memory where that is good enough, from outside where it is not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from sekisho.fetch.copies import Copies, Copy
from sekisho.fetch.errand import Errand, Relayed
from sekisho.fetch.gate import Gate
from sekisho.fetch.names import Names
from sekisho.fetch.order import Caps, Fetched, Order, Reply
from sekisho.fetch.outside import Dial, Outside, Resolve
from sekisho.spec.reach import address_is_public, destination
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED

log = structlog.get_logger()

LIMIT = 64 * 1024
CAPS = Caps()
OUTSIDE = Outside()

Fetch = Callable[[Order, str], Awaitable[Reply]]


class Carries(Protocol):
    """Who passes requests on."""

    async def carry(self, errand: Errand) -> Relayed: ...


class Fetcher:
    """Fetches what others publish. With `allow_private` it reaches every address, also by plain http."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        ca_file: str = "",
        caps: Caps = CAPS,
        outside: Outside = OUTSIDE,
        around: Callable[[Fetch], Fetch] | None = None,
    ) -> None:
        self.allow_private = allow_private
        self._authorities = Path(ca_file).read_text("utf-8") if ca_file else ""
        self._caps = caps
        self._outside = outside
        self._around = around
        self._gate = Gate(caps)
        self._copies = Copies()
        self._flights: dict[Order, asyncio.Task[Copy]] = {}
        self._fetch: Fetch | None = None
        self._relay: Carries | None = None
        if allow_private:
            log.warning("fetcher_reaches_private_addresses", hint="for development and tests only")

    async def get(
        self, url: str, *, limit: int = LIMIT, accept: str = "application/json", fresh: bool = False
    ) -> Fetched:
        """The document at a URL. `fresh` asks the server even if our copy is good, every ten seconds at most.

        Concurrent callers share one request, and one caller's leaving does not end it for the others.
        """
        order = Order(destination(url, allow_private=self.allow_private), limit, accept)
        copy, now = self._copies.find(order), self._outside.clock()
        flight = self._flights.get(order)
        if flight is None and not copy.is_due(now, forced=fresh):
            return self._serve(copy)
        if flight is None and self._gate.is_full(order.host):
            return self._serve(copy, Refused(OVERLOADED, debug=f"{order.host}: too many fetches are waiting"))
        if copy.is_fresh(now) and not fresh:
            return self._serve(copy)
        return self._serve(await asyncio.shield(flight or self._depart(order, copy, now)))

    async def carry(self, errand: Errand) -> Relayed:
        """A request of somebody else, passed on: nothing of it is kept or shared."""
        if self._relay is None:
            self._relay = await asyncio.to_thread(self._carrying)
        return await self._relay.carry(errand)

    async def close(self) -> None:
        """Give up what is under way."""
        flights = tuple(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _serve(self, copy: Copy, otherwise: Refused | None = None) -> Fetched:
        fetched = copy.servable(self._outside.clock())
        if fetched is None:
            raise otherwise or Refused(FETCH_FAILED, debug=copy.problem)
        return fetched

    def _depart(self, order: Order, copy: Copy, now: float) -> asyncio.Task[Copy]:
        # Only what would not have happened without force counts against it.
        known = replace(copy, forced_at=now) if copy.is_fresh(now) else copy
        self._gate.enter(order.host)
        flight = asyncio.create_task(self._fly(order, known, now))
        self._flights[order] = flight
        flight.add_done_callback(lambda _: self._landed(order))
        return flight

    def _landed(self, order: Order) -> None:
        del self._flights[order]
        self._gate.leave(order.host)

    async def _fly(self, order: Order, known: Copy, now: float) -> Copy:
        try:
            async with asyncio.timeout(self._caps.seconds), self._gate.place(order.host):
                fetch = await self._opened()
                reply = await fetch(order, known.tag)
            copy = known.renewed(reply, now)
        except Refused as refused:
            copy = known.failed(refused.debug, self._outside.clock())
        except TimeoutError:
            copy = known.failed(f"{order.host}: it takes too long", self._outside.clock())
        self._copies.keep(order, copy)
        return copy

    async def _opened(self) -> Fetch:
        if self._fetch is None:
            self._fetch = await asyncio.to_thread(self._open)
        return self._fetch

    def _open(self) -> Fetch:
        # The HTTP library takes 46 ms to import, which a start does without.
        from sekisho.fetch.exchange import Exchange  # noqa: PLC0415
        from sekisho.fetch.way import Network  # noqa: PLC0415

        fetch = Exchange(Network(*self._reaches(), self._caps), self._authorities).fetch
        return self._around(fetch) if self._around else fetch

    def _carrying(self) -> Carries:
        from sekisho.fetch.exchange import trust  # noqa: PLC0415 - the same
        from sekisho.fetch.relay import CAPS, Relay  # noqa: PLC0415
        from sekisho.fetch.way import Network  # noqa: PLC0415

        return Relay(Network(*self._reaches(), CAPS), trust(self._authorities))

    def _reaches(self) -> tuple[Resolve, Dial, Callable[[str], bool]]:
        resolve = self._outside.resolve or Names(absolute=not self.allow_private)
        return resolve, self._outside.dial, _any_address if self.allow_private else address_is_public


def _any_address(_address: str) -> bool:
    return True
