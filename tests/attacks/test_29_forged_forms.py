"""Class 29: somebody else's page sends a form of ours: the victim signs in as the attacker, or agrees."""

import httpx
import pytest

from sekisho.spec.browser import csrf as guard
from tests.attacks.people_target import EVIL, KIM, LEE, PASSWORD, Browser, People, csrf, location
from tests.attacks.redirects import signed_in
from tests.attacks.target import HOST, OTHER_HOST

RIGHT = {"username": LEE, "password": PASSWORD}
NEXT = "nine copper lanterns"
# Each form: the page that has it, where it goes, and what it says.
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "sign-in": ("/login", "/login", RIGHT),
    "leave": ("/oidc/logout", "/oidc/logout/confirm", {"decision": "confirm"}),
    "password": ("/account", "/account/password", {"current-password": PASSWORD, "new-password": NEXT}),
    "sessions": ("/account", "/account/sessions", {"session": "others"}),
    "disconnect": ("/account", "/account/applications", {"client": "x"}),
}
# How a page of another origin sends it: what it says of where it comes from.
SENDERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("cross-site", {}),
    ("same-site", {"origin": f"https://x.{HOST}"}),
    ("same-site", {"origin": f"https://{HOST}"}),
    ("none", {"origin": f"https://{HOST}"}),
    ("same-origin", {"origin": "null"}),
    ("same-origin", {"origin": f"http://{HOST}"}),
    ("same-origin", {"origin": f"https://{HOST}:8443"}),
    ("same-origin", {"origin": f"https://{HOST}."}),
    ("same-origin", {"origin": f"https://{OTHER_HOST}"}),
    ("same-origin", {"origin": f"https://{HOST}, {EVIL}"}),
    ("same-origin", {"origin": EVIL, "referer": f"https://{HOST}/login"}),
    ("Same-Origin", {"origin": f"https://{HOST}"}),
)
# What else a body may be: a page can send these without being asked first.
BODIES = ("text/plain", "multipart/form-data; boundary=x", "application/octet-stream", "text/html", "*/*")


def is_refused(answer: httpx.Response) -> None:
    """Nothing came of it: no redirect, no session, no cookie."""
    assert answer.status_code in (400, 405, 415), (answer.status_code, location(answer))
    assert not location(answer)
    assert "set-cookie" not in answer.headers


def who(browser: Browser) -> str:
    """Who is signed in."""
    page = browser.get("/account")
    return next((name for name in (KIM, LEE) if name in page.text), "")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_sent_by_its_own_page(people: People, form: str) -> None:
    """With the right token, from any other origin, or one that hides itself: nothing happens."""
    page, action, told = FORMS[form]
    browser, elsewhere = signed_in(people), signed_in(people)
    right = {"csrf": csrf(browser.get(page)), **told}
    for site, headers in SENDERS:
        is_refused(browser.post(action, right, site=site, **headers))
    assert (who(browser), who(elsewhere)) == (KIM, KIM)
    assert people.browser().signs_in().status_code == 303


