"""Class 16, in Entra's words: a code is used twice, or by several at the same moment."""

import secrets

import pytest

from sekisho.model.step import PutOnce
from sekisho.oauth.qualified import code as redeeming
from sekisho.store.memory import MemoryEngine
from tests.attacks.callers import (
    SERVER,
    code_of,
    goes_on,
    granted,
    is_refused,
    redeems,
    refreshes,
    serves,
    site_refreshes,
)
from tests.attacks.guest import together
from tests.attacks.household import Household
from tests.entra import ENTER, B

MANY = 12
UNKNOWN, REVOKED = 70000, 50173


def test_one_of_many_gets_it(firm: Household) -> None:
    """Of many that show one code at once, one at most is answered; as it is replayed, all of it ends."""
    code = code_of(firm)
    answers = together(MANY, lambda _: redeems(firm, code))
    given = [each.json() for each in answers if each.status_code == 200]
    assert len(given) <= 1
    for each in answers:
        if each.status_code != 200:
            is_refused(each, UNKNOWN, REVOKED)
    for body in given:
        is_refused(refreshes(firm, body["refresh_token"]), UNKNOWN)
        is_refused(goes_on(firm, body["access_token"]), REVOKED)


def test_a_replay_ends_what_came_of_it(firm: Household) -> None:
    """Tokens of the code, what API A got on behalf, and what lasts: nothing of it is good afterwards."""
    code = code_of(firm, **SERVER, scope=f"openid offline_access {ENTER}")
    body = granted(serves(firm, code))
    behind = granted(goes_on(firm, body["access_token"]))["access_token"]
    firm.clock.now += 30
    is_refused(serves(firm, code), UNKNOWN)
    is_refused(site_refreshes(firm, body["refresh_token"]), UNKNOWN)
    is_refused(goes_on(firm, body["access_token"]), REVOKED)
    # The token for the next API is of the same grant.
    is_refused(goes_on(firm, behind, client_id=B, scope="api://c/read"), REVOKED)


def test_a_code_is_short_lived(firm: Household) -> None:
    """A code that nobody used in time is no code."""
    code = code_of(firm)
    firm.clock.now += firm.tenant.policy.code_lifetime
    is_refused(redeems(firm, code), UNKNOWN)


async def forgets(*_: object) -> int:
    """Nothing ends."""
    return 0


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code that is not taken, or a replay that takes nothing back, the attack succeeds."""
    with monkeypatch.context() as mutant:
        mutant.setattr(redeeming, "Take", lambda *_: PutOnce(secrets.token_hex(8), 2e9))
        code = code_of(firm, scope=f"openid {ENTER}")
        assert [redeems(firm, code).status_code for _ in range(2)] == [200, 200]
    with monkeypatch.context() as mutant:
        mutant.setattr(MemoryEngine, "revoke", forgets)
        code = code_of(firm)
        body = granted(redeems(firm, code))
        is_refused(redeems(firm, code), UNKNOWN)
        assert granted(refreshes(firm, body["refresh_token"]))
        assert granted(goes_on(firm, body["access_token"]))
