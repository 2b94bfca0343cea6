"""Class 68: somebody finds out who has an account at the doors by which applications show passwords."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from sekisho.people import users
from sekisho.spec.refusals.people import SIGN_UP_INVALID
from sekisho.store.memory import MemoryEngine
from tests.attacks.guest import Guest
from tests.attacks.household import BEN, PASSWORD, Household
from tests.attacks.test_68_who_is_here import noted
from tests.auth0 import asked, furnished, older, shown, signs_up
from tests.people.folk import ADMIN

# Somebody with a password, blocked somebody, somebody elsewhere, nobody, and nobody's other shape.
NAMES = ("aya@example.com", "ben@example.com", "cyd@example.com", "dee@example.com", "dee")
Door = Callable[[Household, str, str], httpx.Response]
DOORS: Mapping[str, Door] = {
    "password": lambda home, name, text: asked(home, text, username=name, grant_type="password", realm=None),
    "password-realm": lambda home, name, text: asked(home, text, username=name),
    "ro": lambda home, name, text: older(home, text, username=name),
    "co": lambda home, name, text: shown(Guest(home), text, username=name),
}


@pytest.fixture
def mixed(home: Household) -> Household:
    """Everybody whom the law is about, and every door."""
    furnished(home)
    asyncio.run(users.block(home.tenant, BEN, ADMIN))
    home.decide(sign_in_account_burst=3)
    home.passwords.looked_at = 0
    return home


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """An answer without what is different for every request."""
    own = ("x-correlation-id", "date", "content-length")
    return answer.status_code, {k: v for k, v in answer.headers.items() if k not in own}, answer.text


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_wrong_password_says_the_same_of_everybody(
    mixed: Household, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer, one hash and as many reads, whoever it is about; and the same lock."""
    reads: list[str] = []
    for name in ("get", "named", "record", "records", "find"):
        monkeypatch.setattr(MemoryEngine, name, noted(name, getattr(MemoryEngine, name), reads))
    door(mixed, "warm@example.com", "wrong words")
    found: list[Any] = []
    for name in NAMES:
        reads.clear()
        mixed.passwords.looked_at = 0
        first = seen(door(mixed, name, "wrong words"))
        cost = (mixed.passwords.looked_at, sorted(reads))
        rest = [seen(door(mixed, name, "wrong words")) for _ in range(4)]
        found.append((first, cost, rest))
    assert found[0][1][0] == 1
    assert [status for status, _, _ in found[0][2]][-2:] == [429, 429]
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_only_who_knows_the_password_learns_of_a_block(mixed: Household, door: Door) -> None:
    """The right password is told of the block, a wrong one is not."""
    right, wrong = (door(mixed, "ben@example.com", each) for each in ("eleven green kettles", PASSWORD))
    assert ("blocked" in right.text, "blocked" in wrong.text) == (True, False)


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_somebody_of_another_directory_is_nobody(mixed: Household, door: Door) -> None:
    """With the right password the answer is that to a name that nobody has."""
    mixed.person(connection="Elsewhere")
    there, nobody = (door(mixed, name, PASSWORD) for name in ("aya@example.com", "dee@example.com"))
    assert seen(there) == seen(nobody)


def test_who_signs_up_learns_what_it_costs_to_learn(mixed: Household) -> None:
    """All else that is wrong is told first, and each try costs the network address an attempt for good."""
    free, taken = "new@example.com", "aya@example.com"
    for more in ({"text": "short"}, {"user_metadata": {"a": 1}}, {"connection": "x"}, {"picture": "x"}):
        known = [signs_up(mixed, email, **more) for email in (free, taken)]
        assert known[0].status_code == 400
        assert seen(known[0]) == seen(known[1])
    mixed.decide(sign_in_address_burst=5)
    answers = [signs_up(mixed, taken).json()["code"] for _ in range(7)]
    assert set(answers) == {SIGN_UP_INVALID.error, "too_many_attempts"}
    assert answers[-1] == "too_many_attempts"
    assert signs_up(mixed, free).status_code == 429


def test_a_taken_user_name_says_no_more_than_an_address(mixed: Household) -> None:
    """Without the flag it is one answer for both; a blocked account is as taken as any other."""
    answers = [
        seen(signs_up(mixed, **each))
        for each in (
            {"email": "aya@example.com"},
            {"email": "ben@example.com"},
            {"username": "ayachan"},
            {"email": "aya@example.com", "username": "ayachan"},
        )
    ]
    assert len({repr(each) for each in answers}) == 1
