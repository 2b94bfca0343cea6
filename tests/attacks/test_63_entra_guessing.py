"""Class 63, in Entra's words: somebody guesses at secrets, passwords or codes, as often as they like."""

import pytest

from sekisho.model.client import Client
from sekisho.people import lockout
from tests.attacks.callers import FROM_PAGE, changed, granted, posts
from tests.attacks.guest import together
from tests.attacks.household import PASSWORD, Household
from tests.entra import ENTER, NEWER, SPA, A, redeeming
from tests.tenants import SECRET, TENANT

MANY, BURST = 24, 5
PATHS = (
    NEWER,
    f"/{TENANT}/oauth2",
    "/demo/oauth2/v2.0",
    f"/{TENANT.upper()}/oauth2/v2.0",
    "/common/oauth2/v2.0",
)
GRANTS = ("authorization_code", "password", "refresh_token")
OWN = {"grant_type": "client_credentials", "client_id": A, "scope": "api://a/.default"}


@pytest.mark.parametrize("limit", ["token_client", "token_address"])
def test_guesses_at_a_secret_are_paced(firm: Household, limit: str) -> None:
    """Whichever spelling of the address they come by: with the right one at last, too."""
    firm.decide(**{f"{limit}_rate": 1, f"{limit}_burst": BURST})
    answers = [
        posts(firm, {**OWN, "client_secret": f"wrong-{number}"}, PATHS[number % len(PATHS)]).status_code
        for number in range(MANY)
    ]
    # The newer endpoint has one count for all its spellings, and so has the older one.
    assert sorted(answers) == [401] * 2 * BURST + [429] * (MANY - 2 * BURST)
    answer = posts(firm, {**OWN, "client_secret": SECRET})
    assert answer.status_code == 429
    assert "access_token" not in answer.text
    assert answer.headers["retry-after"]


def test_guesses_at_a_code_are_paced(firm: Household) -> None:
    """Without a secret to guess first, a page's codes are guessed no faster."""
    firm.decide(token_client_rate=1, token_client_burst=BURST)
    answers = together(MANY, lambda number: posts(firm, redeeming(f"code-{number}"), **FROM_PAGE).status_code)
    assert answers.count(400) <= BURST + 1
    assert 429 in answers


def test_guesses_at_a_password_are_paced(firm: Household) -> None:
    """The password grant is the same door as the sign-in page: one count for an account, then it is shut."""
    firm.decide(sign_in_account_burst=BURST, grant_types=GRANTS)
    changed(firm, Client, SPA, grant_types=GRANTS)
    told = {"grant_type": "password", "client_id": SPA, "username": "aya@example.com", "scope": ENTER}
    answers = [posts(firm, {**told, "password": f"wrong {n}"}, PATHS[n % 4]).json() for n in range(MANY)]
    numbers = [each["error_codes"][0] for each in answers]
    assert numbers.count(50126) == BURST, numbers
    assert set(numbers) == {50126, 50053}
    assert firm.passwords.looked_at == BURST
    assert posts(firm, {**told, "password": PASSWORD}).json()["error_codes"] == [50053]


def test_the_password_grant_is_off(firm: Household) -> None:
    """Unless a tenant switches it on, no application is shown a password, wherever it asks."""
    told = {"grant_type": "password", "client_id": SPA, "username": "aya@example.com", "password": PASSWORD}
    for path in PATHS:
        answer = posts(firm, {**told, "scope": ENTER}, path)
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [70003])
    assert firm.passwords.looked_at == 0


def test_the_guard_is_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody counts, every password is looked at, and the right one is found."""
    firm.decide(sign_in_account_burst=BURST, grant_types=GRANTS)
    changed(firm, Client, SPA, grant_types=GRANTS)

    async def free(_: object, due: tuple[object, ...]) -> tuple[object, ...]:
        return due

    monkeypatch.setattr(lockout, "_paid", free)
    told = {"grant_type": "password", "client_id": SPA, "username": "aya@example.com", "scope": ENTER}
    for number in range(BURST + 2):
        posts(firm, {**told, "password": f"wrong {number}"})
    assert granted(posts(firm, {**told, "password": PASSWORD}))
