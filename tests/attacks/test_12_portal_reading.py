"""Class 12: a page of another origin reads the token of whoever visits it, in a real browser."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, Response

from sekisho.spec.http import Pairs
from sekisho.spec.portal import cors
from tests.attacks.portal_browser import CLIENT, Shore, shore
from tests.pages.chromium import chromium, person
from tests.pages.stories import fill

TOKEN = f"/_services/auth/token?client_id={CLIENT}&state=s-1"
ALLOW = "HTTP/Access-Control-Allow-"
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
# Every way in which a page can ask for what another origin has; each says all that it came to know.
FETCH = """async ([address, options]) => {
  try {
    const answer = await fetch(address, options);
    const told = [answer.type, answer.status, answer.url, ...answer.headers].join(" ");
    return told + " " + await answer.text();
  } catch (wrong) { return "unreadable " + wrong; }
}"""
REQUEST = """([address, method]) => new Promise(done => {
  const asked = new XMLHttpRequest();
  asked.onloadend = () => done([asked.status, asked.getAllResponseHeaders(), asked.responseText].join(" "));
  asked.open(method, address);
  asked.withCredentials = true;
  asked.send();
})"""
ELEMENT = """([address, tag]) => new Promise(done => {
  const element = document.createElement(tag);
  const known = () => {
    try { return element.contentDocument ? element.contentDocument.documentElement.outerHTML : "nothing"; }
    catch (wrong) { return "unreadable"; }
  };
  element.onload = () => done("loaded " + known());
  element.onerror = () => done("failed " + known());
  setTimeout(() => done("waited " + known()), 400);
  element[tag === "link" || tag === "object" ? (tag === "link" ? "href" : "data") : "src"] = address;
  if (tag === "link") element.rel = "stylesheet";
  document.documentElement.append(element);
})"""
OPTIONS: tuple[Mapping[str, object], ...] = (
    *({"method": method, "credentials": "include"} for method in ("GET", "POST", "HEAD")),
    *({"method": method, "credentials": "include", "mode": "no-cors"} for method in ("GET", "POST")),
    {"method": "POST", "credentials": "include", "headers": {"x-requested-with": "XMLHttpRequest"}},
    {
        "method": "POST",
        "credentials": "include",
        "headers": {"content-type": "application/json"},
        "body": "{}",
    },
    {"method": "POST", "credentials": "include", "redirect": "manual"},
    {"method": "GET", "credentials": "same-origin"},
)


@pytest.fixture(scope="module")
def coast() -> Iterator[Shore]:
    """The portal, and the attacker's page."""
    with shore() as found:
        found.put("ImplicitGrantFlow/RegisteredClientId", CLIENT)
        found.put(f"ImplicitGrantFlow/{CLIENT}/RedirectUri", f"{found.origin}/landing")
        yield found


