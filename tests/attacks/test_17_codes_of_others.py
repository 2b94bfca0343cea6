"""Class 17: a code reaches another client, another person, another address or another tenant."""

import secrets
from typing import Any

import pytest

from sekisho.model.client import ReplyUrl
from sekisho.oauth import flow
from sekisho.oauth.grants import authorization_code
from sekisho.spec import pkce
from tests.attacks.guest import (
    SSO,
    VERIFIER,
    Guest,
    address_of,
    ask,
    is_live,
    is_refused,
    proof,
    redeem,
    refresh,
    token_of,
    tokens,
    told,
    who,
)
from tests.attacks.household import AYA, BEN, CALLBACKS, OTHER_PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.servers import claims_of

TWO = (ReplyUrl(CALLBACKS["web"]), ReplyUrl("https://app.example.com/other"))


@pytest.mark.parametrize("thief", ["second", "third", "native"])
@pytest.mark.parametrize("whose", ["web", "spa"])
def test_a_code_is_of_one_client(home: Household, whose: str, thief: str) -> None:
    """Another client gets nothing for it, public or not, with everything else that belongs to it."""
    code = Guest(home).answered(whose)["code"]
    for more in ({}, {"redirect_uri": CALLBACKS[whose]}, {"client_id": whose}):
        answer = redeem(home, code, thief, **more)
        is_refused(answer, "invalid_grant", "invalid_client")
    # Nor was it used up by that: nobody but its client could do so.
    assert redeem(home, code, whose).status_code == 200


def test_one_client_cannot_speak_as_two(home: Household) -> None:
    """The client that proves itself is the one whose code it has to be: ids are not mixed in a request."""
    code = Guest(home).answered()["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACKS["web"]}
    mine = proof("second")
    with home.web() as web:
        pairs: tuple[tuple[Any, dict[str, str]], ...] = (
            ((mine["client_id"], mine["client_secret"]), {"client_id": "web"}),
            (None, {**mine, "client_id": "web"}),
            (None, {"client_id": "web"}),
            ((mine["client_id"], mine["client_secret"]), {}),
        )
        for auth, more in pairs:
            answer = web.post("/oauth/token", data={**form, "code_verifier": VERIFIER, **more}, auth=auth)
            is_refused(answer, "invalid_client", "invalid_grant", "invalid_request")
    assert redeem(home, code).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        "https://app.example.com/other", "https://app.example.com/cb/", "https://app.example.com/cb?x=1",
        "https://APP.example.com/cb", "https://app.example.com:443/cb", "https://evil.example/cb", None, "",
    ],
)  # fmt: skip
def test_a_code_is_for_one_address(home: Household, sent: str | None) -> None:
    """The address that it is shown with is the one that it was sent to, letter for letter."""
    home.client("web", reply_urls=TWO)
    code = Guest(home).answered()["code"]
    is_refused(redeem(home, code, redirect_uri=sent), "invalid_grant")
    assert redeem(home, code).status_code == 200


@pytest.mark.parametrize("verifier", [None, "", "w" * 43, "v" * 44, "v" * 42, VERIFIER.upper(), "é" * 43])
def test_a_code_that_was_slipped_in(home: Household, verifier: str | None) -> None:
    """A stolen code in another session of the same client has another verifier, and gives nothing."""
    code = Guest(home).answered()["code"]
    is_refused(redeem(home, code, code_verifier=verifier), "invalid_grant")
    without = Guest(home).answered(code_challenge=None, code_challenge_method=None)["code"]
    is_refused(redeem(home, without), "invalid_grant")


def test_another_tenant_does_not_know_it(home: Household) -> None:
    """A client of the same name, secret and address at another tenant gets nothing, and uses nothing up."""
    code = Guest(home).answered()["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACKS["web"],
        "code_verifier": VERIFIER,
        **proof("web"),
    }
    with home.web(OTHER_HOST) as other, home.web() as web:
        is_refused(other.post("/oauth/token", data=form), "invalid_grant")
        is_refused(web.post("/t/acme/oauth/token", data=form), "invalid_grant")
        given = web.post("/oauth/token", data=form).json()
        is_refused(other.post("/oauth/token", data=form), "invalid_grant")
        # The other tenant's client cannot even end it by showing it again.
        assert is_live(home, given["access_token"])


