"""Class 60: a password is set, or a sign-in finished, by somebody who left out the step that proves it."""

import asyncio
from typing import Any

import httpx
import pytest

from sekisho.change.actor import Actor
from sekisho.oauth import flow
from sekisho.pages.account.page import Visitor
from sekisho.people import invitations, users
from sekisho.people.factors import password
from tests.attacks.guest import (
    SSO,
    Guest,
    address_of,
    is_live,
    is_refused,
    redeem,
    refresh,
    together,
    token_of,
    tokens,
    told,
)
from tests.attacks.household import AYA, BEN, OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.servers import claims_of

NEW = "twelve yellow doors"
TICKET = "__Host-sekisho-invitation-demo"
ABSENT = (
    "/reset-password", "/password/reset", "/forgot-password", "/lo/reset",
    "/u/reset-password",
    "/login-actions/reset-credentials", "/recover",
    "/login/reset", "/account/reset", "/account/recover", "/verify-email", "/mfa/enroll", "/mfa/reset",
    "/passwordless",
    "/login/restart", "/authorize/continue", "/account/email", "/account/users",
    "/account/mfa",
)  # fmt: skip


def signs_in(home: Household, text: str, name: str = "aya@example.com") -> bool:
    """This is the password."""
    page = Guest(home).signs_in(name=name, text=text)
    return page.request.url.path == "/account"


def change(guest: Guest, page: httpx.Response, **more: str) -> httpx.Response:
    """The form of the account page; what is left out is as an honest one has it."""
    form = {"csrf": token_of(page), "current-password": PASSWORD, "new-password": NEW, **more}
    return guest.send("POST", "/account/password", data=form)


def test_signing_up_is_no_way_to_somebodys_password(home: Household) -> None:
    """Who signs up at an application with the address or the name of an account has not touched it."""
    home.decide(sign_up_allowed=True)
    told = {"client_id": "web", "connection": "Username-Password-Authentication", "password": NEW}
    for name in ({"email": "AYA@example.com"}, {"email": "eve@example.com", "username": "ayachan"}):
        answer = Guest(home).send("POST", "/dbconnections/signup", json={**told, **name})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signup")
    assert signs_in(home, PASSWORD)
    assert not signs_in(home, NEW)


@pytest.mark.parametrize("path", ABSENT)
def test_there_is_no_other_way_to_a_password(home: Household, path: str) -> None:
    """What does not exist is not half there."""
    guest = Guest(home)
    form = {"email": "aya@example.com", "username": "aya@example.com", "password": NEW, "new-password": NEW}
    assert guest.send("GET", path).status_code == 404
    assert guest.send("POST", path, data=form).status_code == 404
    assert (
        guest.send("POST", path, json={**form, "connection": "Username-Password-Authentication"}).status_code
        == 404
    )


def test_no_step_can_be_left_out(home: Household) -> None:
    """Whoever goes to a later step first is led to the one that is due, and nothing is given meanwhile."""
    guest = Guest(home)
    query = guest.authorizes("third").request.url.query.decode()
    done = "&done=login&done=consent&session=x&user=auth0%7Caya&step=finish&code=x"
    for path in ("/consent", "/authorize/resume"):
        for more in ("", done, "&decision=allow", "&prompt=none"):
            assert guest.opens(f"{path}?{query}{more}").request.url.path == "/login"
        answer = guest.send("POST", f"{path}?{query}", data={"decision": "allow", "csrf": "x", "user": AYA})
        assert "code" not in answer.headers.get("location", "")
    assert SSO not in guest.cookies


FRESH: tuple[dict[str, str], ...] = (
    {"prompt": "login"},
    {"max_age": "0"},
    {"max_age": "60"},
    {"prompt": "select_account"},
)


@pytest.mark.parametrize("asked", FRESH)
def test_a_fresh_sign_in_is_one(home: Household, asked: dict[str, str]) -> None:
    """Where the client wants the person to sign in again, no session and no detour stands for that."""
    guest = Guest(home)
    guest.signs_in()
    home.clock.now += 61
    page = guest.authorizes(**asked)
    assert page.request.url.path == "/login"
    query = page.request.url.query.decode()
    for address in (
        f"/authorize/resume?{query}",
        f"/consent?{query}",
        f"/authorize/resume?{query}&max_age=999999",
    ):
        assert guest.opens(address).request.url.path == "/login"
    assert guest.signs_in(page, text="wrong").status_code == 400
    # A sign-in beside the flow is not the one that the flow asked for, where it asked for one of its own.
    guest.signs_in()
    answer = guest.opens(f"/authorize/resume?{query}")
    assert answer.request.url.path == "/login" or "max_age" in asked
    if answer.request.url.path == "/login":
        assert "code" in told(guest.signs_in(page))


def test_it_is_the_person_who_was_meant(home: Household) -> None:
    """Where a client names a person, nobody else's sign-in gives it a code."""
    hint = tokens(home)["id_token"]
    guest = Guest(home)
    page = guest.authorizes(id_token_hint=hint)
    said = told(guest.signs_in(page, "ben@example.com", OTHER_PASSWORD))
    assert (said["error"], "code" in said) == ("login_required", False)
    assert told(guest.authorizes(id_token_hint=hint, prompt="none"))["error"] == "login_required"
    assert "code" in told(guest.signs_in(guest.authorizes(id_token_hint=hint)))


