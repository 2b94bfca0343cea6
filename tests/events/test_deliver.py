"""The runner of deliveries: at once, again after a pause, and given up in sight of everybody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from sekisho import jobs
from sekisho.jobs import FIRST_PAUSE, LEASE, LONGEST_PAUSE, MOST_AT_ONCE, MOST_ATTEMPTS, Deliver, deliver
from sekisho.model.delivery import Delivery, Undelivered
from sekisho.model.step import Send
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.store.things import sending
from tests.tenants import NOW, Clock, demo_tenant

KIND = "test"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner looks often."""
    monkeypatch.setattr(jobs, "LOOK_EVERY", 0.001)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tenant(clock: Clock) -> Tenant:
    return await demo_tenant(clock)


@contextlib.asynccontextmanager
async def running(tenant: Tenant, make: Deliver) -> AsyncIterator[asyncio.Task[None]]:
    """A runner with one kind."""
    task = asyncio.create_task(deliver(tenant.tools, {KIND: make}))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def send(tenant: Tenant, *ids: str) -> None:
    sent = [sending(id, tenant=tenant.id, kind=KIND, next_at=tenant.now()) for id in ids]
    assert await tenant.store.write(*map(Send, sent)) is None


def stored(tenant: Tenant, id: str) -> Delivery:
    """As memory has it."""
    found: Delivery = tenant.store._held.deliveries[id]  # type: ignore[attr-defined]
    return found


async def until(tenant: Tenant, id: str, attempts: int) -> Delivery:
    """The delivery when that attempt was settled."""
    async with asyncio.timeout(5):
        while True:
            one = stored(tenant, id)
            if one.attempts >= attempts and one.lease_until == 0:
                return one
            await asyncio.sleep(0.001)


async def test_delivers_at_once(tenant: Tenant) -> None:
    """What is sent is tried at once, and once only when it arrives."""
    seen: list[Delivery] = []

    async def make(one: Delivery) -> None:
        seen.append(one)

    async with running(tenant, make):
        await send(tenant, "1", "2")
        for id in "12":
            assert (await until(tenant, id, 1)).done_at == NOW
        await asyncio.sleep(0.02)
    assert sorted(one.id for one in seen) == ["1", "2"]
    assert seen[0].body == b"body"


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Undelivered("the other side said 500"), "the other side said 500"),
        (Undelivered("\0\ud800"), "?"),
        (Undelivered(), "it was not taken"),
        (Refused(FETCH_FAILED, debug="secret"), "fetch_failed"),
        (ZeroDivisionError("secret"), "ZeroDivisionError"),
        (TimeoutError(), "it took too long"),
        (Undelivered("x" * 5_000), "x" * 200),
    ],
)
async def test_tries_again_after_a_pause(tenant: Tenant, clock: Clock, error: Exception, kept: str) -> None:
    """What did not arrive is due again after a doubling pause with jitter; why is kept, without secrets."""

    async def make(_one: Delivery) -> None:
        raise error

    async with running(tenant, make):
        await send(tenant, "1")
        for attempts in (1, 2, 3):
            one = await until(tenant, "1", attempts)
            assert one.last_error == kept
            assert one.done_at is None
            pause = FIRST_PAUSE * 2 ** (attempts - 1)
            assert clock.now + 0.75 * pause <= one.next_at <= clock.now + 1.25 * pause
            clock.now = one.next_at


async def test_gives_up_in_sight(tenant: Tenant, clock: Clock) -> None:
    """After the last attempt a delivery is given up, and the audit says which, where to and why."""

    async def make(_one: Delivery) -> None:
        raise Undelivered("no")

    async with running(tenant, make):
        await send(tenant, "1")
        one = await until(tenant, "1", 1)
        for attempts in range(1, MOST_ATTEMPTS + 1):
            one = await until(tenant, "1", attempts)
            assert one.next_at - clock.now <= 1.25 * LONGEST_PAUSE
            clock.now = max(clock.now, one.next_at)
        assert one.done_at is not None
        clock.now += 10 * LONGEST_PAUSE
        await asyncio.sleep(0.02)
    assert stored(tenant, "1").attempts == MOST_ATTEMPTS
    (event,) = await tenant.store.events(tenant.id, {"slug": "delivery_failed"}, Window())
    assert event.detail == {
        "id": "1",
        "kind": KIND,
        "target": "https://there.test/",
        "attempts": MOST_ATTEMPTS,
        "error": "no",
    }


async def test_what_kills_its_process_is_given_up_too(tenant: Tenant, clock: Clock) -> None:
    """An attempt that never came to an end counts: nothing is tried for ever."""
    tried = []

    async def make(one: Delivery) -> None:
        tried.append(one)

    await send(tenant, "1")
    for _ in range(MOST_ATTEMPTS):
        assert len(await tenant.store.claim([KIND], LEASE, 1)) == 1
        clock.now += LEASE
    async with running(tenant, make):
        assert (await until(tenant, "1", MOST_ATTEMPTS + 1)).done_at == clock.now
    assert tried == []
    assert len(await tenant.store.events(tenant.id, {"slug": "delivery_failed"}, Window())) == 1


async def test_a_slow_one_holds_up_nobody(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries run beside each other, a bounded number at once, each for a bounded time."""
    monkeypatch.setattr(jobs, "PATIENCE", 0.3)
    under_way, most = 0, 0

    async def make(one: Delivery) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.sleep(60 if one.id == "slow" else 0.01)
        finally:
            under_way -= 1

    async with running(tenant, make):
        await send(tenant, "slow", *(f"{n}" for n in range(3 * MOST_AT_ONCE)))
        for n in range(3 * MOST_AT_ONCE):
            assert (await until(tenant, f"{n}", 1)).done_at == NOW
        assert (await until(tenant, "slow", 1)).last_error == "it took too long"
    assert most == MOST_AT_ONCE


async def test_survives_a_store_that_is_away(
    tenant: Tenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the store is away nothing is claimed; what was made and not settled is made again."""
    made = []

    async def make(one: Delivery) -> None:
        made.append(one.attempts)

    async def away(*_: object) -> None:
        raise Refused(STORE_UNAVAILABLE)

    await send(tenant, "1")
    async with running(tenant, make) as task:
        with monkeypatch.context() as broken:
            broken.setattr(tenant.store, "write", away)
            await asyncio.sleep(0.02)
            assert made == [1]
            broken.setattr(tenant.store, "claim", away)
            clock.now += LEASE
            await asyncio.sleep(0.02)
        assert (await until(tenant, "1", 2)).done_at == clock.now
        assert not task.done()
    assert made == [1, 2]


async def test_ends_with_its_process(tenant: Tenant) -> None:
    """When the process ends, what is under way ends, and is due again when its lease is over."""
    started = asyncio.Event()

    async def make(_one: Delivery) -> None:
        started.set()
        await asyncio.sleep(60)

    await send(tenant, "1")
    async with running(tenant, make):
        await started.wait()
    one = stored(tenant, "1")
    assert (one.done_at, one.lease_until) == (None, NOW + LEASE)
