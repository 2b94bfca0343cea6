"""Rate limits in SQL: one statement takes a token or does not, whoever else is taking."""

import hashlib
from collections.abc import Awaitable, Callable

from sekisho.limits import Allowed, Bucket, Wait
from sekisho.store.sql.script import Play, Script, joined

NEVER = 1e18  # seconds per token of a bucket that is not refilled

# What a bucket holds now: ?2 now, ?3 rate, ?4 burst. Clocks of processes differ: time never runs back.
LATER = "CASE WHEN ?2 > b.at THEN ?2 ELSE b.at END"
REFILLED = joined("(b.tokens + (", LATER, "- b.at) * ?3)")
HELD = joined("(CASE WHEN", REFILLED, "> ?4 THEN ?4 ELSE", REFILLED, "END)")

OPEN = """INSERT INTO bucket (key, tokens, at, full_at) VALUES (?1, ?3, ?2, ?2) ON CONFLICT DO NOTHING"""
SPEND = joined(
    *("UPDATE bucket AS b SET tokens =", HELD, "- 1, at =", LATER, ","),
    *("full_at =", LATER, "+ (?4 -", HELD, "+ 1) * ?5"),
    *("WHERE b.key = ?1 AND", HELD, ">= 1 RETURNING tokens"),
)
LOOK = "SELECT tokens, at FROM bucket WHERE key = ?1"
REFUND = joined(
    *(
        "UPDATE bucket AS b SET tokens = CASE WHEN",
        HELD,
        "+ 1 > ?4 THEN ?4 ELSE",
        HELD,
        "+ 1 END, at =",
        LATER,
        ",",
    ),
    *("full_at =", LATER, "+ CASE WHEN", HELD, "+ 1 > ?4 THEN 0 ELSE (?4 -", HELD, "- 1) * ?5 END"),
    "WHERE b.key = ?1 RETURNING 1",
)
SWEEP = """DELETE FROM bucket WHERE key IN (SELECT key FROM bucket WHERE full_at <= ?1 LIMIT ?2)
    AND full_at <= ?1 RETURNING 1"""


class SqlLimits:
    """Token buckets that all processes of an address share."""

    def __init__(self, play: Play, close: Callable[[], Awaitable[None]]) -> None:
        self._play = play
        self._close = close

    async def spend(self, key: str, bucket: Bucket, now: float) -> Allowed | Wait:
        """Take a token, or say when there will be one."""
        return await self._play(lambda: _spend(_digest(key), bucket, now))

    async def refund(self, key: str, bucket: Bucket, now: float) -> None:
        """Give a token back, up to the burst."""
        await self._play(lambda: _refund(_digest(key), bucket, now))

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        return await self._play(lambda: _sweep(now, limit))

    async def close(self) -> None:
        """Let go."""
        await self._close()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _pace(bucket: Bucket) -> float:
    return 1 / bucket.rate if bucket.rate > 0 else NEVER


def _spend(key: bytes, bucket: Bucket, now: float) -> Script[Allowed | Wait]:
    asked = (key, now, bucket.rate, bucket.burst, _pace(bucket))
    rows = yield SPEND, asked
    if not rows and not (yield LOOK, (key,)):
        yield OPEN, (key, now, bucket.burst)
        rows = yield SPEND, asked
    if rows:
        return Allowed(rows[0][0])
    ((tokens, at),) = yield LOOK, (key,)
    held = min(bucket.burst, tokens + max(0.0, now - at) * bucket.rate)
    return Wait((1 - held) * _pace(bucket) + max(0.0, at - now))


def _refund(key: bytes, bucket: Bucket, now: float) -> Script[None]:
    yield REFUND, (key, now, bucket.rate, bucket.burst, _pace(bucket))


def _sweep(now: float, limit: int) -> Script[int]:
    return len((yield SWEEP, (now, limit)))
