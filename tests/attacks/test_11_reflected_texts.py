"""Class 11: what a request says comes back in a page, an error or a header, and runs there."""

from urllib.parse import quote, urlencode

import httpx
import pytest

from sekisho.pages import press, says
from tests.attacks.people_target import PAGE, Browser, People, csrf, location, ways_out
from tests.attacks.redirects import registered
from tests.attacks.target import HOST
from tests.attacks.wire import request, said

MARKUP = "<script>alert(1)</script>"
TRICKS = (
    f'">{MARKUP}', f"</title></textarea>--></script>{MARKUP}", "<svg/onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="', "'onclick='alert(1)", "javascript:alert(1)",
    "{{7919*7907}}${7919*7907}#{7919*7907}<%=7919*7907%>{% raw %}", "{0.__class__}{desk}%s%n%x",
    "\u2028\ufeff<b>canary</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "+ADw-script+AD4-alert(1)", "\x1b[31m<x>]]><x>" * 8,
)  # fmt: skip
NAMES = (
    "error", "error_description", "error_hint", "error_uri", "error_debug", "message", "msg", "title",
    "reason",
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt",
    "max_age",
    "login_hint", "id_token_hint", "ui_locales", "acr_values", "audience", "connection", "request",
    "request_uri",
    "flow", "return_to", "done", "username", "email", "ticket", "post_logout_redirect_uri", "code_challenge",
    "screen_hint", "x",
)  # fmt: skip
PLACES = ("/", "/login", "/consent", "/signup", "/invitation", "/account", "/authorize", "/authorize/resume",
"/oidc/logout",
"/nowhere",
          "/error", "/userinfo", "/static/x", "/logo/x", "/help/adobe-pass", "/api/v2/docs")  # fmt: skip


def is_harmless(answer: httpx.Response, trick: str) -> None:
    """A page that runs nothing and cannot be framed, or a text that no browser takes for a page."""
    kind = answer.headers.get("content-type", "")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.status_code != 500
    if kind.startswith("text/html"):
        assert kind == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert "no-store" in answer.headers["cache-control"]
        assert "62615533" not in answer.text
        assert not ways_out(answer)
        if "<" in trick or '"' in trick:
            assert trick not in answer.text
    else:
        assert kind.partition(";")[0] in ("application/json", "text/plain", "text/css", ""), kind
        if "<" in trick and "json" not in kind:
            assert trick not in answer.text
    for name, value in answer.headers.items():
        assert trick not in value, name


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: ascii(trick)[:30])
def test_what_a_query_says_is_text(people: People, kim: Browser, trick: str) -> None:
    """No parameter of any page runs as script, as template or as header, one by one and all at once."""
    stranger = people.browser()
    for place in PLACES:
        for browser in (kim, stranger):
            is_harmless(browser.get(f"{place}?{urlencode(dict.fromkeys(NAMES, trick))}"), trick)
    for name in NAMES:
        for place in ("/login", "/authorize"):
            is_harmless(stranger.get(f"{place}?{urlencode({name: trick})}", site="cross-site"), trick)


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: ascii(trick)[:30])
def test_what_a_request_to_authorize_says_is_text(people: People, trick: str) -> None:
    """On the pages of a flow, where hint and state travel along, and in the errors that end it."""
    browser = people.browser()
    for name in ("login_hint", "state", "nonce", "acr_values", "ui_locales", "screen_hint", "connection"):
        page = browser.here(browser.asks("shop", **{name: trick}))
        assert page is not None
        is_harmless(browser.get(page), trick)
    for name in ("client_id", "redirect_uri"):
        answer = browser.asks(**{name: trick})
        is_harmless(answer, trick)
        assert trick not in answer.text
    for name in ("scope", "response_type", "audience", "prompt", "max_age", "response_mode", "id_token_hint"):
        answer = browser.asks(**{name: trick})
        assert not set(location(answer)) & set('<>" \n\r')
        assert not answer.content


