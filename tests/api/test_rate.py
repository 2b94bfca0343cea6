"""How often a token may call."""

import math
from dataclasses import replace as other

from msgspec.structs import replace

from sekisho.api import rate
from sekisho.limits import Allowed, Bucket, Wait
from sekisho.limits.leased import Leased
from sekisho.model.step import Save
from sekisho.registry import tenants
from sekisho.store.memory import MemoryLimits
from sekisho.tenant import Tenant
from tests.api.conftest import Desk
from tests.tenants import NOW

SMALL = {"management_rate": 2, "management_burst": 10}


def told(answer) -> tuple[int, ...]:
    """Limit, remaining and reset, as an answer has them."""
    headers = dict(answer.headers)
    return tuple(int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset"))


async def hurried(desk: Desk, **policy: float) -> Desk:
    """The desk of the same tenant with another policy."""
    record = await tenants.current(desk.tenant)
    record = replace(record, policy=replace(record.policy, **policy))
    assert await desk.tenant.change(Save(record)) is None
    tenant = desk.tenant
    return Desk(Tenant(record, tenant.addresses, tenant.keys, tenant.tools), desk.clock)


async def test_every_answer_says_how_the_rate_stands(desk):
    """Answers and refusals alike carry the headers; each call costs one."""
    token = desk.token()
    assert told(await desk.ask("GET /clients", token=token)) == (1000, 999, math.ceil(NOW + 0.01))
    assert told(await desk.ask("GET /clients/x", token=token))[1] == 998
    assert told(await desk.ask("GET /clients?x=1", token=token))[1] == 997
    assert told(await desk.ask("GET /clients", token=desk.token("x")))[0] == 1000


async def test_too_many_calls_are_refused_until_the_reset(desk):
    """Who has spent everything is answered 429 with the moment from which the next call is taken."""
    desk = await hurried(desk, **SMALL)
    token = desk.token()
    for _ in range(10):
        assert (await desk.ask("GET /clients", token=token)).status == 200
    answer = await desk.ask("GET /clients", token=token)
    assert (answer.status, answer.json["errorCode"]) == (429, "too_many_requests")
    assert desk.refused.reason.slug == "rate_limited"
    assert told(answer) == (10, 0, NOW + 1)
    assert dict(answer.headers)["retry-after"] == "1"
    desk.clock.now += 1
    assert (await desk.ask("GET /clients", token=token)).status == 200


class Counting(MemoryLimits):
    """An engine that knows how often it was asked."""

    asked = 0

    async def spend(self, key: str, bucket: Bucket, now: float, cost: float = 1.0) -> Allowed | Wait:
        self.asked += 1
        return await super().spend(key, bucket, now, cost)


async def test_most_calls_are_counted_without_the_engine(desk):
    """Calls are spent out of a lease: the engine is asked for many at once, and the headers count each."""
    engine = Counting()
    tools = other(desk.tenant.tools, limits=engine, leased=Leased(engine))
    desk = Desk(other(desk.tenant, tools=tools), desk.clock)
    token = desk.token()
    left = [told(await desk.ask("GET /clients", token=token))[1] for _ in range(40)]
    assert left == list(range(999, 959, -1))
    assert engine.asked == 1


async def test_each_token_has_its_own_rate(desk):
    """What one token spends, another one still has."""
    desk = await hurried(desk, management_burst=1)
    assert (await desk.ask("GET /clients", token=desk.token())).status == 200
    assert (await desk.ask("GET /clients", token=desk.token())).status == 429
    record = await tenants.current(desk.tenant)
    assert record.policy.management_burst == 1


async def test_who_may_nothing_spends_all_the_same(desk):
    """Calls without the scope count: guessing is not free."""
    desk = await hurried(desk, **SMALL)
    token = desk.token("nothing")
    statuses = [(await desk.ask("GET /clients", token=token)).status for _ in range(11)]
    assert statuses == [403] * 10 + [429]


async def test_development_is_ten_times_as_patient(desk):
    """A development server allows ten times the rate."""
    addresses = other(desk.tenant.addresses, development=True)
    bucket = rate.allowance(other(desk.tenant, addresses=addresses))
    assert (bucket.rate, bucket.burst) == (1000, 10_000)
    bucket = rate.allowance(desk.tenant)
    assert (bucket.rate, bucket.burst) == (100, 1_000)
