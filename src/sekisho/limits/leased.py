"""Limits of requests by lease: most of them are counted without asking the engine."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from sekisho.limits import Allowed, Bucket, Limits, Wait
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

LEASE_PARTS = 20  # a lease is this part of a burst
LEASE_SECONDS = 1.0
EASY_SECONDS = 60.0  # a lease of a bucket that is at least half full: nobody misses what is in hand
SHORTEST_DROUGHT = 0.01  # an empty bucket is looked into at most this often
MOST_LEASES = 20_000
LONGEST_KEY = 128
GIVE_BACK_EVERY = 1.0

PATIENCE = 0.5  # seconds for a lease; whoever waits for longer is let through
AWAY_SECONDS = 1.0
TELL_EVERY = 60.0


@dataclass(slots=True)
class Lease:
    """Tokens of a bucket that this process has in hand, or its knowledge that there are none."""

    key: str
    bucket: Bucket
    left: float = 0.0
    level: float = 0.0  # what remained in the bucket
    since: float = 0.0
    until: float = 0.0
    dry_until: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def has(self, bucket: Bucket, now: float, cost: float) -> bool:
        """As many are in hand, of a bucket like this; a clock that was put back makes no lease younger."""
        return self.left >= cost and self.since <= now < self.until and self.bucket == bucket

    def drought(self, now: float) -> float:
        """Seconds until there is a token, where there is no need to look."""
        return max(self.dry_until - now, 0.0) if self.since <= now < self.until else 0.0

    def fill(self, tokens: float, level: float, now: float) -> None:
        """These were taken out of the bucket."""
        life = EASY_SECONDS if 2 * level >= self.bucket.burst else LEASE_SECONDS
        self.left, self.level, self.since, self.until, self.dry_until = tokens, level, now, now + life, 0.0

    def dry(self, seconds: float, now: float) -> None:
        """There was nothing to take; another process may give something back, so look again soon."""
        self.left, self.since, self.dry_until = 0.0, now, now + seconds
        self.until = now + min(max(seconds, SHORTEST_DROUGHT), LEASE_SECONDS)

    def returns(self, now: float) -> float:
        """What to give back: nothing to a bucket that was so full that it has filled by itself since."""
        filled = self.level + (now - self.since) * self.bucket.rate >= self.bucket.burst
        return 0.0 if filled else self.left


class Leased:
    """The same port on top of an engine, for limits of requests: most spends do not ask the engine.

    Beyond what the bucket allows, processes × burst / LEASE_PARTS may pass. Lockouts ask the engine itself.
    """

    def __init__(self, engine: Limits) -> None:
        self._engine = Lenient(engine)
        self._leases: dict[str, Lease] = {}

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        """From what is in hand, otherwise from a new lease."""
        lease = self._leases.get(_bounded(key))
        if lease is not None and lease.has(bucket, now, cost):
            lease.left -= cost
            return Allowed(lease.level + lease.left)
        if lease is None:
            lease = await self._room(Lease(_bounded(key), bucket), now)
        # One asks for all who wait: otherwise each of a hundred would take a lease of its own.
        async with lease.asking:
            if lease.bucket != bucket:
                await self._return(lease, now)
                lease.bucket, lease.until = bucket, now
            if not lease.has(bucket, now, cost):
                seconds = lease.drought(now) or await self._renew(lease, now, cost)
                if seconds > 0:
                    return Wait(seconds)
            lease.left -= cost
            return Allowed(lease.level + lease.left)

    async def _room(self, lease: Lease, now: float) -> Lease:
        """Keys are chosen by strangers: the oldest lease makes room for a new one."""
        self._leases[lease.key] = lease
        if len(self._leases) > MOST_LEASES:
            oldest = next(iter(self._leases.values()))
            del self._leases[oldest.key]
            await self._return(oldest, now)
        return lease

    async def _renew(self, lease: Lease, now: float, cost: float) -> float:
        """Tokens in hand; or the seconds until there are some."""
        await self._return(lease, now)
        bucket = lease.bucket
        tokens = max(cost, bucket.burst // LEASE_PARTS)
        found = await self._engine.spend(lease.key, bucket, now, tokens)
        if isinstance(found, Wait) and tokens > cost:
            # Not that many: then what is there, which its wait tells.
            there = min(round(tokens - found.seconds / bucket.pace, 6) // 1, tokens)
            if there >= cost:
                tokens = there
                found = await self._engine.spend(lease.key, bucket, now, tokens)
        # What was just asked for is the youngest again.
        self._leases.pop(lease.key, None)
        self._leases[lease.key] = lease
        if isinstance(found, Wait):
            seconds = max(found.seconds - (tokens - cost) * bucket.pace, 0.001)
            lease.dry(seconds, now)
            return seconds
        lease.fill(tokens, found.left, now)
        return 0.0

    async def _return(self, lease: Lease, now: float) -> None:
        tokens, lease.left = lease.returns(now), 0.0
        if tokens > 0:
            await self._engine.refund(lease.key, lease.bucket, now, tokens)

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> None:
        """Back into the hand, otherwise into the bucket."""
        lease = self._leases.get(_bounded(key))
        if lease is not None and lease.has(bucket, now, 1):
            lease.left += cost
            return
        await self._engine.refund(_bounded(key), bucket, now, cost)
        if lease is not None:
            lease.until = now  # it may say that there is nothing

    async def give_back(self, now: float, *, everything: bool = False) -> None:
        """What is in hand for too long returns to its bucket."""
        for lease in tuple(self._leases.values()):
            is_old = everything or not lease.since <= now < lease.until
            if is_old and not lease.asking.locked() and self._leases.get(lease.key) is lease:
                del self._leases[lease.key]
                await self._return(lease, now)

    async def run(self, clock: Callable[[], float]) -> None:
        """Give back for as long as the process lives, and all of it at its end."""
        try:
            while True:
                await asyncio.sleep(GIVE_BACK_EVERY)
                await self.give_back(clock())
        finally:
            await self.give_back(clock(), everything=True)

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        await self.give_back(now)
        return await self._engine.sweep(now, limit)

    async def close(self) -> None:
        """Let go; what is in hand was given back by then."""
        await self._engine.close()


class Lenient:
    """An engine that may be away: then nobody is limited, which the log says, and nobody waits for it."""

    def __init__(self, engine: Limits) -> None:
        self._engine = engine
        self._away_since = -AWAY_SECONDS
        self._told_at: float | None = None
        self._let_through = 0

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float) -> Allowed | Wait:
        """What the engine says, otherwise a yes."""
        if not self._away_since <= now < self._away_since + AWAY_SECONDS:
            if self._told_at is not None:
                self._away_since = now  # one asks whether it is back; the others do not wait for that
            try:
                async with asyncio.timeout(PATIENCE):
                    found = await self._engine.spend(key, bucket, now, cost)
            except (Refused, TimeoutError) as away:
                self._missed(now, away)
            else:
                self._is_there()
                return found
        self._let_through += 1
        return Allowed(bucket.burst)

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float) -> None:
        """Given back if it is there; a bucket refills by itself."""
        if not self._away_since <= now < self._away_since + AWAY_SECONDS:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._engine.refund(key, bucket, now, cost)
            except (Refused, TimeoutError) as away:
                self._missed(now, away)

    def _missed(self, now: float, why: Exception) -> None:
        self._away_since = now
        if self._told_at is None or not self._told_at <= now < self._told_at + TELL_EVERY:
            self._told_at = now
            log.warning("limits_away", let_through=self._let_through, debug=repr(why)[:200])

    def _is_there(self) -> None:
        if self._told_at is not None:
            log.warning("limits_back", let_through=self._let_through)
            self._away_since, self._told_at, self._let_through = -AWAY_SECONDS, None, 0

    async def sweep(self, now: float, limit: int) -> int:
        """Forget buckets that are full again."""
        return await self._engine.sweep(now, limit)

    async def close(self) -> None:
        """Let go."""
        await self._engine.close()


def _bounded(key: str) -> str:
    """Part of a key is what a stranger sent: it may be long, what is kept of it may not."""
    if len(key) <= LONGEST_KEY:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
