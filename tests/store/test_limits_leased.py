"""Leases: what a process has in hand of a shared bucket, and what becomes of it."""

import asyncio
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from sekisho.limits import Allowed, Bucket, Limits, Wait, leased
from sekisho.limits.leased import EASY_SECONDS, LEASE_PARTS, LEASE_SECONDS, MOST_LEASES, Leased
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store.memory import MemoryLimits
from tests.store import conformance
from tests.store.things import NOW

BUCKET = Bucket(rate=1, burst=100)
CHUNK = 100 / LEASE_PARTS
SLOW = Bucket(rate=0, burst=100)


@dataclass
class Shared:
    """The memory engine, slow if told to, away if told to; it counts how often it is asked."""

    engine: MemoryLimits = field(default_factory=MemoryLimits)
    asked: int = 0
    away: bool = False
    slow: bool = False

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        await self._answers()
        return await self.engine.spend(key, bucket, now, cost)

    async def refund(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> None:
        await self._answers()
        await self.engine.refund(key, bucket, now, cost)

    async def sweep(self, now: float, limit: int) -> int:
        return await self.engine.sweep(now, limit)

    async def close(self) -> None:
        await self.engine.close()

    async def _answers(self) -> None:
        self.asked += 1
        await asyncio.sleep(10 if self.slow else 0)
        if self.away:
            raise Refused(STORE_UNAVAILABLE)

    async def level(self, key: str, bucket: Bucket = BUCKET, now: float = NOW) -> float:
        """What is left in the bucket itself."""
        found = await self.engine.spend(key, bucket, now, 0)
        assert isinstance(found, Allowed)
        return found.left


@pytest.fixture
def shared() -> Shared:
    return Shared()


@pytest.fixture
def limits(shared: Shared) -> Leased:
    return Leased(shared)


class TestBuckets:
    """A process that is alone cannot tell leases from the engine: the laws that do not look inside."""

    test_allows_the_burst = conformance.Buckets.test_allows_the_burst
    test_takes_any_key_and_rate = conformance.Buckets.test_takes_any_key_and_rate
    test_is_atomic = conformance.Buckets.test_is_atomic


async def test_most_spends_do_not_ask(shared: Shared, limits: Leased):
    """A lease is a twentieth of the burst, and as many spends cost one question."""
    for n in range(100):
        assert await limits.spend("k", BUCKET, NOW) == Allowed(99 - n)
    assert shared.asked == LEASE_PARTS
    assert await limits.spend("k", BUCKET, NOW) == Wait(1)


async def test_an_empty_bucket_is_not_asked_again_and_again(shared: Shared, limits: Leased):
    """Who keeps asking while there is nothing costs no question, until there may be something."""
    for _ in range(100):
        await limits.spend("k", BUCKET, NOW)
    before = shared.asked
    for n in range(1_000):
        assert isinstance(await limits.spend("k", BUCKET, NOW + n / 1_001), Wait)
    assert shared.asked - before == 1
    assert await limits.spend("k", BUCKET, NOW + 1) == Allowed(0)


async def test_what_another_process_gives_back_is_found(shared: Shared, limits: Leased):
    """Knowing that there is nothing lasts a second at most."""
    for _ in range(100):
        await limits.spend("k", SLOW, NOW)
    assert isinstance(await limits.spend("k", SLOW, NOW), Wait)
    await shared.refund("k", SLOW, NOW, 1)
    assert isinstance(await limits.spend("k", SLOW, NOW + 0.5), Wait)
    assert await limits.spend("k", SLOW, NOW + LEASE_SECONDS) == Allowed(0)


async def test_what_is_given_back_here_is_found_at_once(limits: Leased):
    """A refund goes into the hand that has the lease, otherwise into the bucket; the next spend has it."""
    assert await limits.spend("k", Bucket(0, 2), NOW) == Allowed(1)
    assert await limits.spend("k", Bucket(0, 2), NOW) == Allowed(0)
    assert isinstance(await limits.spend("k", Bucket(0, 2), NOW), Wait)
    await limits.refund("k", Bucket(0, 2), NOW)
    assert await limits.spend("k", Bucket(0, 2), NOW) == Allowed(0)
    await limits.spend("many", SLOW, NOW)
    await limits.refund("many", SLOW, NOW)
    assert await limits.spend("many", SLOW, NOW, CHUNK) == Allowed(100 - CHUNK)


async def test_a_crowd_takes_one_lease(shared: Shared, limits: Leased):
    """Requests that arrive together take no more leases than they need."""
    found = await asyncio.gather(*(limits.spend("k", BUCKET, NOW) for _ in range(int(CHUNK))))
    assert all(isinstance(one, Allowed) for one in found)
    assert shared.asked == 1
    assert await shared.level("k") == 100 - CHUNK


async def test_a_lease_that_expires_is_given_back(shared: Shared, limits: Leased):
    """What is not used within a second returns to the bucket, by the background or by the next spend."""
    await shared.spend("k", SLOW, NOW, 60)
    await limits.spend("k", SLOW, NOW)
    await limits.give_back(NOW + 0.9)
    assert await shared.level("k", SLOW) == 40 - CHUNK
    await limits.give_back(NOW + LEASE_SECONDS)
    assert await shared.level("k", SLOW) == 39
    assert limits._leases == {}
    await limits.spend("k", SLOW, NOW + 2)
    await limits.spend("k", SLOW, NOW + 4)
    assert await shared.level("k", SLOW) == 39 - 1 - CHUNK


async def test_a_lease_of_plenty_lasts_longer(shared: Shared, limits: Leased):
    """While a bucket is half full nobody misses what is in hand: rare requests do not ask each time."""
    await limits.spend("k", SLOW, NOW)
    before = shared.asked
    await limits.give_back(NOW + EASY_SECONDS - 1)
    assert isinstance(await limits.spend("k", SLOW, NOW + EASY_SECONDS - 1), Allowed)
    assert shared.asked == before
    await limits.give_back(NOW + EASY_SECONDS)
    assert await shared.level("k", SLOW) == 98


async def test_a_changed_bucket_holds_at_once(shared: Shared, limits: Leased):
    """What is in hand, and what is known to be missing, counts for the bucket as it was asked for only."""
    await limits.spend("k", SLOW, NOW)
    for n in range(2):
        assert await limits.spend("k", Bucket(0, 2), NOW) == Allowed(1 - n)
    assert isinstance(await limits.spend("k", Bucket(0, 2), NOW), Wait)
    assert await limits.spend("k", Bucket(1e6, 1_000), NOW + 0.01) == Allowed(999)


async def test_nothing_is_given_back_to_a_bucket_that_is_full(shared: Shared, limits: Leased):
    """A bucket that was so full that it has filled by itself costs no question."""
    quick = Bucket(rate=50, burst=100)
    await limits.spend("k", quick, NOW)
    before = shared.asked
    await limits.give_back(NOW + EASY_SECONDS)
    assert limits._leases == {}
    assert shared.asked == before
    assert await shared.level("k", quick, NOW + EASY_SECONDS) == 100


async def test_at_the_end_everything_is_given_back(shared: Shared, limits: Leased):
    """A process that leaves takes no tokens along."""
    background = asyncio.create_task(limits.run(lambda: NOW))
    await asyncio.sleep(0)
    await limits.spend("k", SLOW, NOW)
    background.cancel()
    await asyncio.gather(background, return_exceptions=True)
    assert await shared.level("k", SLOW) == 99


async def test_the_background_gives_back(shared: Shared, limits: Leased, monkeypatch: pytest.MonkeyPatch):
    """While the process lives, what lies in hand for too long goes back by itself."""
    monkeypatch.setattr(leased, "GIVE_BACK_EVERY", 0.001)
    background = asyncio.create_task(limits.run(lambda: NOW + EASY_SECONDS))
    await limits.spend("k", SLOW, NOW)
    for _ in range(5_000):
        if await shared.level("k", SLOW) == 99:
            break
        await asyncio.sleep(0.001)
    assert await shared.level("k", SLOW) == 99
    background.cancel()
    await asyncio.gather(background, return_exceptions=True)


async def test_memory_is_bounded(shared: Shared, limits: Leased):
    """Keys are chosen by strangers: the oldest lease gives way and goes back, and long keys are not kept."""
    await limits.spend("first", SLOW, NOW)
    for n in range(MOST_LEASES):
        await limits.spend(f"{n}", SLOW, NOW)
    assert len(limits._leases) == MOST_LEASES
    assert await shared.level("first", SLOW) == 99
    assert await shared.level("0", SLOW) == 100 - CHUNK
    for long in ("x" * 10_000, "\ud800" * 10_000):
        assert await limits.spend(long, Bucket(0, 1), NOW) == Allowed(0)
        assert isinstance(await limits.spend(long, Bucket(0, 1), NOW), Wait)
        assert isinstance(await limits.spend(f"{long}x", Bucket(0, 1), NOW), Allowed)
    assert max(map(len, limits._leases)) < 200


async def test_a_lease_in_use_is_the_last_to_go(limits: Leased, monkeypatch: pytest.MonkeyPatch):
    """A lease that was renewed is young again, and does not give way before others."""
    monkeypatch.setattr(leased, "MOST_LEASES", 3)
    for key in ("a", "b", "c"):
        await limits.spend(key, SLOW, NOW)
    await limits.spend("a", SLOW, NOW + EASY_SECONDS)
    await limits.spend("d", SLOW, NOW + EASY_SECONDS)
    assert list(limits._leases) == ["c", "a", "d"]


async def test_a_clock_that_is_put_back_locks_nobody_out(limits: Leased):
    """What is known of a time that is yet to come is not believed."""
    for _ in range(2):
        await limits.spend("k", Bucket(1, 1), NOW + 3_600)
    for n in range(2):
        assert isinstance(await limits.spend("new", Bucket(1, 2), NOW - n), Allowed)
    found = await limits.spend("new", Bucket(1, 2), NOW - 2)
    assert isinstance(found, Wait)
    assert found.seconds < 5
    await limits.give_back(NOW)
    assert "k" not in limits._leases


async def test_while_limits_are_away_everybody_is_let_through(shared: Shared, limits: Leased):
    """Limits that cannot be asked limit nobody; the log says so once a minute, and how many passed."""
    shared.away = True
    with capture_logs() as lines:
        for n in range(240):
            assert isinstance(await limits.spend(f"{n}", Bucket(0, 1), NOW + n / 2), Allowed)
            await limits.refund("x", Bucket(0, 1), NOW + n / 2)
    assert [line["event"] for line in lines] == ["limits_away"] * 2
    assert shared.asked <= 122
    shared.away = False
    with capture_logs() as lines:
        assert await limits.spend("k", Bucket(0, 1), NOW + 200) == Allowed(0)
        assert isinstance(await limits.spend("k", Bucket(0, 1), NOW + 200), Wait)
    assert [(line["event"], line["let_through"]) for line in lines] == [("limits_back", 240)]


async def test_nobody_waits_for_limits(shared: Shared, limits: Leased, monkeypatch: pytest.MonkeyPatch):
    """Limits that do not answer are given up soon; while they are looked for, one waits and no other."""
    monkeypatch.setattr(leased, "PATIENCE", 0.01)
    shared.slow = True
    with capture_logs():
        assert await limits.spend("k", Bucket(0, 1), NOW) == Allowed(1)
        asked = shared.asked
        found = await asyncio.gather(*(limits.spend(f"{n}", Bucket(0, 1), NOW + 2) for n in range(50)))
    assert all(isinstance(one, Allowed) for one in found)
    assert shared.asked == asked + 1


async def test_who_gives_up_takes_nobody_along(shared: Shared, limits: Leased):
    """A request that ends while it asks for a lease leaves the others their answer."""
    tasks = [asyncio.create_task(limits.spend("k", Bucket(0, 1), NOW)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert not isinstance(found[1], BaseException)
    assert not isinstance(found[2], BaseException)


async def test_it_is_a_port_like_any_other(shared: Shared):
    """Leases sweep and close what they stand on."""
    port: Limits = Leased(shared)
    await port.spend("k", Bucket(10, 1), NOW)
    assert await port.sweep(NOW + 10, 10) == 1
    await port.close()
