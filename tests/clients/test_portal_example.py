"""The example of a portal, as its README says, in a real browser: pages on one origin, the API on another."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.clients.portal import Portal, portal
from tests.pages.chromium import chromium, person


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal, its pages and its API."""
    with portal(tmp_path_factory.mktemp("portal")) as found:
        yield found


@pytest.fixture(scope="module")
def browser(example: Portal) -> Iterator[Browser]:
    """The browser, while they run."""
    with chromium() as found:
        yield found


def test_the_api_lets_nobody_in_without_a_token(example: Portal) -> None:
    """What the README shows is what it answers."""
    *_, last = example.steps()
    said = example.paste(last)
    assert said == '{"error": "invalid_token", "error_description": "There is no bearer token"}'
    assert f"`{said}`" in (example.server.folder.parent / "examples/portal/README.md").read_text("utf-8")


def test_a_visitor_is_led_to_sign_in_and_back(browser: Browser, example: Portal) -> None:
    """By the token endpoint: the anonymous visitor signs in, presses again, and the API knows them."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{example.url}/")
        page.click("#in-page")
        example.signs_in(page)
        page.wait_for_url(f"{example.url}/")
        page.click("#in-page")
        expect(page.locator("#said")).to_contain_text("user@example.com")
        told = json.loads(page.locator("#said").inner_text())
        assert (told["given_name"], told["family_name"]) == ("Demo", "User")
        assert told["lp_sdes"][0]["info"]["customerId"] == told["sub"]
        assert re.fullmatch(r"[0-9a-f-]{36}", told["sub"])


def test_a_token_comes_with_the_address(browser: Browser, example: Portal) -> None:
    """By the authorize endpoint: through sign-in to the landing page, which takes the token from sight."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{example.url}/")
        page.click("#in-address")
        example.signs_in(page, "user@example.jp")
        expect(page.locator("#said")).to_contain_text("user@example.jp")
        assert page.url == f"{example.url}/landing.html"
        assert page.evaluate("sessionStorage.length") == 0
        # Somebody else's token in the address is not used.
        page.goto(f"{example.url}/landing.html#token=a.b.c&expires_in=900&state=x")
        page.reload()
        expect(page.locator("#said")).to_have_text("Nobody in this tab asked for this token")


def test_an_error_is_shown_in_the_language_of_the_visitor(browser: Browser, example: Portal) -> None:
    """A client that is not registered any more: the page shows code, message and correlation id."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{example.url}/")
        page.evaluate("SETTINGS.client = 'nobody'")
        page.click("#in-page")
        example.signs_in(page, "user@example.jp")
        page.wait_for_url(f"{example.url}/")
        page.evaluate("SETTINGS.client = 'nobody'")
        page.click("#in-page")
        expect(page.locator("#said")).to_have_text(
            re.compile("^PortalSTS0001: .*クライアント.* [(][0-9a-f-]{36}[)]$")
        )


def test_pages_of_others_get_nothing(browser: Browser, example: Portal) -> None:
    """A page of another origin, opened by somebody who is signed in: neither token nor API can be read."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{example.url}/login?return_to=/")
        example.signs_in(page)
        page.wait_for_url(f"{example.url}/")
        # Another port is the same site, so the cookie goes along; another host is another one.
        elsewhere = (example.api, example.api.replace("localhost", "127.0.0.1"))
        for here, address in (
            *((each, f"{example.url}/_services/auth/token") for each in elsewhere),
            (elsewhere[1], f"{example.api}/api/external/whoami"),
        ):
            page.goto(f"{here}/api/external/ping")
            asks = f"fetch('{address}', {{credentials: 'include'}}).then((a) => a.text(), (e) => e.name)"
            assert page.evaluate(asks) == "TypeError"
