"""Class 63: six digits are guessed, many at a time, or shown twice."""

from collections import Counter

import httpx
import pytest

from sekisho.limits import Allowed, Bucket
from sekisho.people import lockout
from sekisho.people.letters import codes
from sekisho.spec.policy import PASSWORDLESS, Policy
from sekisho.spec.refusals.authorization import FORM_FORGED
from tests.attacks.guest import Guest, ask, together
from tests.attacks.household import API, Household
from tests.attacks.test_61_reset_links import EMAIL
from tests.attacks.test_68_mail import start
from tests.mails import mails, with_tray

PARALLEL = 24


@pytest.fixture
def house(home: Household) -> Household:
    """A house that sends codes, where an account has ten attempts."""
    home.client("web", grant_types=("authorization_code", PASSWORDLESS))
    home.decide(grant_types=(*Policy().grant_types, PASSWORDLESS))
    home.person(claims={"email": EMAIL, "email_verified": True})
    return with_tray(home)


def mailed(house: Household) -> str:
    """The code that Aya was sent."""
    house.clock.now += 1
    assert start(house, EMAIL).status_code == 200
    return next(line.strip() for line in mails(house)[0].mail.text.splitlines() if line.strip().isdecimal())


def guess(house: Household, otp: str, name: str = EMAIL) -> httpx.Response:
    """An application shows a code."""
    form = {"grant_type": PASSWORDLESS, "username": name, "otp": otp, "realm": "email", "audience": API}
    return ask(house, "web", form)


def wrong(right: str, number: int) -> str:
    """Another one."""
    return f"{(int(right) + 1 + number) % 1_000_000:06}"


def test_guesses_at_one_code_are_few(house: Household) -> None:
    """After five the right one is wrong, too, and does not say why."""
    right = mailed(house)
    said = [guess(house, wrong(right, number)) for number in range(int(codes.OF_CODE.burst))]
    last = guess(house, right)
    assert {each.text for each in (*said, last)} == {said[0].text}
    assert last.status_code == 400


def test_guesses_at_the_same_moment_are_no_more(house: Household) -> None:
    """The attempts are counted before the code is compared: parallel ones change nothing. CVE-2024-4629."""
    right = mailed(house)
    guesses = [wrong(right, number) for number in range(PARALLEL - 1)] + [right]
    looked_at: Counter[bool] = Counter()
    spend = house.tenant.tools.limits.spend

    async def counting(key: str, bucket: Bucket, now: float, cost: float = 1.0):
        found = await spend(key, bucket, now, cost)
        if key.startswith("code "):
            looked_at[isinstance(found, Allowed)] += 1
        return found

    object.__setattr__(house.tenant.tools.limits, "spend", counting)
    try:
        answers = together(PARALLEL, lambda number: guess(house, guesses[number]))
    finally:
        del house.tenant.tools.limits.spend
    assert looked_at[True] <= codes.OF_CODE.burst
    assert {each.status_code for each in answers} <= {200, 400, 429}
    assert sum(each.status_code == 400 for each in answers) <= house.tenant.policy.sign_in_account_burst


def test_new_codes_do_not_bring_new_attempts_without_end(house: Household) -> None:
    """Who asks for another code after each guess is stopped by the account."""
    refused = 0
    for _ in range(house.tenant.policy.sign_in_account_burst + 5):
        mailed(house)
        refused += guess(house, "0000000").status_code == 429
    assert refused >= 4


def test_a_code_has_one_winner(house: Household) -> None:
    """Shown many times at once, it gives tokens once."""
    right = mailed(house)
    answers = together(4, lambda _: guess(house, right))
    assert Counter(each.status_code for each in answers)[200] == 1


def test_bites_without_counting(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both limits gone, somebody tries until it fits."""

    async def nothing(*_: object) -> tuple[()]:
        return ()

    right = mailed(house)
    monkeypatch.setattr(lockout, "stakes", nothing)
    monkeypatch.setattr(codes, "OF_CODE", Bucket(1, 1_000_000))
    for number in range(30):
        assert guess(house, wrong(right, number)).status_code == 400
    assert guess(house, right).status_code == 200


def test_names_of_nobody_are_counted_alike(house: Household) -> None:
    """A name that nobody has is locked as fast, so that being locked tells nothing."""

    def tries(name: str) -> list[int]:
        return [guess(house, "000000", name).status_code for _ in range(14)]

    assert tries("nobody@example.com") == tries(EMAIL)


@pytest.mark.parametrize(
    "text", ["", " ", "0", "000000\x00", "０００００００", "1" * 10_000, "null", "[]", "-1"]
)
def test_what_is_no_code_opens_nothing(house: Household, text: str) -> None:
    """Nothing but the six digits is the code."""
    mailed(house)
    assert guess(house, text).status_code == 400


def test_digits_of_other_scripts_are_not_digits(house: Household) -> None:
    """The code is compared as it is."""
    right = mailed(house)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in right)
    assert guess(house, wide).status_code == 400
    assert guess(house, f" {right}").status_code == 400
    assert guess(house, right).status_code == 200


def test_a_link_signs_nobody_in_by_itself(house: Household) -> None:
    """A link of the attacker's own account, or one that a program follows, makes no session. Login CSRF."""
    assert start(house, EMAIL, send="link").status_code == 200
    address = next(word for word in mails(house)[0].mail.text.split() if word.startswith("https://"))
    guest = Guest(house)
    page = guest.opens(address)
    assert not any("sso" in name for name in guest.cookies)
    evil = {"origin": "https://evil.example"}
    forged = guest.send("POST", address, data={"csrf": ""}, headers=evil)
    assert forged.status_code == FORM_FORGED.status
    other = Guest(house)
    stolen = other.send("POST", address, data={"csrf": page.text}, headers={"origin": other.origin})
    assert stolen.status_code == FORM_FORGED.status
    assert not any("sso" in name for name in (*guest.cookies, *other.cookies))
