"""Parallel guesses over two processes and a real database."""

import asyncio
from collections import Counter

import pytest

from sekisho.people.factors.password import verify
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, PASSWORD, decided, somebody

GUESSES = 100


async def outcome(tenant: Tenant, name: str, text: str) -> str:
    """What becomes of a guess."""
    try:
        return (await verify(tenant, name, text, ADDRESS)).email
    except Refused as refused:
        return refused.reason.slug


async def guessed(pair: tuple[Tenant, Tenant], name: str) -> Counter[str]:
    """What becomes of a hundred guesses at once, half in each process."""
    names = (name, name.upper())
    guesses = [outcome(pair[n % 2], names[n // 2 % 2], f"wrong guess {n}") for n in range(GUESSES)]
    return Counter(await asyncio.gather(*guesses))


async def test_a_hundred_guesses_are_ten(pair: tuple[Tenant, Tenant]):
    """Guesses that are made at the same time are counted as if they came one by one. CVE-2024-4629."""
    await somebody(pair[0])
    assert await guessed(pair, "ann@example.com") == {"password_wrong": 10, "sign_in_locked": 90}
    assert await outcome(pair[1], "ann@example.com", PASSWORD) == "sign_in_locked"


async def test_a_hundred_guesses_at_nobody_are_ten(pair: tuple[Tenant, Tenant]):
    """A name that nobody has is locked after as many guesses as one that somebody has."""
    assert await guessed(pair, "nobody@example.com") == {"user_unknown": 10, "sign_in_locked": 90}


@pytest.mark.parametrize("burst", [7])
async def test_an_address_cannot_outrun_its_limit(pair: tuple[Tenant, Tenant], burst: int):
    """A hundred names at once from one address are as many as it may try."""
    few = [decided(tenant, sign_in_address_burst=burst) for tenant in pair]
    guesses = [outcome(few[n % 2], f"name{n}@example.com", "wrong") for n in range(GUESSES)]
    found = Counter(await asyncio.gather(*guesses))
    assert found == {"user_unknown": burst, "sign_in_locked": GUESSES - burst}


async def test_right_ones_are_paid_back_everywhere(pair: tuple[Tenant, Tenant]):
    """People who sign in at the same time in both processes do not lock themselves out."""
    await somebody(pair[0])
    for _ in range(3):
        signed_in = [outcome(pair[n % 2], "ann@example.com", PASSWORD) for n in range(8)]
        assert set(await asyncio.gather(*signed_in)) == {"ann@example.com"}
