"""The life of the server process: open at start, drain and close at the end (ASGI lifespan)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from sekisho.web.door import Door
from sekisho.web.read import Receive, Scope
from sekisho.web.send import Send


@dataclass(frozen=True, slots=True)
class Opened:
    """A house that is open: its door, what runs in the background, how to close it."""

    door: Door
    background: tuple[Coroutine[None, None, None], ...]
    close: Callable[[], Awaitable[None]]


class Life:
    """The ASGI application."""

    def __init__(self, opening: Callable[[], Awaitable[Opened]]) -> None:
        self._opening = opening
        self._door: Door | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request goes to the door; the server's own messages begin and end the life."""
        if scope["type"] == "http" and self._door:
            await self._door(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        opened = await self._opening()
        self._door = opened.door
        tasks = [asyncio.create_task(run) for run in opened.background]
        await send({"type": "lifespan.startup.complete"})
        # The server asks for the end only when every request in flight was answered.
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await opened.close()
        await send({"type": "lifespan.shutdown.complete"})
