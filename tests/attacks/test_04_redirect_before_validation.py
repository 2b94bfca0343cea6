"""Class 4: an error is sent to an address before anybody knew whether it is one of the client's."""

import secrets
from typing import Any

import pytest

from sekisho.oauth import asked
from tests.attacks.people_target import CALLBACK, EVIL, Browser, People, is_shown, location, told
from tests.attacks.redirects import form_of, registered, signed_in

# What is wrong besides: each of these is an error that clients are told by redirect.
ERRORS: tuple[dict[str, Any], ...] = (
    {}, {"response_type": "nonsense"}, {"response_type": None}, {"response_type": ["code", "token"]},
    {"response_type": "none"}, {"response_mode": "nonsense"}, {"response_mode": "jwt"},
    {"scope": 'openid "'}, {"scope": "openid \\"}, {"scope": ["openid", "email"]}, {"scope": "nonsense"},
    {"prompt": "none"}, {"prompt": "none login"}, {"prompt": "nonsense"}, {"max_age": "x"},
    {"max_age": "0", "prompt": "none"}, {"request": "a.b.c"}, {"request": "eyJhbGciOiJub25lIn0.e30."},
    {"request_uri": f"{EVIL}/r"}, {"code_challenge": None}, {"code_challenge_method": "plain"},
    {"audience": "https://nothing.example"}, {"id_token_hint": "a.b.c"}, {"state": ["a", "b"]},
    {"nonce": "x" * 3000}, {"x-unknown": ["a", "b"]}, {"error": "access_denied"},
)  # fmt: skip
STRANGERS: tuple[dict[str, Any], ...] = (
    {"redirect_uri": f"{EVIL}/cb"},
    {"redirect_uri": None},
    {"redirect_uri": [CALLBACK, f"{EVIL}/cb"]},
    {"redirect_uri": [f"{EVIL}/cb", CALLBACK]},
    {"redirect_uri": f"{EVIL}/cb", "client_id": "nobody"},
    {"redirect_uri": f"{EVIL}/cb", "client_id": None},
    {"client_id": "nobody"},
    {"client_id": None},
    {"client_id": "x" * 2000},
)


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_nobody_is_sent_to_a_stranger_with_an_error(
    people: People, kim: Browser, error: dict[str, Any]
) -> None:
    """While client and address are not certain, every error is a page of ours. RFC 6749 section 4.1.2.1."""
    for browser in (kim, people.browser()):
        for stranger in STRANGERS:
            request = people.asking(**error, **stranger)
            is_shown(browser.opens(request))
            is_shown(browser.post("/authorize", request, site="cross-site"))


def test_two_clients_are_none(people: People, kim: Browser) -> None:
    """Who is asked about cannot differ from whose address it is, by one name twice or in two places."""
    mine, theirs = people.id("shop"), people.id("web")
    for pair in ([mine, theirs], [theirs, mine], [theirs, theirs]):
        is_shown(kim.asks(client_id=pair))
        is_shown(kim.asks(client_id=pair, redirect_uri=people.home("shop")))
    # The query of a form's address says nothing.
    request = people.asking("shop", redirect_uri=CALLBACK)
    is_shown(kim.post(f"/authorize?client_id={theirs}&redirect_uri={CALLBACK}", request, site="cross-site"))
    is_shown(kim.post(f"/authorize?client_id={theirs}&redirect_uri={CALLBACK}", {}, site="cross-site"))


# These are no errors: they are read as if they were not there.
HARMLESS: tuple[dict[str, Any], ...] = ({}, {"scope": "nonsense"}, {"error": "access_denied"})
TOLD = [error for error in ERRORS if error not in (*HARMLESS, {"code_challenge": None})]


@pytest.mark.parametrize("error", TOLD, ids=repr)
def test_an_error_goes_to_the_client_alone(people: People, error: dict[str, Any]) -> None:
    """Where both are certain, what is wrong is said at the registered address, with issuer and no code."""
    browser = people.browser()
    answer = browser.asks(**error)
    assert answer.status_code == 302, answer.text
    assert location(answer).startswith(f"{CALLBACK}?error=")
    assert told(answer)["iss"] == "https://id.example.com/"
    assert "code" not in told(answer)
    assert not browser.cookies


@pytest.mark.parametrize("change", [{"callbacks": [f"{EVIL}/other"]}, {"enabled": False}])
def test_an_address_that_was_taken_away_meanwhile(people: People, change: dict[str, Any]) -> None:
    """A flow that began before ends on a page: whether the person signs in, agrees or declines."""
    role = f"passing-{secrets.token_hex(4)}"
    registered(people, role, "shop")
    place = f"/api/v2/clients/{people.id(role)}"
    undo = {"enabled": True, "callbacks": people.clients[role]["callbacks"]}
    for decision in ("deny", "allow"):
        browser = signed_in(people)
        page = browser.here(browser.asks(role))
        assert page is not None
        form = form_of(browser.get(page), decision=decision)
        with people.target.manage() as manage:
            assert manage.patch(place, json=change).status_code == 200
            answer = browser.post(page, form)
            assert answer.status_code in (303, 400)
            if answer.status_code == 303:
                resumed = browser.here(answer)
                assert resumed is not None, location(answer)
                answer = browser.get(resumed)
            assert (answer.status_code, location(answer)) == (400, "")
            assert manage.patch(place, json=undo).status_code == 200


def test_an_early_redirect_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address taken as it was sent, an error is enough to send anybody anywhere."""
    browser = twins.browser()
    told = {"redirect_uri": f"{EVIL}/cb", "response_type": "nonsense"}
    is_shown(browser.asks(**told))
    monkeypatch.setattr(asked, "_redirect", lambda pairs, _: (dict(pairs)["redirect_uri"], True))
    assert location(browser.asks(**told)).startswith(f"{EVIL}/cb?error=")
