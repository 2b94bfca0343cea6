"""Limits over two processes: spends and refunds of several tokens, and leases."""

import asyncio

from sekisho.limits import Allowed, Bucket
from sekisho.limits.leased import LEASE_PARTS
from sekisho.store.sql import open_limits
from tests.store.processes import workers
from tests.store.things import NOW


async def left(url: str, key: str, bucket: Bucket) -> float:
    """How many tokens a bucket has."""
    limits = await open_limits(url)
    await limits.refund(key, bucket, NOW, 0)
    found = await limits.spend(key, bucket, NOW, 0)
    await limits.close()
    assert isinstance(found, Allowed)
    return found.left


async def test_a_cost_is_taken_as_a_whole(url: str):
    """Two processes that take several tokens at a time take as often as the burst has them, together."""
    async with workers(url) as pair:
        answers = await asyncio.gather(*(each.say("spend", "key", 60, 100, 7) for each in pair))
    assert sum(answers) == 100 // 7
    assert await left(url, "key", Bucket(0, 100)) == 100 % 7


async def test_what_is_given_back_is_there(url: str):
    """Two processes that take and give back at the same time leave the bucket as full as it was."""
    async with workers(url) as pair:
        answers = await asyncio.gather(*(each.say("give", "key", 60, 20, 3) for each in pair))
    assert sum(answers) > 0
    assert await left(url, "key", Bucket(0, 20)) == 20


async def test_leases_of_two_processes_are_one_bucket(url: str):
    """Two processes that spend by lease are allowed the burst together; a lease each stays in hand."""
    async with workers(url) as pair:
        answers = await asyncio.gather(*(each.say("lease", "key", 400, 500) for each in pair))
    assert sum(answers) == 500
    async with workers(url) as pair:
        answers = await asyncio.gather(*(each.say("lease", "few", 3, 500) for each in pair))
    assert sum(answers) == 6
    assert await left(url, "few", Bucket(0, 500)) == 500 - 2 * 500 // LEASE_PARTS
