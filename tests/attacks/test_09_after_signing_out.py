"""Class 9: signing out leads to an attacker's address, runs their text, or is done by them."""

import secrets
from typing import Any

import pytest

from sekisho.oauth import logout
from tests.attacks.people_target import BYE, EVIL, LEE, Browser, People, is_shown, location, seen, ways_out
from tests.attacks.redirects import form_of, registered, signed_in
from tests.attacks.target import HOST, OTHER_HOST

LOGOUT, CONFIRM = "/oidc/logout", "/oidc/logout/confirm"
MARKUP = '"><script>alert(1)</script>'
ELSEWHERE = (
    EVIL, f"{EVIL}/bye", f"{BYE}/", f"{BYE}/../evil", f"{BYE}?from=them", f"{BYE}?from=us&x=1", f"{BYE}#x",
    "https://app.example.com/cb", "https://app.example.com", "https://app.example.com.evil.example/bye",
    "https://app.example.com@evil.example/bye", "https://evil.example\\@app.example.com/bye",
    "https://shop.example.net/bye", "HTTPS://app.example.com/bye", f"{BYE}\n", f" {BYE}", "//evil.example",
    "/\\evil",
    "javascript:alert(1)", "javascript://app.example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    f"{BYE}{MARKUP}", f"https://{HOST}/account", f"https://{HOST}@evil.example/", "/account", "account", "*",
)  # fmt: skip
NAMES = ("returnTo", "return_to", "redirect_uri", "redirect", "next", "url", "continue", "target", "wreply",
         "post_logout_redirect_url", "logout_uri", "RelayState", "goto", "service", "rd")  # fmt: skip


def hint_of(people: People, browser: Browser, role: str = "web") -> str:
    """An ID token that a client got for this browser's session."""
    return str(people.redeem(role, browser.code(role)).json()["id_token"])


def asked(browser: Browser, method: str, **told: Any) -> Any:
    """The end session endpoint, from another site."""
    if method == "GET":
        return browser.opens(told, LOGOUT)
    return browser.post(LOGOUT, told, site="cross-site")


def is_here(browser: Browser) -> bool:
    """Somebody is signed in in this browser."""
    return browser.get("/account").status_code == 200


@pytest.mark.parametrize("sent", ELSEWHERE, ids=ascii)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_a_registered_address_comes_after(people: People, kim: Browser, method: str, sent: str) -> None:
    """Signed in or not, with a hint or a client's name: any other address ends on a page of ours."""
    hint = hint_of(people, kim)
    for proof in ({"client_id": people.id("web")}, {"id_token_hint": hint}):
        for browser in (kim, people.browser()):
            is_shown(asked(browser, method, post_logout_redirect_uri=sent, **proof))
    for browser in (kim, people.browser()):
        for told in ({}, {"client_id": "nobody"}, {"id_token_hint": "a.b.c"}, {"id_token_hint": f"{hint}x"}):
            answer = asked(browser, method, post_logout_redirect_uri=sent, **told)
            assert (answer.status_code, location(answer)) == (200, "")
            assert "alert(1)" not in answer.text
            assert not ways_out(answer)
    assert is_here(kim)


def test_no_other_name_of_it_is_read(people: People, kim: Browser) -> None:
    """What other servers call the address leads nowhere, and neither do their addresses."""
    for name in NAMES:
        for browser in (people.browser(), kim):
            answer = asked(browser, "GET", **{name: f"{EVIL}/{MARKUP}", "client_id": people.id("web")})
            assert (answer.status_code, location(answer)) == (200, "")
            assert MARKUP not in answer.text
        for place in (
            "/logout",
            "/oauth/logout",
            "/signout",
            "/account/logout",
            "/oidc/logout/",
        ):
            assert kim.opens({name: EVIL}, place).status_code == 404
    assert is_here(kim)


def test_a_state_is_text(people: People) -> None:
    """On the way back, in the question and in the link the state is what was sent, and nothing runs."""
    for state in (MARKUP, "javascript:alert(1)", f"&x={EVIL}", "#x", "\r\nlocation: x", "'onclick='x"):
        browser, stranger = signed_in(people), people.browser()
        told = {"client_id": people.id("web"), "post_logout_redirect_uri": BYE, "state": state}
        for answer in (asked(browser, "GET", **told), asked(stranger, "POST", **told)):
            assert MARKUP not in answer.text
            assert "onclick='x" not in answer.text
            assert "script-src 'nonce-" in answer.headers["content-security-policy"]
        answer = asked(browser, "GET", id_token_hint=hint_of(people, browser), **told)
        assert location(answer).startswith(f"{BYE}?state=")
        assert location(answer).count("=") == 1
        assert "location" not in {line.partition(":")[0] for line in location(answer).split("\n")[1:]}


