"""Class 10: the portal's way to sign in leads on to another host."""

from importlib import import_module
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from sekisho.pages import forms
from tests.attacks.guest import Guest, address_of, token_of
from tests.attacks.household import PASSWORD, Household
from tests.attacks.portal_target import EVIL, PAGE, opened
from tests.attacks.target import HOST, ORIGIN
from tests.attacks.test_10_return_addresses import ELSEWHERE, HERE

MORE = (
    f"{ORIGIN}//evil.example", f"{ORIGIN}///evil.example", f"{ORIGIN}/\\evil.example",
    f"{ORIGIN}\\evil.example",
    f"{ORIGIN}/\t/evil.example", f"{ORIGIN}/\n/evil.example", f"{ORIGIN}", f"{ORIGIN}?//evil.example",
    f"{ORIGIN}#//evil.example", f"{ORIGIN}:443/", f"{ORIGIN}:443//evil.example", f"{ORIGIN}.evil.example//",
    f"HTTPS://{HOST}//evil.example", f"https://{HOST.upper()}/", f"https:{HOST}/",
    f"https:/{HOST}//evil.example",
    f"{ORIGIN}/\u2028//evil.example", f"{ORIGIN}/%0d%0a//evil.example\r\n", "~/evil", "~//evil.example",
    quote(EVIL, safe=""), quote("//evil.example", safe=""), quote(f"{ORIGIN}@evil.example/", safe=""),
)  # fmt: skip
SAME = (*HERE, f"{PAGE}", f"{PAGE}?a=b#c", "/profile/?x=%2F%2Fevil.example", f"{ORIGIN}/@evil.example")


def lands(guest: Guest, wanted: str, name: str = "returnUrl") -> str:
    """Where the sign-in page sends a person on to that /SignIn led to with this address."""
    answer = guest.send("GET", f"/SignIn?{name}={quote(wanted, safe='')}")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith((f"{ORIGIN}/login?", f"{ORIGIN}/login"))
    page = guest.follows(answer)
    assert page.request.url.host == "127.0.0.1"
    assert page.status_code == 200
    form = {"csrf": token_of(page), "username": "aya@example.com", "password": PASSWORD}
    answer = guest.send("POST", address_of(page), data=form, headers={"origin": ORIGIN})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def stays(location: str) -> None:
    """A browser that follows this is at our origin, whichever way it reads addresses."""
    split = urlsplit(location)
    assert (split.scheme, split.netloc) == ("https", HOST), location
    assert location.startswith(f"{ORIGIN}/")
    assert not location.startswith((f"{ORIGIN}//", f"{ORIGIN}/\\"))
    assert location.isascii()
    assert location.isprintable()


def test_nobody_is_sent_elsewhere(home: Household) -> None:
    """Whatever a return address says, who signs in stays at this origin."""
    portal = opened(home)
    for wanted in (*ELSEWHERE, *MORE):
        if "\0" in wanted:
            assert portal.stranger().send("GET", f"/SignIn?returnUrl={quote(wanted)}").status_code == 400
            continue
        location = lands(portal.stranger(), wanted)
        stays(location)
        assert "evil" not in urlsplit(location).netloc


def test_a_page_of_the_portal_is_found_again(home: Household) -> None:
    """A page of this origin, said whole or by its path, is where people come back to, letter for letter."""
    portal = opened(home)
    for wanted in SAME:
        assert lands(portal.stranger(), wanted) == f"{ORIGIN}{wanted.removeprefix(ORIGIN)}"


def test_one_address_decides(home: Household) -> None:
    """A name in whatever case, and the first of several; no other name leads anywhere."""
    portal = opened(home)
    for name in ("ReturnUrl", "RETURNURL", "returnurl"):
        assert lands(portal.stranger(), "/a", name) == f"{ORIGIN}/a"
    assert lands(portal.stranger(), "/a", "returnUrl=/b&ReturnUrl") == f"{ORIGIN}/b"
    stays(lands(portal.stranger(), "/a", "returnUrl=//evil.example&ReturnUrl"))
    for name in (
        "return_to",
        "returnTo",
        "redirect_uri",
        "url",
        "next",
        "returnUrl[]",
        "ui_locales",
    ):
        location = lands(portal.stranger(), EVIL, name)
        stays(location)
        assert "evil" not in location


def test_who_is_signed_in_is_led_nowhere_else_either(home: Household) -> None:
    """Somebody who is there already, or a tenant below a path, meets the same rule."""
    portal = opened(home)
    guest = portal.visitor()
    for wanted in (EVIL, "//evil.example", f"{ORIGIN}//evil.example", f"{ORIGIN}@evil.example/"):
        for root in ("", "/t/demo", "/t/acme"):
            answer = guest.send("GET", f"{root}/SignIn?returnUrl={quote(wanted, safe='')}")
            told = parse_qs(urlsplit(answer.headers["location"]).query)["return_to"]
            assert told == [f"{root}/"]
            answer = guest.follows(answer)
            assert answer.status_code == 200
            assert "evil.example" not in answer.headers.get("location", "")


def test_any_address_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With return addresses taken as they came, signing in to the portal ends at the attacker's."""
    portal = opened(home)
    stays(lands(portal.stranger(), EVIL))
    honest = forms.redirect
    monkeypatch.setattr(import_module("sekisho.faces.power_pages.sign_in"), "home", lambda wanted, _: wanted)
    stays(lands(portal.stranger(), EVIL))
    monkeypatch.setattr(forms, "return_to", lambda wanted: wanted or "")
    monkeypatch.setattr(forms, "redirect", lambda to, *rest: honest(to.removeprefix(ORIGIN), *rest))
    assert lands(portal.stranger(), EVIL) == EVIL
