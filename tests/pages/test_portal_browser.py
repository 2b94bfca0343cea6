"""The page of the demo portal as people use it, and the script that pages of a portal load."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.chromium import person
from tests.pages.stories import fill, reader
from tests.pages.test_browser import complaints
from tests.servers import claims_of

CLIENT_JS = "/_services/auth/client.js"
CLAIMS = ("sub", "email", "iss", "aud", "exp", "lp_sdes")


def visits(page: Page, origin: str) -> None:
    """Signed in, on the page."""
    page.goto(f"{origin}/login?return_to=/portal/")
    fill(page, reader(page))
    page.wait_for_url("**/portal/")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_visitor_who_is_not_signed_in_comes_back_with_a_token(
    browser: Browser, origin: str, language: str
) -> None:
    """Led to sign in and back, with the token in a fragment that leaves the address bar; it is explained."""
    with person(browser, 390, language) as context:
        page = context.new_page()
        found = complaints(page)
        page.goto(f"{origin}/portal/")
        page.click("#go")
        page.wait_for_url("**/login**")
        fill(page, reader(page))
        expect(page.locator("[data-step=check] [data-badge]")).to_have_text("200")
        expect(page.locator("[data-step=go] [data-badge]")).to_have_text("302")
        assert page.url == f"{origin}/portal/"
        for name in CLAIMS:
            expect(page.locator(f"dd[data-claim={name}] code")).not_to_be_empty()
        expect(page.locator("dd[data-claim=iss] code")).to_have_text(origin.removeprefix("http://"))
        page.click("#call")
        expect(page.locator("#answer")).to_contain_text("user@example.")
        assert page.evaluate("sessionStorage.length + localStorage.length") == 0
        assert found == []


def test_the_page_asks_by_itself(browser: Browser, origin: str) -> None:
    """Without leaving: the token, then what an error looks like, in the words of the visitor's language."""
    with person(browser, language="ja") as context:
        page = context.new_page()
        visits(page, origin)
        page.click("#get")
        expect(page.locator("#life")).to_contain_text("まで有効")
        masked = page.locator("#token").inner_text()
        assert masked.count(".") == 2
        assert masked.endswith("•" * 12)
        page.click("#fail")
        expect(page.locator("[data-member=ErrorId]")).to_have_text("PortalSTS0001")
        expect(page.locator("[data-member=ErrorMessage]")).to_contain_text("nobody")
        expect(page.locator("[data-member=CorrelationId]")).to_have_text(re.compile("^[0-9a-f-]{36}$"))


@pytest.mark.parametrize("fragment", ["token=a.b.c&expires_in=900&state=x", "token=a.b.c"])
def test_a_token_that_nobody_asked_for_is_not_used(browser: Browser, origin: str, fragment: str) -> None:
    """What a stranger put into the address is gone from it, and nothing else happens."""
    with person(browser) as context:
        page = context.new_page()
        visits(page, origin)
        page.goto("about:blank")
        page.goto(f"{origin}/portal/#{fragment}")
        expect(page.locator("[data-problem=stranger]")).to_be_visible()
        assert page.url == f"{origin}/portal/"
        expect(page.locator("#token")).to_be_hidden()


def test_an_ended_session_is_explained(browser: Browser, origin: str) -> None:
    """Who was signed out elsewhere is told so, and where to sign in; the way leads back here."""
    with person(browser) as context:
        page = context.new_page()
        visits(page, origin)
        context.clear_cookies()
        page.click("#get")
        expect(page.locator("#problem")).to_be_focused()
        page.locator("[data-problem=gone] a").click()
        page.wait_for_url("**/login**")
        fill(page, "user@example.com")
        page.wait_for_url("**/portal/")


def test_a_token_that_ended_is_said_to_have_ended(browser: Browser, origin: str) -> None:
    """When its time is over the page says so, once, and counts nothing down until then."""
    with person(browser) as context:
        page = context.new_page()
        page.clock.install()
        visits(page, origin)
        page.click("#get")
        expect(page.locator("#life")).to_contain_text("good until")
        page.clock.fast_forward(1_000_000)
        expect(page.locator("#life")).to_contain_text("ended at")


def loads(page: Page, origin: str, client: str, **more: str) -> Any:
    """A page of the portal that loads the script and asks for a token; what its callback is given."""
    traits = {"src": origin + CLIENT_JS, **({"data-client-id": client} if client else {}), **more}
    return page.evaluate(
        """(traits) => new Promise((resolve) => {
          const script = document.createElement("script");
          for (const [name, value] of Object.entries(traits)) script.setAttribute(name, value);
          script.onload = () => auth.getAuthenticationToken((data, error) => resolve({ data, error }));
          document.head.append(script);
        })""",
        traits,
    )


@pytest.mark.parametrize("client", ["", "demo-portal"])
def test_the_script_gives_pages_a_token(browser: Browser, origin: str, client: str) -> None:
    """`auth.getAuthenticationToken` calls back with the token, for the client that the page names."""
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        visits(page, origin)
        said = loads(page, origin, client)
        assert said["error"] is None
        claims = claims_of(said["data"])
        assert (claims["aud"], claims["appid"]) == (client, client)


def test_the_script_says_what_is_wrong(browser: Browser, origin: str) -> None:
    """The portal's document for an error, 401 where nobody is signed in, 0 where nothing answers."""
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        visits(page, origin)
        told = loads(page, origin, "nobody")["error"]
        assert (told["status"], told["ErrorId"]) == (400, "PortalSTS0001")
        assert told["ErrorMessage"]
        context.clear_cookies()
        told = loads(page, origin, "demo-portal")["error"]
        assert told["status"] == 401
        assert told["headers"]["location"].startswith(f"{origin}/SignIn?ReturnUrl=")
        asks = "new Promise((resolve) => auth.getAuthenticationToken((data, error) => resolve(error)))"
        context.set_offline(offline=True)
        assert page.evaluate(asks)["status"] == 0


def test_the_script_leads_to_sign_in_where_a_page_wants_it(browser: Browser, origin: str) -> None:
    """`data-sign-in="redirect"`: the visitor signs in and is back on the page, without its fragment."""
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"{origin}/portal/?a=1#b")
        page.evaluate(
            """(src) => {
              const script = Object.assign(document.createElement("script"), { src });
              script.dataset.signIn = "redirect";
              script.onload = () => auth.getAuthenticationToken(() => {});
              document.head.append(script);
            }""",
            origin + CLIENT_JS,
        )
        page.wait_for_url("**/login**")
        fill(page, "user@example.com")
        page.wait_for_url(f"{origin}/portal/?a=1")


def test_the_script_is_for_everybody_and_kept(origin: str) -> None:
    """In whatever case its address is written, without a sign-in, and again only when it changed."""
    answer = httpx.get(origin + CLIENT_JS.upper())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=600"
    for tag, status in (
        (answer.headers["etag"], 304),
        (f'W/{answer.headers["etag"]}, "x"', 304),
        ('"x"', 200),
    ):
        assert httpx.get(origin + CLIENT_JS, headers={"if-none-match": tag}).status_code == status
