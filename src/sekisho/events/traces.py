"""Traces: what is said to them; what sends them is an extra, loaded where it is wanted."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Seen(Protocol):
    """A request that is being answered."""

    def answered(self, line: Mapping[str, object], refused: str) -> None:
        """It was: what the log says of it, and the slug of the refusal if it was one."""
        ...


class Traces(Protocol):
    """Where spans go."""

    def begin(self, headers: Mapping[str, str], scheme: str) -> Seen | None:
        """A request came in; None where nobody wants to see it."""
        ...

    def around(
        self,
        name: str,
        step: Callable[P, Awaitable[T]],
        tells: Callable[P, Mapping[str, str]] | None = None,
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        """The same step, seen as a part of its request, with what it tells of itself."""
        ...

    async def close(self) -> None:
        """Send what waits, in bounded time."""
        ...


def open_traces(endpoint: str, ratio: float) -> Traces | None:
    """What sends spans to this collector; None without one."""
    if not endpoint:
        return None
    from sekisho.events.otlp import Otlp  # noqa: PLC0415 - an extra, and 60 ms

    return Otlp(endpoint, ratio)
