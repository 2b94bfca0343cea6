"""How many fetches there may be at once, for all hosts together and for each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sekisho.fetch.order import Caps


class Gate:
    """A short line in front of few places; who finds the line full goes away at once."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._places = asyncio.Semaphore(caps.at_work)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._in_line: Counter[str] = Counter()

    def is_full(self, host: str) -> bool:
        """There is no room to wait, for this host or for any."""
        caps = self._caps
        return self._in_line[host] >= caps.in_line_per_host or self._in_line.total() >= caps.in_line

    def enter(self, host: str) -> None:
        """Stand in line; whoever enters, leaves."""
        self._in_line[host] += 1
        self._hosts.setdefault(host, asyncio.Semaphore(self._caps.at_work_per_host))

    def leave(self, host: str) -> None:
        """Go, served or not."""
        self._in_line[host] -= 1
        if not self._in_line[host]:
            del self._in_line[host], self._hosts[host]

    @asynccontextmanager
    async def place(self, host: str) -> AsyncIterator[None]:
        """One's turn. The host's line comes first: a slow host holds few of the places of all."""
        async with self._hosts[host], self._places:
            yield