@pytest.fixture(scope="module")
def browser(coast: Shore) -> Iterator[Browser]:
    """The browser, started after the servers; while it is open, its loop is in the way of others."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(coast: Shore, browser: Browser) -> Iterator[Page]:
    """A page of somebody who is signed in to the portal."""
    coast.put(f"{ALLOW}Origin", "")
    coast.put(f"{ALLOW}Credentials", "")
    with person(browser) as context:
        found = context.new_page()
        found.goto(f"{coast.origin}/login")
        fill(found, "user@example.com")
        found.wait_for_url(f"{coast.origin}/account")
        found.goto(f"{coast.origin}/_services/auth/publickey")  # the policy of other pages asks nobody
        mine = str(found.evaluate(FETCH, [TOKEN, {"method": "POST"}]))
        assert JWT.search(mine)
        assert "application/jwt" in mine
        yield found


def tries(page: Page, address: str) -> list[str]:
    """All that a page comes to know of this address, by every way there is."""
    found = [str(page.evaluate(FETCH, [address, options])) for options in OPTIONS]
    found += [str(page.evaluate(REQUEST, [address, method])) for method in ("GET", "POST")]
    tags = ("script", "img", "iframe", "object", "embed", "link", "video")
    return found + [str(page.evaluate(ELEMENT, [address, tag])) for tag in tags]


def test_a_page_elsewhere_reads_nothing(coast: Shore, page: Page) -> None:
    """The portal gives the token, because the cookie comes along, and no way of a browser lets it be read."""
    before = coast.issued()
    for place in (coast.near, coast.far):
        page.goto(place)
        for told in tries(page, coast.origin + TOKEN):
            assert not JWT.search(told), told
            assert "expires_in" not in told
    assert coast.issued() > before  # the requests were as good as those of the portal's own pages


def test_a_page_elsewhere_is_led_to_no_token(coast: Shore, page: Page) -> None:
    """The endpoint that redirects leads to the portal's own page, where another window sees no address."""
    page.goto(coast.near)
    wanted = f"{coast.origin}/_services/auth/authorize?client_id={CLIENT}&redirect_uri={coast.origin}/landing"
    for told in tries(page, wanted):
        assert not JWT.search(told), told
    with page.expect_popup() as opened:
        page.evaluate("address => { window.other = open(address); }", wanted)
    opened.value.wait_for_url(re.compile("/landing#token="))
    seen = "() => { try { return String(other.location.href); } catch (wrong) { return 'unreadable'; } }"
    assert page.evaluate(seen) == "unreadable"
    evil = wanted.replace(f"{coast.origin}/landing", f"{coast.near}/landing")
    answer = page.goto(evil)
    assert isinstance(answer, Response)
    assert (answer.status, page.url) == (400, evil)


def test_a_page_reads_where_it_is_named(coast: Shore, page: Page) -> None:
    """A named origin reads token and headers, with the cookie only where that is set; no other does."""
    coast.put(f"{ALLOW}Origin", coast.near)
    page.goto(coast.near)
    told = tries(page, coast.origin + TOKEN)
    assert not [text for text in told if JWT.search(text)]
    coast.put(f"{ALLOW}Credentials", "true")
    mine = {"method": "POST", "credentials": "include", "headers": {"x-requested-with": "XMLHttpRequest"}}
    text = str(page.evaluate(FETCH, [coast.origin + TOKEN, mine]))
    assert JWT.search(text)
    assert "expires_in,900" in text
    assert "state,s-1" in text
    page.goto(coast.far)
    assert not [text for text in tries(page, coast.origin + TOKEN) if JWT.search(text)]


def test_everybody_is_nobody_with_a_cookie(coast: Shore, page: Page) -> None:
    """With `*` in the settings a page of any origin reads the key, and no token of anybody."""
    coast.put(f"{ALLOW}Origin", "*")
    coast.put(f"{ALLOW}Credentials", "true")
    for place in (coast.near, coast.far):
        page.goto(place)
        assert not [text for text in tries(page, coast.origin + TOKEN) if JWT.search(text)]
        key = str(page.evaluate(FETCH, [f"{coast.origin}/_services/auth/publickey", {"cache": "no-store"}]))
        assert "-----BEGIN PUBLIC KEY-----" in key


def test_a_reflected_origin_bites(coast: Shore, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """With whatever origin asks allowed, and cookies with it, a page elsewhere reads the token."""
    honest = cors.headers

    def reflected(texts: dict[str, str], origin: str) -> Pairs:
        told = {cors.ORIGINS: origin, cors.CREDENTIALS: "true"}
        return honest({**texts, **told}, origin)

    coast.put(f"{ALLOW}Origin", "https://chat.example")
    page.goto(coast.near)
    assert not [text for text in tries(page, coast.origin + TOKEN) if JWT.search(text)]
    monkeypatch.setattr(cors, "headers", reflected)
    assert [text for text in tries(page, coast.origin + TOKEN) if JWT.search(text)]
