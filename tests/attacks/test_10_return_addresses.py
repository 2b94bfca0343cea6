"""Class 10: the sign-in page, or any other one of ours, sends people on to an address out of the request."""

from urllib.parse import quote, urlencode

import pytest

from sekisho.app import urls
from sekisho.pages import forms
from sekisho.web.route import Routes
from tests.attacks.people_target import EVIL, PAGE, PASSWORD, Browser, People, csrf, location, ways_out
from tests.attacks.target import HOST, ORIGIN, OTHER_HOST
from tests.attacks.wire import request, said, status

ELSEWHERE = (
    EVIL, f"{EVIL}/", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example", "/\\/evil.example", "//\\evil.example", "/\t/evil.example", "\t//evil.example",
    "/\n/evil.example", "/\r\n//evil.example", "\n//evil.example", " //evil.example", "/ /evil.example",
    "\u00a0//evil.example", "/\u00a0/evil.example", "/\u3000/evil.example", "\ufeff//evil.example",
    "\x00//evil.example", "/\x00/evil.example", "\x01//evil.example",
    "http:evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example",
    "https:\\evil.example",
    "HTTPS://evil.example", "javascript:alert(1)", "javascript://%0aalert(1)", "data:text/html,x",
    "evil.example",
    ".evil.example", "@evil.example", ":80@evil.example", ":evil.example", f"{ORIGIN}.evil.example",
    f"{ORIGIN}@evil.example", f"{ORIGIN}:80@evil.example", f"{ORIGIN}\\@evil.example",
    f"https://evil.example#{HOST}",
    f"https://evil.example?{HOST}", f"https://x.{HOST}/", f"https://evil{HOST}/", f"https://{HOST}.",
    f"http://{HOST}/",
    f"https://{HOST}:8443/", f"{ORIGIN}/account", f"https://{OTHER_HOST}/", "account", "./account",
    "../account", "?x",
    "#x", "", "/a\\b", "/a b", "/\u00e9", "/account\r\nset-cookie: a=b", "/" + "a" * 2_000, "/\u2028",
    "/a\u202e",
)  # fmt: skip
# These are paths of ours, however odd: they stay here, letter for letter.
HERE = (
    "/account#security", "/t/demo/account", "/./account", "/.//evil.example", "/account//evil.example",
    "/%5cevil.example", "/%2f/evil.example", "/%09/evil.example", "/@evil.example", "/:80@evil.example",
    "/https://evil.example", "/..//evil.example", "/;//evil.example", "/account?next=//evil.example", "/",
)  # fmt: skip
NAMES = (
    "return_to", "returnTo", "return", "return_url", "returnUrl", "ReturnUrl", "redirect", "redirect_to",
    "redirect_url",
    "redirect_uri", "redirectUrl", "next", "url", "uri", "continue", "continueTo", "continue_to", "goto",
    "go", "to",
    "target", "dest", "destination", "rd", "r", "u", "from", "back", "callback", "callback_url", "wreply",
    "wctx",
    "RelayState", "service", "state", "flow", "error_uri", "initiate_login_uri", "target_link_uri", "iss",
    "login_hint", "ticket", "email", "post_logout_redirect_uri", "cancel_url", "requestId", "sessionId",
    "client_id",
    "ui_locales",
)  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=ascii)
def test_nobody_is_sent_elsewhere_after_signing_in(people: People, wanted: str) -> None:
    """Whatever browsers read as another origin leads to the account, or is no request at all."""
    browser = people.browser()
    answer = browser.get(f"/login?return_to={quote(wanted, safe='')}", site="cross-site")
    if "\x00" in wanted:
        assert answer.status_code == 400
        return
    assert not ways_out(answer)
    answer = browser.signs_in(f"/login?return_to={quote(wanted, safe='')}")
    assert (answer.status_code, location(answer)) == (303, f"{ORIGIN}/account")


def test_a_path_of_ours_stays_one(people: People) -> None:
    """A path is put behind our own origin, whole: what a browser makes of it, it makes of it here."""
    for path in HERE:
        answer = people.browser().signs_in(f"/login?{urlencode({'return_to': path})}")
        assert location(answer) == ORIGIN + path
    acme = people.browser(OTHER_HOST)
    answer = acme.signs_in("/login?return_to=/account")
    assert location(answer) == f"https://{OTHER_HOST}/account"
    answer = people.browser().signs_in("/t/acme/login?return_to=//evil.example")
    assert location(answer) == f"{ORIGIN}/t/acme/account"


def test_nobody_is_sent_elsewhere_after_signing_up(twins: People) -> None:
    """Where people may make accounts, what follows is the account or a path of ours as well."""
    place = "/api/v2/tenants/settings"
    with twins.target.manage() as manage:
        assert manage.patch(place, json={"sign_up_allowed": True}).status_code == 200
    for number, wanted in enumerate((*ELSEWHERE[:12], "/account#apps")):
        browser = twins.browser()
        form = {"email": f"new-{number}@example.com", "password": PASSWORD}
        answer = browser.fills(f"/signup?return_to={quote(wanted, safe='')}", **form)
        expected = wanted if wanted == "/account#apps" else "/account"
        assert (answer.status_code, location(answer)) == (303, ORIGIN + expected)
    with twins.target.manage() as manage:
        assert manage.patch(place, json={"sign_up_allowed": False}).status_code == 200


