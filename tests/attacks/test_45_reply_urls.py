"""Classes 1, 3, 8 and 45, in Entra's words: a reply URL with a star, or at localhost, lets a neighbour in."""

import httpx
import pytest

from sekisho.model.client import Client, ReplyUrl
from sekisho.spec.entra import reply, reply_url
from sekisho.spec.refusal import Refused
from tests.attacks.callers import authorizes, changed
from tests.attacks.guest import Guest, told
from tests.attacks.household import Household
from tests.entra import SPA

STAR, BELOW, LOCAL = "https://*.example.com/in", "https://app.example.com/in/*", "http://localhost/back"
# fmt: off
FOREIGN = (
    # Not one label
    "https://example.com/in", "https://.example.com/in", "https://a.b.example.com/in", "https://*.example.com/in",
    "https://evil.example/.example.com/in", "https://evilexample.com/in", "https://xexample.com/in",
    "https://a.example.com.evil.example/in", "https://a.example.com./in", "https://a..example.com/in",
    "https://%61.example.com/in", "https://a%2eexample.com/in", "https://evil.example%2f.example.com/in",
    "https://a_b.example.com/in", "https://evil.example\\.example.com/in", "https://evil.example#.example.com/in",
    "https://evil.example?.example.com/in", "https://évil.example.com/in", "https://a。example.com/in",
    # Somebody else's host, before or behind an @
    "https://a.example.com@evil.example/in", "https://evil.example@a.example.com/in",
    "https://evil.example:x@a.example.com/in", "https://a.example.com:@evil.example/in",
    "https:a.example.com/in", "https:///a.example.com/in", "https:\\\\a.example.com/in", "//a.example.com/in",
    # Another port or scheme
    "https://a.example.com:8443/in", "https://a.example.com:99999/in", "https://a.example.com:x/in",
    "http://a.example.com/in", "HTTPS://a.example.com:1/in", "javascript://a.example.com/in",
    "data:text/html,x",
    # Another path
    "https://a.example.com/in/", "https://a.example.com/IN", "https://a.example.com/in/../out",
    "https://a.example.com/%69n", "https://a.example.com//in", "https://a.example.com/in;x", "https://a.example.com",
    "https://app.example.com/in/../out", "https://app.example.com/in/..;/out", "https://app.example.com/in/./x",
    "https://app.example.com/in/%2e%2e/out", "https://app.example.com/in/..%2fout", "https://app.example.com/in/a\\b",
    "https://app.example.com/inside", "https://app.example.com/other", "https://app.example.com/in\n/x",
    "https://app.example.com/in/*", "https://app.example.com/in/\t", "https://b.example.com/in/x",
    # This machine, by other names, as somebody else, or another place of it
    "http://localhost.evil.example/back", "http://localhost@evil.example/back", "http://x:y@localhost/back",
    "http://127.0.0.1/back", "http://[::1]/back", "http://localhost./back", "http://127.1/back",
    "http://localhost:1/other", "https://localhost/back", "http://localhost:99999/back", "http://localhost:1/back/",
    "http://localhost:1/back#x", "http://localhost:1/back?x", "http://localhost:1\\@evil.example/back",
    "http://LOCALHOST.evil.example:80/back", "http://localhost%00.evil.example/back",
)
# fmt: on


@pytest.fixture
def wide(firm: Household) -> Household:
    """The page has addresses with stars."""
    urls = tuple(ReplyUrl(url) for url in (STAR, BELOW, LOCAL))
    changed(firm, Client, SPA, reply_urls=urls)
    return firm


def goes(home: Household, uri: str) -> httpx.Response:
    """Somebody who is signed in follows a link with this address."""
    guest = Guest(home)
    guest.signs_in()
    return authorizes(guest, redirect_uri=uri)


@pytest.mark.parametrize("uri", FOREIGN)
def test_nobody_else_is_answered(wide: Household, uri: str) -> None:
    """The refusal is a page of ours, which neither leads there nor has it as a link."""
    answer = goes(wide, uri)
    assert answer.status_code == 400, answer.headers
    assert "location" not in answer.headers
    assert "code=" not in answer.text
    assert f'href="{uri}' not in answer.text
    assert "refresh" not in answer.headers


@pytest.mark.parametrize(
    ("uri", "there"),
    [
        ("https://a.example.com/in", "https://a.example.com/in"),
        ("https://a-1.example.com/in?next=//evil.example#x", "https://a-1.example.com/in"),
        ("https://app.example.com/in/x?code=stolen&state=s", "https://app.example.com/in/x"),
        ("http://localhost:50123/back", "http://localhost:50123/back"),
    ],
)
def test_what_is_covered_is_answered(wide: Household, uri: str, there: str) -> None:
    """A label, a path below, any port of this machine; what an attacker wrote behind it is dropped."""
    answer = goes(wide, uri)
    assert answer.headers["location"].startswith(f"{there}?")
    said = told(answer)
    assert said["code"] != "stolen"
    assert said["state"] == "s-1"


@pytest.mark.parametrize(
    "url",
    ["https://*", "https://*.com", "https://*/in", "https://*.*.example.com/in", "https://a*.example.com/in",
     "https://*example.com/in", "https://x.*.example.com/in", "http://*.example.com/in", "*://a.example.com/in",
     "https://a.example.com:*/in", "https://a.example.com/*/in", "https://*.example.com@evil.example/in",
     "https://*.example.com/in#x", "https://**.example.com/in", "https://*.localhost/in", "*", "https://*.1/"],
)  # fmt: skip
def test_no_wider_star_is_registered(url: str) -> None:
    """A star is one label before a domain of two at least, or the end of a path: nothing else is kept."""
    with pytest.raises(Refused):
        reply_url.url_is_sound("web.redirectUris", url, "web", wild=True)


def test_the_guards_are_what_holds(wide: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a host that is compared by its end only, or a path that climbs, the attack succeeds."""
    evil = "https://evil.a.example.com/in"
    assert goes(wide, evil).status_code == 400
    with monkeypatch.context() as mutant:
        mutant.setattr(reply, "_host_fits", lambda host, pattern: host.endswith(pattern[1:]))
        assert goes(wide, evil).headers["location"].startswith(evil)
    with monkeypatch.context() as mutant:
        mutant.setattr(reply, "_is_below", lambda sent, pattern: sent.startswith(pattern[:-1]))
        assert "location" in goes(wide, "https://app.example.com/in/../out").headers
