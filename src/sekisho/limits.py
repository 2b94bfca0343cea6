"""The port for rate limits and lockouts: token buckets that all processes share."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Bucket:
    """`burst` tokens at most, refilled at `rate` a second."""

    rate: float
    burst: float


@dataclass(frozen=True, slots=True)
class Allowed:
    """There was a token; `left` remain."""

    left: float


@dataclass(frozen=True, slots=True)
class Wait:
    """There was none; the next one comes in `seconds`."""

    seconds: float


class Limits(Protocol):
    """Spend before the work, refund when the work proves innocent."""

    async def spend(self, key: str, bucket: Bucket, now: float) -> Allowed | Wait:
        """Take a token; atomic across processes."""
        ...

    async def refund(self, key: str, bucket: Bucket, now: float) -> None:
        """Give one token back, up to the burst."""
        ...

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
