"""The world outside as the fetcher sees it: a resolver, a network, a clock."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

Resolve = Callable[[str], Awaitable[Sequence[str]]]
Dial = Callable[[str, int, float], Awaitable[Any]]


async def dial(address: str, port: int, seconds: float) -> Any:  # noqa: ANN401 - a stream of the HTTP library
    """A TCP connection to an address."""
    from httpcore import AnyIOBackend  # noqa: PLC0415 - 46 ms that a start does without

    return await AnyIOBackend().connect_tcp(address, port, timeout=seconds)


@dataclass(frozen=True, slots=True)
class Outside:
    """Where names, connections and the time come from; without a resolver, from the system's."""

    resolve: Resolve | None = None
    dial: Dial = dial
    clock: Callable[[], float] = time.time
