"""Class 68: somebody finds out who has an account: by answers, by what a guess costs, by the lockout."""

import asyncio
import html
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sekisho.change.actor import Actor
from sekisho.model.password import Password
from sekisho.model.step import Erase
from sekisho.people import lockout, passwords, users
from sekisho.people.factors import password
from sekisho.people.user_fields import UserFields
from sekisho.store.memory import MemoryEngine
from tests.attacks.guest import Guest, request, token_of, told
from tests.attacks.household import AYA, BEN, PASSWORD, Household
from tests.tenants import TENANT

BURST = 4
# Somebody with a password, blocked somebody, somebody without a password, nobody, and nobody's other shape.
NAMES = ("aya@example.com", "ben@example.com", "cyd@example.com", "dee@example.com", "dee")
_OWN = (re.compile(r'(name="csrf" value=")[^"]*'), re.compile(r'(nonce=")[^"]*'))


@pytest.fixture
def mixed(home: Household) -> Household:
    """A house with everybody whom the law is about."""
    found = asyncio.run(users.find(home.tenant, BEN))
    home.change(
        type(found)(**{**{name: getattr(found, name) for name in found.__struct_fields__}, "blocked": True})
    )
    asked = UserFields(
        connection="Username-Password-Authentication", email="cyd@example.com", password=PASSWORD
    )
    cyd = asyncio.run(users.create(home.tenant, asked, Actor()))
    held = asyncio.run(home.tenant.store.record(Password, TENANT, cyd.id))
    assert held is not None
    assert asyncio.run(home.tenant.change(Erase(held))) is None
    home.decide(sign_in_account_burst=BURST, sign_up_allowed=True)
    home.passwords.looked_at = 0
    return home


def seen(answer: httpx.Response, name: str) -> tuple[int, list[tuple[str, str]], str]:
    """An answer without what is different for everybody: the name that was typed, and random parts."""
    text = answer.text
    for own in _OWN:
        text = own.sub(r"\1", text)
    for spelled in (html.escape(name), quote(name, safe="")):
        text = text.replace(spelled, "NAME")
    headers = [
        (key, re.sub(r"nonce-[^']*|=[A-Za-z0-9_-]{43}", "", value))
        for key, value in answer.headers.items()
        if key not in ("x-correlation-id", "content-length", "date")
    ]
    return answer.status_code, headers, text


def attempt(home: Household, name: str, text: str = "wrong words", **more: Any) -> httpx.Response:
    """A sign-in, in a flow or not."""
    guest = Guest(home, headers={"x-correlation-id": "same"})
    page = guest.authorizes(**more) if more else guest.opens("/login")
    form = {"username": name, "password": text, "csrf": token_of(page)}
    return guest.send("POST", page.request.url.path + "?" + page.request.url.query.decode(), data=form)


@pytest.mark.parametrize("more", [{}, {"client": "third"}])
def test_a_wrong_sign_in_says_the_same_of_everybody(mixed: Household, more: dict[str, str]) -> None:
    """Nobody's, a blocked, a passwordless and a real account answer alike: page, headers, cookies, status."""
    answers = [attempt(mixed, name, **more) for name in NAMES]
    flows = [str(each.request.url.params.get("flow", "")) for each in answers]
    bare = []
    for answer, name, flow in zip(answers, NAMES, flows, strict=True):
        status, headers, text = seen(answer, name)
        bare.append((status, headers, text.replace(flow, "FLOW") if flow else text))
    assert bare[0][0] == 400
    assert all(each == bare[0] for each in bare)


