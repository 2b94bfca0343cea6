"""Class 68, in Entra's words: somebody finds out who has an account, or which tenants there are."""

import asyncio
from typing import Any

import pytest

from sekisho.model.client import Client
from sekisho.people import users
from sekisho.people.factors import password
from tests.attacks.callers import authorizes, changed, granted, posts
from tests.attacks.guest import Guest
from tests.attacks.household import BEN, OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import HOST
from tests.entra import ENTER, NEWER, SPA
from tests.people.folk import ADMIN

GRANTS = ("authorization_code", "password", "refresh_token")
# Somebody with a password, blocked somebody, nobody, and nobody's other shape.
NAMES = ("aya@example.com", "ben@example.com", "dee@example.com", "dee")
WRONG, LOCKED, BLOCKED = 50126, 50053, 50057
OWN = ("trace_id", "correlation_id", "timestamp", "error_description")


@pytest.fixture
def mixed(firm: Household) -> Household:
    """Everybody whom the law is about, where applications may be shown passwords."""
    asyncio.run(users.block(firm.tenant, BEN, ADMIN))
    firm.decide(sign_in_account_burst=3, grant_types=GRANTS)
    changed(firm, Client, SPA, grant_types=GRANTS)
    firm.passwords.looked_at = 0
    return firm


def shows(home: Household, name: str, text: str) -> Any:
    """The page shows a name and a password: status and answer, without what is of each request."""
    told = {"grant_type": "password", "client_id": SPA, "scope": ENTER, "username": name, "password": text}
    answer = posts(home, told)
    body = answer.json()
    first = body.get("error_description", "").partition("\r\n")[0]
    return answer.status_code, {key: value for key, value in body.items() if key not in OWN}, first


def test_a_wrong_password_says_the_same_of_everybody(mixed: Household) -> None:
    """The same answer, one hash, the same lock, whoever it is about."""
    found: list[Any] = []
    for name in NAMES:
        mixed.passwords.looked_at = 0
        answers = [shows(mixed, name, "wrong words") for _ in range(5)]
        found.append((answers, mixed.passwords.looked_at))
    assert all(each == found[0] for each in found)
    assert [body["error_codes"] for _, body, _ in found[0][0]] == [[WRONG]] * 3 + [[LOCKED]] * 2


def test_only_who_knows_the_password_learns_of_a_block(mixed: Household) -> None:
    """The right password is told of the block, a wrong one is not."""
    assert shows(mixed, "ben@example.com", PASSWORD)[1]["error_codes"] == [WRONG]
    assert shows(mixed, "ben@example.com", OTHER_PASSWORD)[1]["error_codes"] == [BLOCKED]
    told = {"grant_type": "password", "client_id": SPA, "scope": ENTER}
    assert granted(posts(mixed, {**told, "username": NAMES[0], "password": PASSWORD}))


def test_a_hint_says_nothing_of_anybody(firm: Household) -> None:
    """Whoever is named by an application, the page is the sign-in page, and silence has one answer."""
    statuses, answers = set(), set()
    for name in NAMES:
        answer = authorizes(Guest(firm), login_hint=name)
        statuses.add((answer.status_code, answer.request.url.path, len(answer.text) - len(name)))
        silent = authorizes(Guest(firm), login_hint=name, prompt="none")
        answers.add(silent.headers["location"].partition("error=")[2].partition("&")[0])
    assert len(statuses) == 1
    assert answers == {"login_required"}


@pytest.mark.parametrize("name", ["nobody", "33333333-3333-4333-8333-333333333333", "x.example.com", "-"])
def test_strangers_learn_of_no_tenant(firm: Household, name: str) -> None:
    """What is no tenant's name is refused alike, and never answered by somebody else's tenant."""
    with firm.web() as web:
        for path in ("v2.0/.well-known/openid-configuration", "discovery/v2.0/keys", "discovery/keys"):
            answer = web.get(f"/{name}/{path}")
            assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])
            assert "demo" not in answer.text
            assert "acme" not in answer.text
        asked = {"authorization_endpoint": f"https://{HOST}/{name}{NEWER}/authorize"}
        answer = web.get("/common/discovery/instance", params=asked)
        assert answer.json()["error_codes"] == [90002]


def test_the_guard_is_what_holds(mixed: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody's password costs nothing, the cost says who is here."""

    async def cheap(tenant: Any, text: str, held: Any, paid: Any) -> bool:
        return held is not None and await matches(tenant, text, held, paid)

    matches = password._matches
    monkeypatch.setattr(password, "_matches", cheap)
    costs = []
    for name in ("aya@example.com", "dee@example.com"):
        mixed.passwords.looked_at = 0
        shows(mixed, name, "wrong words")
        costs.append(mixed.passwords.looked_at)
    assert costs == [1, 0]
