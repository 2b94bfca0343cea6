"""The port for rate limits and lockouts: token buckets that all processes share."""

from typing import Protocol

import msgspec

NEVER = 1e18  # seconds per token of a bucket that is not refilled


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """`burst` tokens at most, refilled at `rate` a second."""

    rate: float
    burst: float

    @property
    def pace(self) -> float:
        """Seconds until one more token."""
        return 1 / self.rate if self.rate > 0 else NEVER


class Allowed(msgspec.Struct, frozen=True, gc=False):
    """There were as many tokens; `left` remain."""

    left: float


class Wait(msgspec.Struct, frozen=True, gc=False):
    """There were not; they are there in `seconds`."""

    seconds: float


class Limits(Protocol):
    """Spend before the work, refund when the work proves innocent."""

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        """Take as many tokens or none; atomic across processes."""
        ...

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> None:
        """Give as many tokens back, up to the burst."""
        ...

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...