def test_what_a_form_says_is_text(people: People, kim: Browser) -> None:
    """A name that was typed stands in its field as it was typed, and nowhere else."""
    token = csrf(kim.get("/account"))
    for trick in TRICKS:
        browser = people.browser()
        answer = browser.fills("/login", username=trick, password=trick)
        assert answer.status_code == 400
        is_harmless(answer, trick)
        assert answer.text.count('type="password"') == 1
        for path in (
            "/account/password",
            "/account/sessions",
            "/account/applications",
            "/oidc/logout/confirm",
        ):
            fields = ("session", "client", "decision", "current-password", "new-password")
            form = dict.fromkeys(fields, trick)
            # Wrong passwords are counted, and Kim goes on to live here.
            if "password" not in path:
                is_harmless(kim.post(path, {"csrf": token, **form}), trick)
            is_harmless(kim.post(path, {"csrf": trick, **form}), trick)


def test_what_a_client_says_of_itself_is_text(people: People) -> None:
    """Name, scopes' words and API of a hostile client are texts on the sign-in and consent pages."""
    tricks = ("Evil &lt;b&gt;&quot;' {{7919*7907}} {0} {app}", "\u202eevil", "javascript:alert(1)//")
    for trick in tricks:
        registered(people, "hostile", "shop", name=trick, client_metadata={"x": f'">{MARKUP}'})
        browser = people.browser()
        page = browser.here(browser.asks("hostile"))
        assert page is not None
        is_harmless(browser.get(page), trick)
        consent = browser.here(browser.get(browser.here(browser.signs_in(page)) or ""))
        assert consent is not None
        assert consent.startswith("/consent?")
        seen = browser.get(consent)
        is_harmless(seen, trick)
        assert "&amp;lt;b" in seen.text or "lt;b" not in trick
    with people.target.manage() as manage:
        for name in (MARKUP, "a<b", "a>b", "a\nb", "a\x00b", " "):
            assert manage.post("/api/v2/clients", json={"name": name}).status_code == 400


def test_what_a_header_says_is_text(people: People) -> None:
    """No header of a request comes back in a page or splits one: not even the number that it may name."""
    for trick in (f'">{MARKUP}', "x\u00a0<x>", "javascript:alert(1)"):
        lies = [
            f"{name}: {trick}"
            for name in ("x-correlation-id", "referer", "user-agent", "accept-language", "x-request-id",
            "origin",
                         "cookie", "x-forwarded-for", "content-language", "x-request-language", "from", "via")
        ]  # fmt: skip
        theme = f"cookie: theme={trick}; lang={trick}; __Host-sekisho-form-demo={trick}"
        for path in ("/", "/login", "/nowhere", "/authorize?client_id=x", "/oidc/logout"):
            for more in (lies, [theme]):
                head = (f"host: {HOST}", f"accept: {PAGE['accept']}", *more)
                heard = said(
                    people.target.port, request(f"GET {path}", *head).replace("\u00a0".encode(), b"\xa0")
                )
                assert heard
                assert b"alert(1)" not in heard
                assert b"<x>" not in heard


def test_a_path_is_not_repeated(people: People, kim: Browser) -> None:
    """What was looked for and not found is not named."""
    for trick in TRICKS[:8]:
        for start in ("/", "/login/", "/t/", "/t/demo/", "/logo/", "/static/", "/.well-known/", "/api/v2/x/"):
            answer = kim.get(start + quote(trick, safe=""))
            is_harmless(answer, trick)
            assert "alert(1)" not in answer.text


def test_an_error_that_repeats_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words of a refusal on its page, and pages that escape nothing, the attacker's script is in."""
    browser = twins.browser()
    assert MARKUP not in browser.asks(client_id=MARKUP).text
    assert "lt;script" not in browser.asks(client_id=MARKUP).text
    monkeypatch.setattr(says, "_description", lambda refused: refused.text)
    assert "lt;script" in browser.asks(client_id=MARKUP).text
    press._TEMPLATES.cache.clear()  # type: ignore[union-attr]
    monkeypatch.setattr(press._TEMPLATES, "autoescape", False)
    try:
        assert MARKUP in browser.asks(client_id=MARKUP).text
        assert (
            f'value="">{MARKUP}'
            in browser.get(f"/login?{urlencode({'login_hint': chr(34) + '>' + MARKUP})}").text
        )
    finally:
        press._TEMPLATES.cache.clear()  # type: ignore[union-attr]
