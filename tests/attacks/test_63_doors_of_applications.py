"""Class 63: somebody guesses at the doors by which applications show passwords: Auth0's own endpoints."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from sekisho.people import lockout
from sekisho.spec.policy import PASSWORD_REALM
from tests.attacks.guest import Guest, together
from tests.attacks.household import OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.attacks.test_63_guessing import BURST, SPELLINGS, guess, nothing
from tests.auth0 import asked, furnished, older, shown

Door = Callable[[Household, str, str], httpx.Response]
DOORS: Mapping[str, Door] = {
    "password": lambda home, name, text: asked(home, text, username=name, grant_type="password", realm=None),
    "password-realm": lambda home, name, text: asked(home, text, username=name),
    "ro": lambda home, name, text: older(home, text, username=name),
    "co": lambda home, name, text: shown(Guest(home), text, username=name),
    "co without a realm": lambda home, name, text: shown(
        Guest(home), text, username=name, credential_type="password", realm=None
    ),
}
AYA = "aya@example.com"
WRONG = 400, 403


@pytest.fixture
def strict(home: Household) -> Household:
    """Every door is open, and five wrong passwords for an account are enough."""
    furnished(home)
    home.decide(sign_in_account_burst=BURST)
    return home


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_parallel_guesses_do_not_outrun_it(strict: Household, door: Door) -> None:
    """As many as the burst are looked at, though they all come at once; then all doors are shut."""
    answers = together(24, lambda number: door(strict, AYA, f"wrong {number}").status_code)
    assert strict.passwords.looked_at == BURST
    assert answers.count(429) == 24 - BURST
    assert set(answers) <= {429, *WRONG}
    assert [each(strict, AYA, PASSWORD).status_code for each in DOORS.values()] == [429] * len(DOORS)
    assert guess(Guest(strict), text=PASSWORD) == 429


def test_all_doors_at_once_are_one_count(strict: Household) -> None:
    """Who guesses at every door in parallel has the attempts of one account, the sign-in page's too."""
    doors = [*DOORS.values()]

    def act(number: int) -> int:
        which = number % (len(doors) + 1)
        if which == len(doors):
            return guess(Guest(strict), AYA, f"wrong {number}")
        return doors[which](strict, AYA, f"wrong {number}").status_code

    answers = together(24, act)
    assert strict.passwords.looked_at == BURST
    assert answers.count(429) == 24 - BURST


def test_no_spelling_and_no_client_is_another_count(strict: Household) -> None:
    """However the name is typed, and whichever application asks."""
    clients = ("web", "second")
    answers = [
        asked(strict, "wrong", clients[number % 2], username=name).status_code
        for number, name in enumerate(SPELLINGS * 2)
    ]
    assert answers == [400] * BURST + [429] * (len(answers) - BURST)
    assert strict.passwords.looked_at == BURST


def test_an_address_has_its_own_count(home: Household) -> None:
    """Many accounts from one address: one count, whatever door, and whatever an application says of it."""
    furnished(home)
    home.decide(sign_in_address_burst=BURST)
    answers = []
    for number in range(BURST + 5):
        door = [*DOORS.values()][number % len(DOORS)]
        answers.append(door(home, f"nobody{number}@example.com", "wrong").status_code)
    assert answers[BURST:] == [429] * 5
    with home.web(**{"auth0-forwarded-for": "203.0.113.9", "x-forwarded-for": "203.0.113.9"}) as web:
        form = {"grant_type": "password", "client_id": "native", "username": AYA, "password": PASSWORD}
        assert web.post("/oauth/token", data=form).status_code == 429


def test_being_right_elsewhere_gives_nothing_back(strict: Household) -> None:
    """A guesser who is right about an account of their own in between has no more attempts for that."""
    answers = []
    for _ in range(BURST + 1):
        answers.append(asked(strict, "wrong").status_code)
        assert asked(strict, OTHER_PASSWORD, username="ben@example.com").status_code == 200
    assert answers == [400] * BURST + [429]


def test_another_tenant_counts_for_itself(strict: Household) -> None:
    """Guesses at another tenant lock nobody out here, and no door there opens what is switched on here."""
    for _ in range(BURST + 2):
        with strict.web(OTHER_HOST) as web:
            form = {"grant_type": "password", "client_id": "native", "username": AYA, "password": PASSWORD}
            assert web.post("/oauth/token", data=form).json()["error"] == "unsupported_grant_type"
            assert web.post("/oauth/ro", data={**form, "connection": "x"}).status_code == 403
    assert asked(strict).status_code == 200


def test_what_is_shut_looks_at_nothing(home: Household) -> None:
    """Unless a tenant opens them the doors look at no password, by whatever name they are asked."""
    home.client("web", grant_types=("authorization_code", "password", PASSWORD_REALM))
    home.client("native", grant_types=("authorization_code", "password"), oidc_conformant=False)
    for door in DOORS.values():
        answer = door(home, AYA, PASSWORD)
        assert answer.status_code in (400, 401, 403)
        assert not {"access_token", "login_ticket", "id_token"} & answer.json().keys()
    assert home.passwords.looked_at == 0


def test_the_guard_is_what_holds(strict: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no stake the guesser goes on, at every door."""
    monkeypatch.setattr(lockout, "stakes", nothing)
    for door in DOORS.values():
        assert {door(strict, AYA, "wrong").status_code for _ in range(BURST + 2)} <= {*WRONG}
        assert door(strict, AYA, PASSWORD).status_code == 200
