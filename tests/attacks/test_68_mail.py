"""Classes 68 and 69: mail tells who has an account, floods somebody, or carries what an attacker wrote."""

import statistics
import time
from email import message_from_bytes, policy

import httpx
import pytest

from sekisho.people.letters.sending import FROM_ADDRESS, TO_ACCOUNT
from sekisho.spec.policy import PASSWORDLESS, Policy
from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.attacks.test_61_reset_links import CONNECTION, EMAIL, asks
from tests.mails import mails, with_tray

NOBODY = "nobody@example.com"
ROUNDS = 12


@pytest.fixture
def house(home: Household) -> Household:
    """A house that sends links and codes."""
    home.client("web", grant_types=("authorization_code", PASSWORDLESS))
    home.decide(grant_types=(*Policy().grant_types, PASSWORDLESS))
    home.person(claims={"email": EMAIL, "email_verified": True})
    return with_tray(home)


def change(house: Household, email: str) -> httpx.Response:
    with house.web() as web:
        return web.post("/dbconnections/change_password", json={"email": email, "connection": CONNECTION})


def start(house: Household, email: str, **more: object) -> httpx.Response:
    body = {"client_id": "web", "connection": "email", "email": email, "send": "code", **more}
    with house.web() as web:
        return web.post("/passwordless/start", json=body)


def form(house: Household, email: str) -> httpx.Response:
    return asks(Guest(house), email)


ASKS = pytest.mark.parametrize("ask", [change, start, form])


def plain(answer: httpx.Response, email: str) -> tuple[object, ...]:
    """Everything that an answer tells, but what differs with every request."""
    apart = ("x-correlation-id", "date", "set-cookie", "content-length")
    headers = [(name, value) for name, value in answer.headers.items() if name not in apart]
    body = answer.text.replace(email, "…")
    return answer.status_code, headers, body if "_id" not in body else sorted(answer.json())


@ASKS
def test_the_answer_does_not_tell(house: Household, ask) -> None:
    """Known, unknown, blocked and flooded: status, headers and words are the same. CWE-204."""
    known, unknown = plain(ask(house, EMAIL), EMAIL), plain(ask(house, NOBODY), NOBODY)
    assert known == unknown
    for _ in range(int(TO_ACCOUNT.burst) + 1):
        assert plain(ask(house, EMAIL), EMAIL) == unknown
    house.person(blocked=True)
    assert plain(ask(house, EMAIL), EMAIL) == unknown


@pytest.mark.parametrize("ask", [change, start])
def test_the_time_does_not_tell(house: Household, ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways read once and write one unit: the difference is far below what a network hides. CWE-208."""
    monkeypatch.setattr("sekisho.people.letters.sending.TO_ACCOUNT", type(TO_ACCOUNT)(1, 1_000))
    spent: dict[str, list[float]] = {EMAIL: [], NOBODY: []}
    for _ in range(ROUNDS):
        for email, times in spent.items():
            began = time.perf_counter()
            assert ask(house, email).status_code == 200
            times.append(time.perf_counter() - began)
    known, unknown = map(statistics.median, spent.values())
    assert abs(known - unknown) < 0.02


@ASKS
def test_nobody_is_flooded(house: Household, ask) -> None:
    """However often and by whichever way it is asked, an account gets a handful of mails."""
    for _ in range(int(TO_ACCOUNT.burst) * 3):
        ask(house, EMAIL)
    change(house, EMAIL)
    start(house, EMAIL)
    assert len(mails(house)) == TO_ACCOUNT.burst


def test_bites_without_the_limit(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit gone every request is a mail."""
    monkeypatch.setattr("sekisho.people.letters.sending.TO_ACCOUNT", type(TO_ACCOUNT)(1, 1_000))
    for _ in range(int(TO_ACCOUNT.burst) * 3):
        change(house, EMAIL)
    assert len(mails(house)) == TO_ACCOUNT.burst * 3


def test_one_network_asks_for_few(house: Household) -> None:
    """Who goes through a list of addresses is told to wait, whoever is next on it."""
    for number in range(int(FROM_ADDRESS.burst)):
        assert change(house, f"somebody{number}@example.com").status_code == 200
    for email in (EMAIL, NOBODY):
        answer = change(house, email)
        assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert mails(house) == []


EVIL = (
    "<script>alert(1)</script>\r\nBcc: eve@evil.example\r\n\r\nhttps://evil.example/ {link} %s ${7*7} {{7*7}}"
)


def test_no_name_of_ours_or_theirs_writes_in_a_mail(house: Household) -> None:
    """Names of tenants and clients are words: no header, no markup, no recipient. CWE-93, CWE-79."""
    house.decide(friendly_name=EVIL)
    house.client("web", name=EVIL[:60])
    start(house, EMAIL)
    start(house, EMAIL, send="link", authParams={"state": EVIL, "redirect_uri": "javascript:alert(1)"})
    change(house, EMAIL)
    sent = mails(house)
    assert len(sent) == 3
    for each in sent:
        message = message_from_bytes(each.source, policy=policy.default)
        assert message["Bcc"] is None
        assert message["To"] == EMAIL
        assert "<script" not in each.mail.html
        assert "javascript:" not in each.mail.html.partition("<a ")[0]
        assert "\n" not in each.mail.subject
        assert len(message.get_all("Subject", [])) == 1


@pytest.mark.parametrize(
    "email",
    [
        "aya@example.com\r\nBcc: eve@evil.example",
        "aya@example.com,eve@evil.example",
        "aya@example.com eve@evil.example",
        "<aya@example.com>",
        "aya@example.com\x00",
        '"aya@example.com"',
        ["aya@example.com", "eve@evil.example"],
        {"email": "aya@example.com"},
    ],
)
@pytest.mark.parametrize("ask", [change, start])
def test_an_address_is_one_address(house: Household, ask, email: object) -> None:
    """Whatever is sent in the place of an address adds no recipient. CWE-1286."""
    assert ask(house, email).status_code in (200, 400)
    assert all(each.mail.to == EMAIL for each in mails(house))
    assert b"evil.example" not in b"".join(each.source for each in mails(house))
