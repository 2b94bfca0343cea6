"""Class 16: a code is used again, or by many at once, and what its first use gave lives on."""

import secrets
from functools import partial
from typing import Any

import httpx
import pytest

from sekisho.model.step import PutOnce
from sekisho.oauth.grants import authorization_code
from sekisho.store.memory import MemoryEngine
from tests.attacks.guest import Guest, is_live, is_refused, proof, redeem, refresh, together, tokens, who
from tests.attacks.household import OPAQUE_API, Household

MANY = 12


def ends(home: Household, given: dict[str, Any], gate: str = "gate-0") -> None:
    """Nothing of what was given is good for anything."""
    assert not is_live(home, given["access_token"], gate)
    is_refused(who(home, given["access_token"]), "invalid_token")
    is_refused(refresh(home, given["refresh_token"]), "invalid_grant")


def shows(home: Household, code: str, _: int) -> httpx.Response:
    """One of many."""
    return redeem(home, code)


@pytest.mark.parametrize(("api", "gate"), [(None, ""), (OPAQUE_API, "gate-2")])
def test_a_code_that_is_shown_again(home: Household, api: str | None, gate: str) -> None:
    """Whoever shows a code again gets nothing, and what the first one got ends: refresh tokens, too."""
    more = {"audience": api} if api else {}
    code = Guest(home).answered(**more)["code"]
    first = redeem(home, code).json()
    assert is_live(home, first["access_token"], gate or "gate-0")
    is_refused(redeem(home, code), "invalid_grant")
    ends(home, first, gate or "gate-0")


def test_many_show_a_code_at_once(home: Household) -> None:
    """Of many at the same moment one wins at most, and what it won is taken back by those who lost."""
    for _ in range(3):
        code = Guest(home).answered()["code"]
        answers = together(MANY, partial(shows, home, code))
        won = [each.json() for each in answers if each.status_code == 200]
        assert len(won) == 1
        for each in answers:
            if each.status_code != 200:
                is_refused(each, "invalid_grant")
        ends(home, won[0])
        home.clock.now += 1


def test_what_descends_from_a_code_ends_with_it(home: Household) -> None:
    """A code that is shown again takes back what was refreshed in the meantime, whatever generation."""
    code = Guest(home).answered()["code"]
    given = [redeem(home, code).json()]
    for _ in range(3):
        home.clock.now += 15
        given.append(refresh(home, given[-1]["refresh_token"]).json())
    assert is_live(home, given[-1]["access_token"])
    is_refused(redeem(home, code), "invalid_grant")
    for each in given:
        ends(home, each)


@pytest.mark.parametrize("more", [{"code_verifier": "w" * 43}, {"redirect_uri": "https://app.example.com/x"}])
def test_a_replay_without_the_proof_is_one_too(home: Household, more: dict[str, str]) -> None:
    """Also who has but the code of a used one, and not what belongs to it, shows that it leaked."""
    code = Guest(home).answered()["code"]
    first = redeem(home, code).json()
    is_refused(redeem(home, code, **more), "invalid_grant")
    ends(home, first)


def test_nobody_ends_what_is_anothers(home: Household) -> None:
    """Another client that shows a used code learns nothing of it and takes nothing back."""
    code = Guest(home).answered()["code"]
    first = redeem(home, code).json()
    unknown = redeem(home, secrets.token_urlsafe(32), "second")
    for client in ("second", "third", "spa", "native"):
        answer = redeem(home, code, client)
        is_refused(answer, "invalid_grant")
        assert answer.json() == unknown.json()
    # The client itself has to prove that it is the one.
    is_refused(redeem(home, code, **{**proof("web"), "client_secret": "wrong"}), "invalid_client")
    is_refused(redeem(home, code, client_secret=None), "invalid_client")
    assert is_live(home, first["access_token"])
    assert refresh(home, first["refresh_token"]).status_code == 200


def test_a_code_is_short_lived(home: Household) -> None:
    """A code that nobody used in time is no code, and one that was used ends nothing later."""
    unused, used = Guest(home).answered()["code"], Guest(home).answered()["code"]
    first = redeem(home, used).json()
    home.clock.now += home.tenant.policy.code_lifetime
    for code in (unused, used):
        is_refused(redeem(home, code), "invalid_grant")
    assert is_live(home, first["access_token"])


def test_one_flow_gives_one_code(home: Household) -> None:
    """A page that is sent many times at once finishes its flow once: there is one code."""
    guest = Guest(home)
    page = guest.authorizes("third")
    page = guest.signs_in(page)
    assert page.request.url.path == "/consent"
    copies = [Guest(home, cookies=dict(guest.cookies)) for _ in range(MANY)]
    answers = together(MANY, lambda number: copies[number].posts(page, decision="allow"))
    codes = [each.headers["location"] for each in answers if "code=" in each.headers.get("location", "")]
    assert len(codes) == 1
    assert all(each.status_code < 500 for each in answers)


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code that is not taken, or a replay that takes nothing back, the attack succeeds."""
    with monkeypatch.context() as mutant:
        mutant.setattr(authorization_code, "Take", lambda _, text: PutOnce(secrets.token_hex(8), 2e9))
        code = Guest(home).answered(scope="openid")["code"]
        assert [redeem(home, code).status_code for _ in range(2)] == [200, 200]
    with monkeypatch.context() as mutant:
        mutant.setattr(MemoryEngine, "revoke", forgets)
        code = Guest(home).answered()["code"]
        first = redeem(home, code).json()
        is_refused(redeem(home, code), "invalid_grant")
        assert is_live(home, first["access_token"])
        assert refresh(home, first["refresh_token"]).status_code == 200


async def forgets(*_: object) -> int:
    """Nothing ends."""
    return 0


def test_the_honest_way_goes_on(home: Household) -> None:
    """Without an attack a code gives tokens that live, so that the refusals say something."""
    given = tokens(home)
    assert is_live(home, given["access_token"])
    assert who(home, given["access_token"]).json()["sub"] == "auth0|aya"