def test_two_paths_are_none(people: People) -> None:
    """A second `return_to` does not stand in for the first; in the body it is not read."""
    browser = people.browser()
    assert browser.get(f"/login?return_to=/account&return_to={EVIL}").status_code in (200, 400)
    form = {
        "csrf": csrf(browser.get("/login")),
        "username": "kim@example.com",
        "password": PASSWORD,
    }
    answer = browser.post(f"/login?return_to=/account&return_to={EVIL}", form)
    assert (answer.status_code, location(answer)) == (400, "")
    answer = browser.post("/login", {**form, "return_to": EVIL, "redirect": EVIL})
    assert location(answer) == f"{ORIGIN}/account"


def places(routes: Routes) -> list[str]:
    """Every path that a browser may open."""
    return sorted(path for path, methods in routes._exact.items() if "GET" in methods)


def test_no_page_of_ours_leads_out(people: People, kim: Browser) -> None:
    """No parameter of any page, by whatever name, becomes a redirect or a link to where it says."""
    known = [path for path in places(urls()) if not path.startswith("/api/")]
    assert {"/", "/login", "/consent", "/account", "/authorize", "/authorize/resume", "/oidc/logout"} <= {
        *known
    }
    for path in known:
        for wanted in (f"{EVIL}/x", "//evil.example/x", "/\\evil.example/x"):
            query = urlencode(dict.fromkeys(NAMES, wanted))
            for browser in (kim, people.browser()):
                answer = browser.get(f"{path}?{query}", site="cross-site", referer=f"{EVIL}/")
                assert "evil.example" not in location(answer).partition("?")[0], path
                assert not location(answer) or location(answer).startswith(f"{ORIGIN}/"), path
                assert not {"refresh", "content-location", "link"} & set(answer.headers), path
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert not ways_out(answer), path


def test_a_host_of_the_request_is_no_address(people: People) -> None:
    """Redirects of pages carry the configured origin, whatever a proxy or an attacker says."""
    lies = tuple(
        f"{name}: evil.example"
        for name in ("x-forwarded-host", "x-forwarded-server", "x-host", "x-original-host", "x-original-url",
                     "x-rewrite-url", "x-zitadel-forward-host", "x-zitadel-public-host",
                     "x-zitadel-instance-host",
                     "x-forwarded-prefix", "forwarded", "referer", "x-forwarded-proto", "x-forwarded-port")
    )  # fmt: skip
    query = urlencode(people.asking())
    for path in ("/account", f"/authorize?{query}", "/login", "/oidc/logout"):
        raw = request(f"GET {path}", f"host: {HOST}", f"accept: {PAGE['accept']}", *lies)
        heard = said(people.target.port, raw)
        assert status(heard) in (200, 303)
        assert b"evil.example" not in heard
        raw = request(
            f"GET {path}", "host: evil.example", f"accept: {PAGE['accept']}", f"x-forwarded-host: {HOST}"
        )
        assert status(said(people.target.port, raw)) == 421


def test_a_flow_is_no_address_either(people: People, kim: Browser) -> None:
    """What names a flow names nothing else: no path, no host, no other tenant's flow."""
    mine = kim.here(kim.asks(prompt="login"))
    assert mine is not None
    id = mine.partition("flow=")[2]
    for wanted in (EVIL, "//evil.example", "../evil", f"{id}/../x", f"{id}@evil.example", f"{id}#",
    f"{id}%00",
                   f"{id},x", f"{id} ", f"{id}&flow={id}", id.upper(), f"-{id}", "x" * 5_000, "*",
                   "\u0661"):  # fmt: skip
        for path in ("/login", "/consent", "/authorize/resume"):
            answer = kim.get(f"{path}?flow={quote(wanted, safe='&%=')}", site="cross-site")
            assert (answer.status_code, location(answer)) == (400, ""), (path, wanted)
    assert kim.get(f"/t/acme{mine}").status_code == 400
    assert people.browser().get(mine).status_code == 400


def test_any_address_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With whatever follows a slash taken for a path and put into a relative address, a stranger is next."""
    wanted = "/login?return_to=https%3A%2F%2Fevil.example"
    assert location(twins.browser().signs_in(wanted)) == f"{ORIGIN}/account"
    honest = forms.redirect
    monkeypatch.setattr(forms, "return_to", lambda wanted: wanted or "")
    monkeypatch.setattr(forms, "redirect", lambda to, *rest: honest(to.removeprefix(ORIGIN), *rest))
    assert location(twins.browser().signs_in(wanted)) == EVIL
