"""A second factor over two processes and a real database: one code, one guess, one setup at a time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import enrolment, held, proving, removal
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.people.folk import ADMIN, somebody
from tests.second_factors import BY, code, enrolled, known, wrong

Pair = tuple[Tenant, Tenant]


async def outcome(doing: Awaitable[object]) -> str:
    """What becomes of it."""
    try:
        await doing
    except Refused as refused:
        return refused.reason.slug
    return "done"


async def shown(tenant: Tenant, user, kind: str, text: str) -> None:
    """A code is shown and used up, as a page does it."""
    await proving.spend(tenant, await proving.prove(tenant, user, kind, text, BY))


async def test_a_code_of_the_app_has_one_winner(pair: Pair):
    """The same code, shown eight times at once in two processes, lets one in. CVE-2024-7318 and its kind."""
    user = await somebody(pair[0])
    secret, _ = await enrolled(pair[0], user)
    text = code(secret, pair[0])
    doing = [outcome(shown(pair[n % 2], user, totp.KIND, text)) for n in range(8)]
    assert Counter(await asyncio.gather(*doing)) == {"done": 1, "factor_replayed": 7}


async def test_a_recovery_code_has_one_winner(pair: Pair):
    """The same recovery code lets one in; the other nine are still there."""
    user = await somebody(pair[0])
    _, found = await enrolled(pair[0], user)
    doing = [outcome(shown(pair[n % 2], user, recovery.KIND, found.codes[0])) for n in range(8)]
    assert Counter(await asyncio.gather(*doing)) == {"done": 1, "recovery_wrong": 7}
    assert len((await held.of_user(pair[1], user))[recovery.KIND].digests) == 9


async def test_a_hundred_guesses_are_ten(pair: Pair):
    """Guesses at the same moment are counted as if they came one by one. CVE-2024-4629, CVE-2025-64102."""
    user = await somebody(pair[0])
    secret, _ = await enrolled(pair[0], user)
    text = wrong(secret, pair[0])
    doing = [outcome(shown(pair[n % 2], user, totp.KIND, text)) for n in range(100)]
    assert Counter(await asyncio.gather(*doing)) == {"factor_wrong": 10, "sign_in_locked": 90}
    assert await outcome(shown(pair[1], user, totp.KIND, code(secret, pair[1]))) == "sign_in_locked"


async def test_one_of_two_setups_counts(pair: Pair):
    """Two windows set up an app at once: one counts, the other is told, and its secret opens nothing."""
    user = await somebody(pair[0])
    setups = [enrolment.begin(pair[n], user, "s") for n in range(2)]
    doing = [
        outcome(enrolment.confirm(pair[n], user, setup.secret, code(setup.secret, pair[n], -1), BY))
        for n, setup in enumerate(setups)
    ]
    told = await asyncio.gather(*doing)
    assert Counter(told) == {"done": 1, "factor_present": 1}
    for setup, said in zip(setups, told, strict=True):
        became = await outcome(shown(pair[0], user, totp.KIND, code(setup.secret, pair[0])))
        assert became == ("done" if said == "done" else "factor_wrong")


async def test_what_is_taken_away_is_not_used(pair: Pair):
    """A code that was found good before the factor went lets nobody in after that."""
    user = await somebody(pair[0])
    secret, _ = await enrolled(pair[0], user)
    proof = await proving.prove(pair[0], user, totp.KIND, code(secret, pair[0]), BY)
    await removal.remove(pair[1], user.id, ADMIN)
    assert await outcome(proving.spend(pair[0], proof)) == "factor_replayed"
    assert not (await known(pair[0], user)).has_second_factor
