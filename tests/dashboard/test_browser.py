"""Every page of the dashboard in a real browser: in both languages, with and without script."""

from collections.abc import Mapping
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboard.rooms import ROOMS, enter
from tests.pages.chromium import HEIGHTS, LANGUAGES, person
from tests.pages.test_browser import barriers, complaints, overhang

# Each language is looked at in one light and at one width by axe; widths are all measured.
SEEN: Mapping[str, tuple[int, Literal["light", "dark"]]] = {"en": (390, "dark"), "ja": (1280, "light")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ROOMS)
def test_everybody_can_use_a_room(browser: Browser, origin: str, name: str, language: str) -> None:
    """Axe finds nothing, no policy is broken, and from 320 px on nothing scrolls sideways. WCAG 2.2 AA."""
    width, light = SEEN[language]
    with person(browser, width, language, light) as context:
        page = context.new_page()
        found = complaints(page)
        enter(page, origin, ROOMS[name])
        assert page.evaluate("document.documentElement.lang") == language
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        assert barriers(page) == []
        for each, height in HEIGHTS.items():
            page.set_viewport_size({"width": each, "height": height})
            assert overhang(page) <= 0, each
        assert [text for text in found if not text.startswith("failed:")] == []


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_works_without_script(browser: Browser, origin: str, name: str) -> None:
    """Everything can be done by forms and links alone."""
    with person(browser, script=False) as context:
        page = context.new_page()
        page.goto(f"{origin}/dashboard{ROOMS[name]}")
        page.fill("#username", "owner@example.com")
        page.fill("#password", "seven blue lanterns")
        page.click("#sign-in")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main button:visible[type=button]")).to_have_count(0)


def test_keys_are_enough(browser: Browser, origin: str) -> None:
    """The first stop skips to the page; arrows walk a menu, Escape closes it; "/" or Ctrl K searches."""
    with person(browser) as context:
        page = context.new_page()
        enter(page, origin, ROOMS["applications"])
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        menu = page.locator("details.menu").last
        button, links = menu.locator("summary"), menu.locator(".pop a")
        button.focus()
        for key, there in (
            ("Enter", button),
            ("ArrowDown", links.first),
            ("ArrowUp", button),
            ("ArrowUp", links.last),
        ):
            page.keyboard.press(key)
            expect(there).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        expect(button).to_be_focused()
        for keys in ("/", "Control+k"):
            page.keyboard.press(keys)
            expect(page.locator(".top .find input")).to_be_focused()
            button.focus()


def test_the_drawer_opens_and_closes(browser: Browser, origin: str) -> None:
    """On a phone the navigation opens by its button and closes with Escape, which gives the focus back."""
    with person(browser, 390) as context:
        page = context.new_page()
        enter(page, origin)
        button, drawer = page.locator("[popovertarget=side]"), page.locator("#side")
        expect(drawer).to_be_hidden()
        button.focus()
        page.keyboard.press("Enter")
        expect(drawer).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        expect(button).to_be_focused()