def test_nobody_is_signed_out_by_a_stranger(people: People) -> None:
    """A link, a form, a foreign or old hint: without this session's own ID token the person is asked."""
    browser, other = signed_in(people), signed_in(people, LEE)
    before = hint_of(people, browser)
    assert browser.signs_in().status_code == 303  # the session is another one from here on
    hints = ("", before, hint_of(people, other), f"{before}x", "a.b.c", before.rpartition(".")[0] + ".")
    for hint in hints:
        for method in ("GET", "POST"):
            answer = asked(browser, method, **({"id_token_hint": hint} if hint else {}))
            assert 'id="confirm"' in answer.text
    with people.target.web() as web:
        token = web.post("/oauth/token", data=people.target.form("machine")).json()["access_token"]
    assert 'id="confirm"' in asked(browser, "GET", id_token_hint=token).text
    assert is_here(browser)
    assert is_here(other)


def test_a_yes_is_the_persons(people: People) -> None:
    """The confirmation needs the form of this browser and this session, and comes from this origin."""
    browser, other = signed_in(people), signed_in(people, LEE)
    page, foreign = browser.get(LOGOUT), other.get(LOGOUT)
    yes = form_of(page, decision="confirm")
    for form, site, headers in (
        ({"decision": "confirm"}, "same-origin", {}),
        (form_of(foreign, decision="confirm"), "same-origin", {}),
        ({**yes, "csrf": yes["csrf"][:-1]}, "same-origin", {}),
        (yes, "cross-site", {}),
        (yes, "same-site", {}),
        (yes, "same-origin", {"origin": "null"}),
        (yes, "same-origin", {"origin": f"https://{HOST}.evil.example"}),
        (yes, "same-origin", {"origin": f"http://{HOST}"}),
        (yes, "none", {"origin": f"https://{HOST}"}),
    ):
        answer = browser.post(CONFIRM, form, site=site, **headers)
        assert (answer.status_code, location(answer)) == (400, ""), (form, site, headers)
    is_shown(browser.post(CONFIRM, {**yes, "client_id": people.id("web"), "post_logout_redirect_uri": EVIL}))
    assert browser.get(f"{CONFIRM}?csrf={yes['csrf']}&decision=confirm").status_code == 405
    assert is_here(browser)
    assert browser.post(CONFIRM, yes).status_code == 303
    assert not is_here(browser)
    assert is_here(other)


def test_a_client_that_was_switched_off_leads_nowhere(people: People) -> None:
    """What an administrator took away is no way out either: no redirect, and no link."""
    role = f"passing-{secrets.token_hex(4)}"
    registered(people, role, allowed_logout_urls=[f"{EVIL}/bye"])
    browser = signed_in(people)
    hint = hint_of(people, browser, role)
    with people.target.manage() as manage:
        place = f"/api/v2/clients/{people.id(role)}"
        assert manage.patch(place, json={"enabled": False}).status_code == 200
    for proof in ({"client_id": people.id(role)}, {"id_token_hint": hint}):
        for each in (people.browser(), browser):
            answer = asked(each, "GET", post_logout_redirect_uri=f"{EVIL}/bye", **proof)
            assert "evil.example" not in location(answer)
            assert not ways_out(answer)


def test_another_tenant_has_other_addresses(people: People) -> None:
    """A client, a hint and an address of one tenant are worth nothing at another one."""
    browser, hint = signed_in(people), hint_of(people, signed_in(people))
    for proof in ({"client_id": people.id("web")}, {"id_token_hint": hint}):
        told = {"post_logout_redirect_uri": BYE, **proof}
        for each, path in ((people.browser(OTHER_HOST), LOGOUT), (browser, f"/t/acme{LOGOUT}")):
            answer = each.opens(told, path)
            assert (answer.status_code, location(answer)) == (200, "")
            assert not ways_out(answer)
    assert is_here(browser)


def test_an_address_that_nobody_compared_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any address taken, the link of our own page, or a client's ID token, leads to the attacker."""
    told = {"client_id": twins.id("web"), "post_logout_redirect_uri": "javascript:alert(1)"}
    is_shown(asked(twins.browser(), "GET", **told))
    browser = signed_in(twins)
    hint = hint_of(twins, browser)
    monkeypatch.setattr(logout, "_uri", lambda pairs, _: dict(pairs).get("post_logout_redirect_uri", ""))
    page = asked(twins.browser(), "GET", **told)
    assert 'href="javascript:alert(1)"' in page.text
    assert "Web" in seen(page)
    assert location(asked(browser, "GET", id_token_hint=hint, post_logout_redirect_uri=EVIL)) == EVIL