def test_a_guess_costs_the_same_for_everybody(mixed: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is computed and as much is read from the store, whoever it is about."""
    reads: list[str] = []
    for name in ("get", "named", "record", "records", "find"):
        monkeypatch.setattr(MemoryEngine, name, noted(name, getattr(MemoryEngine, name), reads))
    costs = []
    for name in NAMES:
        reads.clear()
        mixed.passwords.looked_at = 0
        attempt(mixed, name)
        costs.append((mixed.passwords.looked_at, sorted(reads)))
    assert costs[0][0] == 1
    assert all(each == costs[0] for each in costs)


def noted(name: str, act: Any, reads: list[str]) -> Any:
    """The same, and that it was asked."""

    async def reading(self: MemoryEngine, kind: type, *rest: Any) -> Any:
        if "..." in reads:  # the engine asks itself
            return await act(self, kind, *rest)
        reads.append("...")
        found = await act(self, kind, *rest)
        reads[reads.index("...")] = f"{name} {kind.__name__}"
        return found

    return reading


def test_everybody_is_locked_alike(mixed: Household) -> None:
    """An account that nobody has is locked after as many attempts, as long, and with the same words."""
    answers = {name: [attempt(mixed, name) for _ in range(BURST + 2)] for name in NAMES}
    first = [seen(each, NAMES[0]) for each in answers[NAMES[0]]]
    assert [status for status, _, _ in first] == [400] * BURST + [429] * 2
    for name, each in answers.items():
        assert [seen(answer, name) for answer in each] == first


def test_only_who_knows_the_password_learns_of_a_block(mixed: Household) -> None:
    """That an account is blocked is said to nobody but its owner."""
    assert seen(attempt(mixed, "ben@example.com"), "ben@example.com")[0] == 400
    assert attempt(mixed, "ben@example.com", "eleven green kettles").status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_asking_for_a_name_tells_nothing(mixed: Household, name: str) -> None:
    """Hints, silent requests and pages are the same for every name that they are asked with."""
    other = "nobody@example.net"
    guest = Guest(mixed, headers={"x-correlation-id": "same"})
    for path in (
        "/login?login_hint={}",
        "/signup?login_hint={}",
        "/account?user={}",
        "/oidc/logout?logout_hint={}",
    ):
        mine, theirs = (
            Guest(mixed, headers={"x-correlation-id": "same"}).send("GET", path.format(each))
            for each in (name, other)
        )
        one, two = seen(mine, name), seen(theirs, other)
        assert (one[0], one[2]) == (two[0], two[2])
    said = [
        told(guest.send("GET", "/authorize", params=request(login_hint=each, prompt="none")))
        for each in (name, other)
    ]
    assert said[0] == said[1]
    assert said[0]["error"] == "login_required"


def test_there_is_nobody_to_ask(mixed: Household) -> None:
    """No address tells strangers about people: neither discovery by mail address, nor the management API."""
    with mixed.web() as web:
        for path in (
            "/.well-known/webfinger?resource=acct:{}", "/api/v2/users-by-email?email={}",
            "/api/v2/users?q=email:{}",
            f"/api/v2/users/{AYA}?x={{}}", "/dbconnections/exists?email={}", "/user/{}", "/users/{}", "/u/{}",
            "/avatar/{}", "/common/GetCredentialType?username={}", "/logo/{}",
        ):  # fmt: skip
            mine, theirs = (web.get(path.format(each)) for each in ("aya@example.com", "dee@example.com"))
            assert (mine.status_code, mine.text) == (theirs.status_code, theirs.text)
            assert mine.status_code in (401, 404)


def signs_up(home: Household, email: str, text: str, **more: str) -> httpx.Response:
    """Somebody makes an account."""
    guest = Guest(home, headers={"x-correlation-id": "same"})
    page = guest.opens("/signup")
    if page.status_code != 200:
        return page
    form = {"email": email, "password": text, "csrf": token_of(page), **more}
    return guest.send("POST", "/signup", data=form)


def test_sign_up_tells_as_little_as_it_can(mixed: Household) -> None:
    """It cannot hide that an address is taken, without mails; but whatever else is wrong is told before."""
    for text in ("short", "password1", "x" * 300, "", "\u0001 control"):
        answers = [signs_up(mixed, name, text) for name in ("aya@example.com", "eve@example.com")]
        assert len({each.status_code for each in answers}) == 1
        one, two = (
            seen(each, name)[2]
            for each, name in zip(answers, ("aya@example.com", "eve@example.com"), strict=True)
        )
        assert one == two
    mixed.decide(sign_up_allowed=False)
    answers = [
        signs_up(mixed, name, "twelve yellow doors") for name in ("aya@example.com", "eve@example.com")
    ]
    assert [each.status_code for each in answers] == [403, 403]
    assert len(answers[0].text) == len(answers[1].text)


def test_trying_addresses_has_a_price(mixed: Household) -> None:
    """Each try at sign-up costs its network address an attempt for good, whether the name was free or not."""
    mixed.decide(sign_in_address_burst=BURST)
    answers = [
        signs_up(mixed, f"try{n}@example.com", "twelve yellow doors").status_code for n in range(BURST + 2)
    ]
    assert answers == [303] * BURST + [429] * 2
    assert signs_up(mixed, "aya@example.com", "twelve yellow doors").status_code == 429
    assert attempt(mixed, "aya@example.com", PASSWORD).status_code == 429


@pytest.mark.parametrize(
    "name", ["AYA@example.com", "ａｙａ@example.com", " aya@example.com", "aya@EXAMPLE。com"]
)
def test_nobody_is_here_twice(mixed: Household, name: str) -> None:
    """An address that somebody has is theirs in every spelling: no second account takes its place."""
    answer = signs_up(mixed, name, "twelve yellow doors")
    assert answer.status_code in (400, 409)
    assert not [each for each in answer.headers.get_list("set-cookie") if "-sso-" in each]
    assert attempt(mixed, "aya@example.com", PASSWORD).status_code == 303


def test_the_guards_are_what_holds(mixed: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, the difference is there."""
    with monkeypatch.context() as mutant:
        mutant.setattr(password, "nobodys", lambda _: "$unknown$")
        mutant.setattr(password, "_matches", only_real)
        looked = []
        for name in ("aya@example.com", "dee@example.com"):
            mixed.passwords.looked_at = 0
            attempt(mixed, name)
            looked.append(mixed.passwords.looked_at)
        assert looked == [1, 0]
    with monkeypatch.context() as mutant:
        paid = lockout.stakes
        mutant.setattr(
            lockout, "stakes", lambda tenant, key, at: nobody() if "name" in key else paid(tenant, key, at)
        )
        known = [attempt(mixed, "aya@example.com").status_code for _ in range(BURST + 1)]
        unknown = [attempt(mixed, "dee@example.com").status_code for _ in range(BURST + 1)]
        assert known != unknown
    assert passwords.NOBODY == "-"


async def only_real(tenant: Any, text: str, held: Any, _: object) -> bool:
    """Nothing is computed where there is nobody."""
    return bool(held) and await tenant.tools.passwords.matches(text, held.hash)


async def nobody() -> tuple[()]:
    """Who does not exist pays nothing."""
    return ()
