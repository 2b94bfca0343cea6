"""What a name stands for: the system's resolver, in threads of its own."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

MOST_LOOKUPS = 16

Found = asyncio.Future[Sequence[str]]


class Names:
    """Looks up names; an unknown name has no addresses.

    The loop's own `getaddrinfo` shares two threads with the connections to the database, and a name server
    that never answers holds one for half a minute. So each name gets one thread here, joined by whoever asks
    for it meanwhile, and a look-up that was given up counts until it truly ends.
    """

    def __init__(self, *, absolute: bool) -> None:
        self._dot = "." if absolute else ""
        self._running: dict[str, Found] = {}

    async def __call__(self, name: str) -> Sequence[str]:
        """All addresses of a name, in the order in which they should be tried."""
        running = self._running.get(name)
        if running is None:
            if len(self._running) >= MOST_LOOKUPS:
                return ()
            running = self._start(name)
        return await asyncio.shield(running)

    def _start(self, name: str) -> Found:
        loop = asyncio.get_running_loop()
        found: Found = loop.create_future()
        self._running[name] = found
        found.add_done_callback(lambda _: self._running.pop(name, None))
        # A final dot keeps the search list of the machine out of it. A daemon never holds up the end.
        threading.Thread(target=_look, args=(name + self._dot, loop, found), daemon=True).start()
        return found


def _look(name: str, loop: asyncio.AbstractEventLoop, found: Found) -> None:
    addresses: tuple[str, ...] = ()
    with suppress(OSError):
        answers = socket.getaddrinfo(name.encode(), None, type=socket.SOCK_STREAM)
        addresses = tuple(str(answer[4][0]) for answer in answers)
    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(found.set_result, addresses)
