"""What was fetched before, and what came of it: bounded in entries, bytes and time."""

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from sekisho.fetch.freshness import Freshness, freshness, says_how_long
from sekisho.fetch.order import Fetched, Order, Reply

FORCED_EVERY = 10.0
LONGEST_PAUSE = 60.0
LONGEST_TAG = 256
MOST_COPIES = 2_000
MOST_BYTES = 16 * 1024 * 1024
NEVER = -math.inf
STALE = Freshness()


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of one order: its document, if it ever came, and what the last attempts met."""

    fetched: Fetched | None = None
    tag: str = ""
    freshness: Freshness = STALE
    forced_at: float = NEVER
    failed_at: float = NEVER
    failures: int = 0
    problem: str = ""

    def is_fresh(self, now: float) -> bool:
        """The document may be believed without asking."""
        return self._is_younger(self.freshness.seconds, now)

    def is_due(self, now: float, *, forced: bool) -> bool:
        """The server may be asked. A failing one is left alone, twice as long after each failure."""
        if _within(self.failed_at, min(2.0**self.failures, LONGEST_PAUSE), now):
            return False
        return not self.is_fresh(now) or (forced and not _within(self.forced_at, FORCED_EVERY, now))

    def servable(self, now: float) -> Fetched | None:
        """The document, if it may be believed, for want of a newer one."""
        seconds = self.freshness.seconds + self.freshness.stale_seconds
        return self.fetched if self._is_younger(seconds, now) else None

    def renewed(self, reply: Reply, now: float) -> Self:
        """After a server answered; one that only confirms need not repeat for how long."""
        if reply.is_unchanged and self.fetched is not None:
            fetched, tag = replace(self.fetched, fetched_at=now), self.tag
            lasts = freshness(reply.headers, now) if says_how_long(reply.headers) else self.freshness
        else:
            kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
            fetched, tag = Fetched(reply.body, kind, now), _tag(reply.headers)
            lasts = freshness(reply.headers, now)
        return type(self)(fetched, tag, lasts, self.forced_at)

    def failed(self, problem: str, now: float) -> Self:
        """After a server did not."""
        failures = min(self.failures + 1, 10)
        return replace(self, failed_at=now, failures=failures, problem=problem)

    def _is_younger(self, seconds: float, now: float) -> bool:
        return self.fetched is not None and _within(self.fetched.fetched_at, seconds, now)


class Copies:
    """The copies of a process; what was not used for longest goes first."""

    def __init__(self) -> None:
        self._copies: OrderedDict[Order, Copy] = OrderedDict()
        self._bytes = 0

    def find(self, order: Order) -> Copy:
        """What is known of an order; perhaps nothing."""
        copy = self._copies.get(order)
        if copy is None:
            return Copy()
        self._copies.move_to_end(order)
        return copy

    def keep(self, order: Order, copy: Copy) -> None:
        """Remember it instead of what was known."""
        self._bytes += _size(copy) - _size(self._copies.pop(order, None))
        self._copies[order] = copy
        while len(self._copies) > MOST_COPIES or self._bytes > MOST_BYTES:
            _, dropped = self._copies.popitem(last=False)
            self._bytes -= _size(dropped)


def _size(copy: Copy | None) -> int:
    return len(copy.fetched.body) if copy is not None and copy.fetched is not None else 0


def _tag(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "")
    return tag if len(tag) <= LONGEST_TAG and tag.isascii() and tag.isprintable() else ""


def _within(since: float, seconds: float, now: float) -> bool:
    # A clock that was set back makes nothing young again.
    return 0 <= now - since < seconds