def test_a_password_is_changed_by_who_knows_it(home: Household) -> None:
    """It takes a session, a sign-in just now, the old password and the form of this very page."""
    guest, ben = Guest(home), Guest(home)
    page, other = guest.signs_in(), ben.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    for more in (
        {"current-password": "wrong"}, {"current-password": ""}, {"current-password": OTHER_PASSWORD},
        {"csrf": "x"}, {"csrf": token_of(other)}, {"csrf": ""}, {"new-password": ""},
        {"new-password": "short"},
    ):  # fmt: skip
        assert change(guest, page, **more).status_code == 400
    assert Guest(home).send("POST", "/account/password", data={"new-password": NEW}).status_code in (303, 400)
    # Somebody else's session in the same browser: the form was made for the first one.
    guest.cookies[SSO], mine = ben.cookies[SSO], guest.cookies[SSO]
    assert change(guest, page, **{"current-password": OTHER_PASSWORD}).status_code == 400
    guest.cookies[SSO] = mine
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        form = {"csrf": token_of(page), "current-password": PASSWORD, "new-password": NEW}
        assert guest.send("POST", "/account/password", data=form, headers=headers).status_code == 400
    home.clock.now += 601
    answer = change(guest, page)
    assert answer.headers["location"].startswith("https://id.example.com/login")
    assert signs_in(home, PASSWORD)
    assert not signs_in(home, NEW)


OTHERS = {
    "username": "ben@example.com", "user_id": BEN, "id": BEN, "user": BEN, "email": "ben@example.com",
    "login": "ben",
    "blocked": "true", "email_verified": "true", "roles": "admin", "app_metadata": "{}",
    "sub": BEN, "tenant": "acme",
}  # fmt: skip


def test_nothing_else_changes_with_a_form(home: Household) -> None:
    """Whoever is named beside the fields of a form: it is about the person who is signed in."""
    guest = Guest(home)
    page = guest.signs_in()
    assert change(guest, page, **OTHERS).status_code == 303
    home.clock.now += 1
    assert signs_in(home, OTHER_PASSWORD, "ben@example.com")
    assert not signs_in(home, NEW, "ben@example.com")
    assert signs_in(home, NEW)
    page = guest.signs_in(text=NEW)
    guest.send("POST", "/account/profile", data={"csrf": token_of(page), "name": "Aya", **OTHERS})
    found = asyncio.run(users.find(home.tenant, AYA))
    assert (found.logins, found.email, found.roles) == (("aya@example.com", "ayachan"), "aya@example.com", ())


def test_what_began_with_the_old_password_ends(home: Household) -> None:
    """Sessions, codes, tokens and sign-ins on their way, however long they were parked, end with it."""
    parked, other = Guest(home), Guest(home)
    page = parked.signs_in(parked.authorizes("third"))
    assert page.request.url.path == "/consent"
    given, code = tokens(home, guest=other), other.answered()["code"]
    home.clock.now += 1
    asyncio.run(users.set_password(home.tenant, AYA, NEW, Actor()))
    home.clock.now += 1
    is_refused(redeem(home, code), "invalid_grant")
    is_refused(refresh(home, given["refresh_token"]), "invalid_grant")
    assert not is_live(home, given["access_token"])
    assert "code" not in told(parked.posts(page, decision="allow"))
    for guest in (parked, other):
        assert guest.opens("/account").request.url.path == "/login"
        assert told(guest.authorizes(prompt="none"))["error"] == "login_required"


def signs_up(guest: Guest, email: str, text: str = NEW, **more: str) -> httpx.Response:
    """Somebody makes an account."""
    form = {"csrf": token_of(guest.opens("/signup")), "email": email, "password": text, **more}
    return guest.send("POST", "/signup", data=form)


def test_an_account_is_an_address_and_a_password(home: Household) -> None:
    """Who makes one says nothing else of it, takes nobody's place, and is not believed about the address."""
    home.decide(sign_up_allowed=True)
    guest = Guest(home)
    more = {name: value for name, value in OTHERS.items() if name != "email"}
    assert signs_up(guest, "eve@example.com", **more).status_code == 303
    claims = claims_of(tokens(home, guest=guest)["id_token"])
    assert (claims["email"], claims["email_verified"]) == ("eve@example.com", False)
    assert claims["sub"] not in (AYA, BEN)
    found = asyncio.run(users.find(home.tenant, "eve@example.com"))
    assert (found.roles, found.permissions, found.app_metadata, found.blocked) == ((), (), {}, False)
    assert signs_in(home, OTHER_PASSWORD, "ben@example.com")
    page = Guest(home).opens("/signup")
    form = {"email": "mal@example.com", "password": NEW, "csrf": token_of(page)}
    for headers in ({}, {"origin": "https://evil.example"}):
        assert Guest(home).send("POST", "/signup", data=form, headers=headers).status_code == 400
    home.decide(sign_up_allowed=False)
    assert guest.send("POST", "/signup", data=form).status_code == 403


