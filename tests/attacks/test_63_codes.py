"""Class 63: codes of an app are shown twice, guessed in parallel, or guessed past the lockout."""

from collections import Counter

import pytest

from sekisho.spec.policy import PASSWORD_GRANTS, Policy
from tests.attacks.guest import Guest, address_of, ask, together, token_of
from tests.attacks.household import PASSWORD, Household
from tests.attacks.second_factors import OTP, App, half_way, is_in, linked

BURST = 5


@pytest.fixture
def app(home: Household) -> App:
    """Aya has an app; five wrong codes are enough."""
    home.decide(sign_in_account_burst=BURST)
    return linked(home)


def test_a_code_is_shown_once(app: App) -> None:
    """Nobody uses a code that somebody used, in its window or after it. CVE-2024-7318, Logto before 1.41."""
    first, page = half_way(app.home, None)
    text = app.code()
    assert first.posts(page, code=text).request.url.path == "/account"
    second, page = half_way(app.home, None)
    assert second.posts(page, code=text).status_code == 403
    app.home.clock.now += 30
    assert second.posts(page, code=text).status_code == 403
    app.home.clock.now += 30
    assert second.posts(page, code=text).status_code == 403
    assert not is_in(second)


def test_no_code_from_before_is_good(app: App) -> None:
    """After a code of the next step, that of this one is over, though its window is not."""
    guest, page = half_way(app.home, None)
    assert guest.posts(page, code=app.code(1)).request.url.path == "/account"
    other, page = half_way(app.home, None)
    for steps in (-1, 0, 1):
        assert other.posts(page, code=app.code(steps)).status_code == 403


@pytest.mark.parametrize("steps", [-100, -3, -2, 2, 3, 100])
def test_a_code_of_another_time_is_none(app: App, steps: int) -> None:
    """Outside of half a minute on each side a code opens nothing."""
    guest, page = half_way(app.home, None)
    assert guest.posts(page, code=app.code(steps)).status_code == 403


def test_one_of_many_at_once_gets_in(home: Household) -> None:
    """The same right code from many browsers at the same moment opens one of them."""
    app = linked(home)
    visits = [half_way(app.home, None) for _ in range(8)]
    text = app.code()

    def act(number: int) -> int:
        guest, page = visits[number]
        form = {"csrf": token_of(page), "code": text}
        return guest.send("POST", address_of(page), data=form, headers={"origin": guest.origin}).status_code

    assert Counter(together(8, act)) == {303: 1, 403: 7}
    assert sum(is_in(guest) for guest, _ in visits) == 1


def test_parallel_guesses_do_not_outrun_it(app: App) -> None:
    """As many as the burst are looked at, from however many sessions they come. CVE-2024-4629."""
    visits = [half_way(app.home, None) for _ in range(16)]

    def act(number: int) -> int:
        guest, page = visits[number]
        form = {"csrf": token_of(page), "code": app.wrong()}
        return guest.send("POST", address_of(page), data=form, headers={"origin": guest.origin}).status_code

    assert Counter(together(16, act)) == {403: BURST, 429: 16 - BURST}
    guest, page = visits[0]
    assert guest.posts(page, code=app.code()).status_code == 429


def test_every_door_counts_in_one_place(app: App) -> None:
    """App, written codes, the grants of applications and the account share one count. CVE-2025-64102."""
    app.home.decide(grant_types=(*Policy().grant_types, *PASSWORD_GRANTS))
    app.home.client("web", grant_types=("authorization_code", *PASSWORD_GRANTS))
    form = {"grant_type": "password", "username": "aya@example.com", "password": PASSWORD}
    ticket = ask(app.home, "web", form).json()["mfa_token"]
    guest, page = half_way(app.home, None)
    written = guest.opens(f"{address_of(page)}&way=recovery")
    told = {"grant_type": OTP, "mfa_token": ticket}
    assert guest.posts(page, code=app.wrong()).status_code == 403
    assert guest.posts(written, code="AAAA-AAAA-AAAA-AAAA").status_code == 403
    assert ask(app.home, "web", {**told, "otp": app.wrong()}).status_code == 403
    assert guest.posts(page, code=app.wrong()).status_code == 403
    assert ask(app.home, "web", {**told, "otp": app.wrong()}).status_code == 403
    assert guest.posts(page, code=app.code()).status_code == 429
    assert ask(app.home, "web", {**told, "otp": app.code()}).status_code == 429
    assert guest.posts(written, code=app.written[0]).status_code == 429


def test_nothing_gives_guesses_back(app: App) -> None:
    """Signing in again, another flow, another browser or a right password: the count stays."""
    guest, page = half_way(app.home, None)
    for _ in range(BURST):
        guest.posts(page, code=app.wrong())
        guest, page = half_way(app.home, "web")
    assert guest.posts(page, code=app.code()).status_code == 429
    other, page = half_way(app.home, None)
    assert other.posts(page, code=app.code()).status_code == 429
    # Who guesses codes locks nobody's password, and the other way round.
    assert Guest(app.home).signs_in().request.url.path == "/mfa"


def test_a_written_code_is_shown_once(home: Household) -> None:
    """A recovery code opens one session, from however many browsers it comes at once."""
    app = linked(home)
    visits = [half_way(app.home, None) for _ in range(6)]

    def act(number: int) -> int:
        guest, page = visits[number]
        form = {"csrf": token_of(page), "code": app.written[0]}
        address = f"{address_of(page)}&way=recovery"
        return guest.send("POST", address, data=form, headers={"origin": guest.origin}).status_code

    assert Counter(together(6, act)) == {303: 1, 403: 5}