@pytest.mark.parametrize("form", FORMS)
def test_a_token_is_of_one_browser_one_page_and_one_session(people: People, form: str) -> None:
    """No other token will do: none, another one's, another page's, one from before somebody signed in."""
    page, action, told = FORMS[form]
    browser, elsewhere = signed_in(people), signed_in(people)
    other = "/account" if form == "sign-in" else "/login"
    stale = csrf(browser.get(page))
    assert browser.signs_in().status_code == 303
    fresh = csrf(browser.get(page))
    for token in ("", stale, csrf(elsewhere.get(page)), csrf(browser.get(other)), fresh[:-1],
    fresh.swapcase(),
                  f"{fresh}x", f" {fresh}", "null", "x" * 5_000, "\u00e9"):  # fmt: skip
        is_refused(browser.post(action, {"csrf": token, **told}))
    for more in ({}, {"csrf": [fresh, fresh]}, {"CSRF": fresh}, {"csrf[]": fresh}, {"_csrf": fresh}):
        is_refused(browser.post(action, {**told, **more}))
    is_refused(browser.post(f"{action}?csrf={fresh}", told, x_csrf_token=fresh))
    stranger = people.browser()
    answer = stranger.post(action, {"csrf": fresh, **told})
    # Who is not signed in is sent to sign in, before any form of theirs is looked at.
    assert answer.status_code == 400 or location(answer).startswith(f"https://{HOST}/login?")
    assert not who(stranger)
    assert (who(browser), who(elsewhere)) == (KIM, KIM)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_a_form(people: People, form: str) -> None:
    """GET, HEAD, other types of body and names of methods in headers do nothing, even with the token."""
    page, action, told = FORMS[form]
    browser, elsewhere = signed_in(people), signed_in(people)
    right = {"csrf": csrf(browser.get(page)), **told}
    raw = str(httpx.QueryParams(right))
    cookies = "; ".join(f"{name}={crumb.value}" for name, crumb in browser.cookies.items())
    own = {
        "cookie": cookies,
        "origin": f"https://{HOST}",
        "accept": "text/html",
        "sec-fetch-site": "same-origin",
    }
    with people.target.web(headers=own) as web:
        for kind in BODIES:
            is_refused(web.post(action, content=raw, headers={"content-type": kind}))
        is_refused(web.post(action, content=raw))
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
            answer = web.request(method, f"{action}?{raw}", headers={"x-http-method-override": "POST"})
            assert answer.status_code in (200, 405)
            assert not [each for each in answer.headers.get_list("set-cookie") if "-sso-" in each]
    assert (who(browser), who(elsewhere)) == (KIM, KIM)
    assert people.browser().signs_in().status_code == 303


def test_nobody_signs_another_in(people: People) -> None:
    """The attacker's own form, with the attacker's password, does not put the victim into their account."""
    mallory, flow_of_mallory = people.browser(), people.browser()
    token = csrf(mallory.get("/login"))
    page = flow_of_mallory.here(flow_of_mallory.asks(prompt="login"))
    assert page is not None
    in_flow = csrf(flow_of_mallory.get(page))
    for victim in (people.browser(), signed_in(people)):
        before = who(victim)
        mine = victim.here(victim.asks(prompt="login"))
        assert mine is not None
        tries = (("/login", token), (page, in_flow), (mine, in_flow), (mine, token), ("/login", in_flow))
        for address, value in tries:
            for site in ("cross-site", "same-origin"):
                is_refused(victim.post(address, {"csrf": value, **RIGHT}, site=site))
        is_refused(victim.get(page))
        assert who(victim) == before


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_nobody_agrees_for_another(people: People, decision: str) -> None:
    """Consent is given on the page of this flow, in this browser, by whoever saw it."""
    browser, mallory = signed_in(people), signed_in(people, LEE)
    pages = [each.here(each.asks("shop", prompt="consent")) for each in (browser, browser, mallory)]
    first, second, foreign = (page for page in pages if page is not None)
    tokens = [
        csrf(each.get(page)) for each, page in ((browser, first), (browser, second), (mallory, foreign))
    ]
    for token in (tokens[1], tokens[2], csrf(browser.get("/login")), csrf(browser.get("/account")), ""):
        is_refused(browser.post(first, {"csrf": token, "decision": decision}))
    for site, headers in SENDERS:
        is_refused(browser.post(first, {"csrf": tokens[0], "decision": decision}, site=site, **headers))
    is_refused(browser.post(foreign, {"csrf": tokens[2], "decision": decision}))
    is_refused(mallory.post(first, {"csrf": tokens[0], "decision": decision}))
    assert not location(browser.get(f"{first}&csrf={tokens[0]}&decision={decision}"))
    for wrong in ("", "yes", "ALLOW", "allow deny", "true"):
        is_refused(browser.post(first, {"csrf": tokens[0], "decision": wrong}))
    assert location(browser.post(first, {"csrf": tokens[0], "decision": decision}))


def test_forms_from_anywhere_bite(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither token nor origin looked at, any page signs its visitor out of all other browsers."""
    browser, elsewhere = signed_in(twins), signed_in(twins)

    def attack() -> httpx.Response:
        return browser.post("/account/sessions", {"session": "others"}, site="cross-site")

    is_refused(attack())
    assert who(elsewhere) == KIM
    monkeypatch.setattr(guard, "form_comes_from_here", lambda *_: None)
    is_refused(attack())
    monkeypatch.setattr(guard, "form_is_of_this_page", lambda *_: None)
    assert attack().status_code == 303
    assert who(elsewhere) == ""
