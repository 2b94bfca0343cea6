"""Rate limits in SQL: one statement takes a token or does not, whoever else is taking."""

import hashlib
from collections.abc import Awaitable, Callable

from sekisho.limits import Allowed, Bucket, Wait
from sekisho.store.sql.script import Play, Script, joined

# What a bucket holds now: ?2 now, ?3 rate, ?4 burst. Clocks of processes differ: time never runs back.
# Then ?5 is the pace, ?6 the cost.
LATER = "CASE WHEN ?2 > b.at THEN ?2 ELSE b.at END"
REFILLED = joined("(b.tokens + (", LATER, "- b.at) * ?3)")
HELD = joined("(CASE WHEN", REFILLED, "> ?4 THEN ?4 ELSE", REFILLED, "END)")

OPEN = """INSERT INTO bucket (key, tokens, at, full_at) VALUES (?1, ?3, ?2, ?2) ON CONFLICT DO NOTHING"""
SPEND = joined(
    *("UPDATE bucket AS b SET tokens =", HELD, "- ?6, at =", LATER, ","),
    *("full_at =", LATER, "+ (?4 -", HELD, "+ ?6) * ?5"),
    *("WHERE b.key = ?1 AND", HELD, ">= ?6 RETURNING tokens"),
)
LOOK = "SELECT tokens, at FROM bucket WHERE key = ?1"
GIVEN = joined("(", HELD, "+ ?6)")
REFUND = joined(
    *(
        "UPDATE bucket AS b SET tokens = CASE WHEN",
        GIVEN,
        "> ?4 THEN ?4 ELSE",
        GIVEN,
        "END, at =",
        LATER,
        ",",
    ),
    *("full_at =", LATER, "+ CASE WHEN", GIVEN, "> ?4 THEN 0 ELSE (?4 -", GIVEN, ") * ?5 END"),
    "WHERE b.key = ?1 RETURNING 1",
)
SWEEP = """DELETE FROM bucket WHERE key IN (SELECT key FROM bucket WHERE full_at <= ?1 LIMIT ?2)
    AND full_at <= ?1 RETURNING 1"""


class SqlLimits:
    """Token buckets that all processes of an address share."""

    def __init__(self, play: Play, close: Callable[[], Awaitable[None]]) -> None:
        self._play = play
        self._close = close

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        """Take as many tokens, or say when there will be as many."""
        return await self._play(lambda: _spend(_digest(key), bucket, now, cost))

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> None:
        """Give as many tokens back, up to the burst."""
        await self._play(lambda: _refund(_digest(key), bucket, now, cost))

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        return await self._play(lambda: _sweep(now, limit))

    async def close(self) -> None:
        """Let go."""
        await self._close()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _spend(key: bytes, bucket: Bucket, now: float, cost: float) -> Script[Allowed | Wait]:
    asked = (key, now, bucket.rate, bucket.burst, bucket.pace, cost)
    rows = yield SPEND, asked
    seconds = 0.0 if rows else (yield from _wait(key, bucket, now, cost))
    if not rows and seconds <= 0:
        # There was no bucket yet; or another process made it, or gave something back, in between.
        yield OPEN, (key, now, bucket.burst)
        rows = yield SPEND, asked
        seconds = 0.0 if rows else (yield from _wait(key, bucket, now, cost))
    return Allowed(rows[0][0]) if rows else Wait(max(seconds, 0.0))


def _wait(key: bytes, bucket: Bucket, now: float, cost: float) -> Script[float]:
    """Seconds until there are as many; none for a bucket that is not there."""
    for tokens, at in (yield LOOK, (key,)):
        held = min(bucket.burst, tokens + max(0.0, now - at) * bucket.rate)
        return float((cost - held) * bucket.pace + max(0.0, at - now))
    return 0.0


def _refund(key: bytes, bucket: Bucket, now: float, cost: float) -> Script[None]:
    yield REFUND, (key, now, bucket.rate, bucket.burst, bucket.pace, cost)


def _sweep(now: float, limit: int) -> Script[int]:
    return len((yield SWEEP, (now, limit)))