def test_nothing_else_is_a_code(home: Household) -> None:
    """No cookie, token, handle or part of one passes for a code."""
    guest = Guest(home)
    given, code = tokens(home, guest=guest), guest.answered()["code"]
    page = Guest(home)
    page.authorizes()
    pushed = ask(home, "web", {"response_type": "code", "redirect_uri": CALLBACKS["web"]}, "/oauth/par")
    reference = pushed.json()["request_uri"]
    for text in (
        *given.values(), *guest.cookies.values(), *page.cookies.values(), reference, code[:-1], f"{code}=",
        reference.rpartition(":")[2],
        f" {code}", f"{code}\n", code.swapcase(), secrets.token_urlsafe(32), "%00", "null", "*", "\u200b",
    ):  # fmt: skip
        is_refused(redeem(home, str(text)), "invalid_grant", "invalid_request")
    assert redeem(home, code).status_code == 200


def test_people_are_not_mixed_in_a_flow(home: Household) -> None:
    """A flow that one person signed in to gives no code for another, whose session is put in its place."""
    aya, ben = Guest(home), Guest(home)
    ben.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    page = aya.signs_in(aya.authorizes("third"))
    resume = f"/authorize/resume?{page.request.url.query.decode()}"
    assert page.request.url.path == "/consent"
    aya.cookies[SSO] = ben.cookies[SSO]
    for answer in (aya.posts(page, decision="allow"), aya.opens(resume)):
        assert "code=" not in answer.headers.get("location", "")


def test_what_somebody_else_agreed_to(home: Household) -> None:
    """A flow that was agreed to, planted in another browser, asks the person there for everything again."""
    mallory, victim = Guest(home), Guest(home)
    mallory.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    page = mallory.authorizes("third", state="mallory")
    planted = {name: value for name, value in mallory.cookies.items() if "-flow-" in name}
    form = {"csrf": token_of(page), "decision": "allow"}
    answer = mallory.send("POST", address_of(page), data=form)
    assert "/authorize/resume" in answer.headers["location"]
    victim.signs_in()
    victim.cookies |= planted
    page = victim.opens(answer.headers["location"])
    assert page.request.url.path == "/login"
    assert victim.signs_in(page).request.url.path == "/consent"


def test_a_flow_is_of_one_browser(home: Household) -> None:
    """Who learns the address of somebody's flow cannot go on with it, nor end it."""
    aya, thief = Guest(home), Guest(home)
    page = aya.authorizes()
    query = page.request.url.query.decode()
    thief.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    for path in ("/login", "/consent", "/authorize/resume"):
        answer = thief.opens(f"{path}?{query}", accept="application/json")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        form = {"username": "aya@example.com", "csrf": "x", "decision": "allow"}
        answer = thief.send("POST", f"{path}?{query}", data=form)
        assert answer.status_code in (400, 405)
    assert "code" in told(aya.signs_in(page))


def test_everybody_gets_their_own(home: Household) -> None:
    """Flows side by side, in one browser and in two, each end with their own person, state and nonce."""
    aya, ben = Guest(home), Guest(home)
    first = aya.authorizes(state="1", nonce="n1")
    second = aya.authorizes(client="second", state="2", nonce="n2")
    third = ben.authorizes(state="3", nonce="n3")
    for state, nonce, person, client, signs_in in (
        ("3", "n3", BEN, "web", lambda: ben.signs_in(third, "ben@example.com", OTHER_PASSWORD)),
        ("2", "n2", AYA, "second", lambda: aya.signs_in(second)),
        ("1", "n1", AYA, "web", lambda: aya.signs_in(first)),
    ):
        said = told(signs_in())
        assert said["state"] == state
        given = redeem(home, said["code"], client).json()
        claims = claims_of(given["id_token"])
        assert (claims["nonce"], claims["sub"], claims["aud"]) == (nonce, person, client)
        assert who(home, given["access_token"]).json()["sub"] == person
        assert claims_of(refresh(home, given["refresh_token"], client).json()["id_token"])["sub"] == person


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    home.client("web", reply_urls=TWO)
    with monkeypatch.context() as mutant:
        mutant.setattr(authorization_code, "_is_of", lambda *_: True)
        code = Guest(home).answered()["code"]
        assert redeem(home, code, "second", redirect_uri=CALLBACKS["web"]).status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(authorization_code, "redirect_is_the_same", lambda *_: None)
        assert redeem(home, Guest(home).answered()["code"], redirect_uri=TWO[1].url).status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(pkce, "verifier_fits", lambda *_: None)
        assert redeem(home, Guest(home).answered()["code"], code_verifier="w" * 43).status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(flow, "_fits", lambda *_: True)
        aya, ben = Guest(home), Guest(home)
        ben.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
        page = aya.authorizes(prompt="login")
        aya.cookies[SSO] = ben.cookies[SSO]
        assert "code" in told(aya.opens(f"/authorize/resume?{page.request.url.query.decode()}"))
