"""Class 12: a page of another origin reads what is not for it, by CORS or by a message to its window."""

import json
import re

import httpx
import pytest

from sekisho.oauth import asked
from sekisho.web import cors
from tests.attacks.guest import Guest, tokens
from tests.attacks.household import CALLBACKS, Household

HOME = "https://app.example.com"
EVIL = "https://evil.example"
STRANGERS = (
    *(EVIL, "null", f"{HOME}.evil.example", "https://evil-app.example.com", "http://app.example.com"),
    *(f"{HOME}:8443", f"{HOME}/", HOME.upper(), f"{HOME},{EVIL}", "https://sub.app.example.com", "*"),
)
DOORS = (("GET", "/userinfo"), ("POST", "/oauth/token"), ("POST", "/oauth/revoke"), ("GET", "/api/v2/users"))
SILENT = {"response_mode": "web_message", "prompt": "none", "scope": "openid", "audience": None}


def reads(home: Household, method: str, path: str, origin: str, token: str = "") -> bool:
    """Whether a browser hands the answer to a page of this origin."""
    with home.web(origin=origin, authorization=f"Bearer {token}") as web:
        answer = web.request(method, path)
        before = web.options(path, headers={"access-control-request-method": method})
    found = {each.headers.get("access-control-allow-origin") for each in (answer, before)}
    assert "access-control-allow-credentials" not in answer.headers
    return not found.isdisjoint((origin, "*"))


def message(page: httpx.Response) -> dict[str, object] | None:
    """What the page says to the window around it."""
    found = re.search(r'<script type="application/json" id="answer">(.*?)</script>', page.text, re.DOTALL)
    return json.loads(found[1]) if found else None


def test_no_page_of_a_stranger_reads_an_answer(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with a good token in its hand; without the guard it would."""
    token = tokens(home)["access_token"]
    for method, path in DOORS:
        assert reads(home, method, path, HOME, token)
        for origin in STRANGERS:
            assert not reads(home, method, path, origin, token), (path, origin)

    async def everybody(*_: object) -> bool:
        return True

    monkeypatch.setattr(cors, "_is_named", everybody)
    assert reads(home, "GET", "/userinfo", EVIL, token)


def test_no_claim_opens_a_door(home: Household) -> None:
    """An origin is a client's own word, kept here: no token, parameter or address of a request adds one."""
    token = tokens(home)["access_token"]
    told = {"client_id": EVIL, "azp": EVIL, "redirect_uri": f"{EVIL}/cb", "origin": EVIL, "web_origins": EVIL}
    forged = "eyJhbGciOiJub25lIn0.eyJhenAiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9."
    for text in (token, forged):
        with home.web(origin=EVIL, authorization=f"Bearer {text}", referer=f"{HOME}/") as web:
            for answer in (web.get("/userinfo", params=told), web.post("/oauth/token", data=told)):
                assert "access-control-allow-origin" not in answer.headers


def test_a_message_is_for_one_origin(home: Household) -> None:
    """It names the client's, which alone may have its page in a frame; errors are no different."""
    home.client("web", web_origins=(HOME,))
    guest = Guest(home)
    for signs_in in (False, True):
        if signs_in:
            guest.signs_in()
        page = guest.authorizes("web", **SILENT)
        said = message(page)
        assert said is not None
        assert said["origin"] == HOME
        policy = page.headers["content-security-policy"]
        assert f"frame-ancestors {HOME};" in f"{policy};"
        assert EVIL not in page.text + policy


def test_no_message_for_anybody_else(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """An origin that is not listed, or an address that is not registered, is told nothing at all. Class 4."""
    guest = Guest(home, headers={"accept": "text/html"})
    guest.signs_in()
    for origins in ((), (EVIL,), (f"{HOME}:443",), ("https://*.example.com",), ("null",)):
        home.client("web", web_origins=origins)
        page = guest.authorizes("web", **SILENT)
        assert (page.status_code, message(page)) == (400, None)
        assert page.headers["x-frame-options"] == "DENY"
    home.client("web", web_origins=(HOME,))
    for address in (f"{EVIL}/cb", f"{HOME}@evil.example/cb", f"{HOME}.evil.example/cb", f"{HOME}/other"):
        page = guest.authorizes("web", **SILENT, redirect_uri=address)
        assert (page.status_code, message(page)) == (400, None)
    home.client("web", web_origins=())
    monkeypatch.setattr(asked, "_may_be_told", lambda *_: None)
    assert message(guest.authorizes("web", **SILENT)) is not None
    assert CALLBACKS["web"].startswith(HOME)


def test_a_message_is_a_text(home: Household) -> None:
    """Whatever a state is, it stays inside the text that the page's own script reads. Class 6."""
    home.client("web", web_origins=(HOME,))
    guest = Guest(home)
    guest.signs_in()
    for state in ("</script><script>alert(1)</script>", "<!--<script>", "\u2028';alert(1);'", '{"a":1}'):
        page = guest.authorizes("web", **SILENT, state=state)
        said = message(page)
        assert said is not None
        response = said["response"]
        assert isinstance(response, dict)
        assert response["state"] == state
        assert "<script>alert" not in page.text
        assert "unsafe-inline" not in page.headers["content-security-policy"]