def test_many_make_the_same_account_at_once(home: Household) -> None:
    """An address is one person: of many who take it at the same moment one has it, and the others do not."""
    home.decide(sign_up_allowed=True, sign_in_account_burst=100)
    guests = [Guest(home) for _ in range(6)]
    words = [f"{number} yellow doors" for number in range(100_000, 100_006)]
    answers = together(6, lambda n: signs_up(guests[n], "eve@example.com", words[n]))
    assert min(each.status_code for each in answers) == 303
    assert [SSO in each.cookies for each in guests].count(True) == 1
    assert [signs_in(home, each, "eve@example.com") for each in words].count(True) == 1


def invited(home: Household, name: str = AYA) -> str:
    """A link's secret."""
    return asyncio.run(invitations.invite(home.tenant, name, Actor()))


def accepts(guest: Guest, ticket: str, **more: Any) -> httpx.Response:
    """Somebody opens a link and fills in its form."""
    page = guest.opens(f"/invitation?ticket={ticket}")
    assert page.status_code == 200, page.text
    form = {"csrf": token_of(page), "new-password": NEW, **more}
    return guest.send("POST", "/invitation", data=form)


def test_an_invitation_is_of_one_person_and_used_once(home: Household) -> None:
    """Its link, its form and its cookie say the same person, and no field says another; then it is over."""
    mine, theirs = invited(home, BEN), invited(home)
    mallory = Guest(home)
    page = mallory.opens(f"/invitation?ticket={mine}")
    form = {"csrf": token_of(page), "new-password": NEW, **OTHERS, "username": "aya@example.com", "user": AYA}
    mallory.cookies[TICKET], kept = theirs[:-1] + "x", mallory.cookies[TICKET]
    assert mallory.send("POST", "/invitation", data=form).status_code == 400
    for cookie in ("", "x", mallory.cookies.get(SSO, "y")):
        mallory.cookies[TICKET] = cookie
        assert mallory.send("POST", "/invitation", data=form).status_code == 400
    mallory.cookies[TICKET] = kept
    assert mallory.send("POST", "/invitation", data={**form, "csrf": "x"}).status_code == 400
    assert (
        mallory.send("POST", f"/invitation?ticket={theirs}", data={**form, "ticket": theirs}).status_code
        == 303
    )
    home.clock.now += 1
    assert signs_in(home, PASSWORD)
    assert not signs_in(home, NEW)
    assert signs_in(home, NEW, "ben@example.com")
    for guest in (mallory, Guest(home)):
        assert guest.opens(f"/invitation?ticket={mine}").status_code == 400


def test_many_use_an_invitation_at_once(home: Household) -> None:
    """One of them sets the password; the others are told that the link was used."""
    ticket, words = invited(home), [f"{number} yellow doors" for number in range(100_000, 100_006)]
    answers = together(6, lambda n: accepts(Guest(home), ticket, **{"new-password": words[n]}))
    assert sorted(each.status_code for each in answers) == [303, *[400] * 5]
    home.clock.now += 1
    assert [signs_in(home, each) for each in words].count(True) == 1


@pytest.mark.parametrize("end", ["time", "password", "block", "delete", "tenant"])
def test_an_invitation_that_ended(home: Household, end: str) -> None:
    """Too late, after another password, for somebody blocked or gone, or elsewhere: it sets nothing."""
    ticket, guest = invited(home), Guest(home)
    page = guest.opens(f"/invitation?ticket={ticket}")
    home.clock.now += 1
    match end:
        case "time":
            home.clock.now += 86_400
        case "password":
            asyncio.run(users.set_password(home.tenant, AYA, OTHER_PASSWORD, Actor()))
        case "block":
            home.person(blocked=True)
        case "delete":
            asyncio.run(users.delete(home.tenant, AYA, Actor()))
        case _:
            guest = Guest(home, OTHER_HOST, cookies={"__Host-sekisho-invitation-acme": ticket})
    home.clock.now += 3
    form = {"csrf": token_of(page), "new-password": NEW}
    assert guest.send("POST", "/invitation", data=form).status_code == 400
    assert guest.opens(f"/invitation?ticket={ticket}").status_code == 400
    assert not signs_in(home, NEW)


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    guest = Guest(home)
    page = guest.signs_in()
    with monkeypatch.context() as mutant:
        mutant.setattr(flow, "_fits", lambda *_: True)
        assert "code" in told(guest.authorizes(prompt="login"))
    with monkeypatch.context() as mutant:
        mutant.setattr(Visitor, "is_recent", lambda *_: True)
        mutant.setattr(password, "verify", passed)
        home.clock.now += 601
        assert change(guest, page, **{"current-password": "wrong"}).status_code == 303
    home.clock.now += 1
    assert signs_in(home, NEW)
    assert address_of(page) == "/account"


async def passed(*_: object) -> None:
    """Whatever was typed."""
