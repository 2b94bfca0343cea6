"""The demo application as people use it, in each of its states."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.chromium import person
from tests.pages.stories import STORIES
from tests.pages.test_browser import barriers, complaints, overhang

STATES = ("demo-done", "demo-denied", "demo-left")


@pytest.mark.parametrize(("width", "language", "light"), [(390, "ja", "dark"), (1280, "en", "light")])
@pytest.mark.parametrize("name", STATES)
def test_everybody_can_use_it(
    browser: Browser, origin: str, name: str, *, width: int, language: str, light: str
) -> None:
    """Axe finds nothing with every detail open, and nothing scrolls sideways. WCAG 2.2 AA."""
    with person(browser, width, language, light) as context:
        page = context.new_page()
        found = complaints(page)
        STORIES[name](page, origin)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert page.evaluate("document.documentElement.lang") == language
        assert barriers(page) == []
        assert overhang(page) <= 0
        assert found == []


def test_the_keyboard_does_everything(browser: Browser, origin: str) -> None:
    """Sign in by Enter, open a detail, press each button: the focus stays where the person is."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/demo/app")
        page.locator("#begin").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/login**")
        page.keyboard.type("seven blue lanterns")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/consent|/demo/app"))
        if "/consent" in page.url:  # nobody of this file was asked before
            page.locator("#allow").focus()
            page.keyboard.press("Enter")
        page.locator("#call").focus()
        page.keyboard.press("Space")
        expect(page.locator("[data-step=call] [data-badge]")).to_have_text("200")
        expect(page.locator("#call")).to_be_focused()
        expect(page.get_by_role("status")).to_have_text("Call an API 200")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("[data-step=call] dl")).to_be_visible()
