"""An answer that travels in a form, in a real browser (OAuth 2.0 Form Post Response Mode)."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.chromium import LANGUAGES, person
from tests.pages.site import asking, callback
from tests.pages.stories import fill, reader

ANSWERS = {
    "code": "arrived code iss state",
    "id_token": "arrived id_token iss state",
    "code id_token": "arrived code id_token iss state",
}


def signed_in(page: Page, origin: str, response_type: str) -> None:
    """The person signs in and agrees."""
    page.goto(asking(origin, response_type=response_type, response_mode="form_post", nonce="n-1"))
    fill(page, reader(page))
    if "/consent" in page.url:
        page.click("#allow")


@pytest.mark.parametrize(("response_type", "arrived"), ANSWERS.items())
def test_it_goes_on_by_itself(browser: Browser, origin: str, response_type: str, arrived: str) -> None:
    """The page posts what was given to the client's address, another origin, and the policy lets it."""
    with person(browser) as context:
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        signed_in(page, origin, response_type)
        page.wait_for_url(callback(origin))
        expect(page.locator("body")).to_have_text(arrived)
        assert [text for text in told if "Content Security Policy" in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_a_person_sends_it(browser: Browser, origin: str, language: str) -> None:
    """The page says what to do, and one button does it."""
    with person(browser, 320, language, script=False) as context:
        page = context.new_page()
        page.goto(asking(origin, response_mode="form_post", nonce="n-1", ui_locales=language))
        page.fill("#username", "user@example.jp" if language == "ja" else "user@example.com")
        fill(page)
        if "/consent" in page.url:
            page.click("#allow")
        expect(page.locator("h1")).to_be_visible()
        page.click("#go-on")
        page.wait_for_url(callback(origin))
        expect(page.locator("body")).to_have_text("arrived code iss state")
