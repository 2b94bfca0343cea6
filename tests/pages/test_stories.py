"""Pages that are reached by doing something: for everybody, with and without script."""

from collections.abc import Mapping
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.pages.chromium import HEIGHTS, LANGUAGES, person
from tests.pages.stories import STORIES
from tests.pages.test_browser import barriers, complaints, overhang

# Axe takes seconds for what is hundreds of times the same.
FEW_ZONES = "document.querySelectorAll('#zoneinfo option:nth-child(n+9)').forEach(each => each.remove())"
# Each language is looked at as another reader would; the pages of test_browser are, in every combination.
SEEN: Mapping[str, tuple[int, Literal["light", "dark"]]] = {"en": (390, "light"), "ja": (1280, "dark")}
# What has a form of every kind.
FORMS = (
    "sign-in-wrong",
    "consent",
    "consent-combined",
    "consent-for-everybody",
    "account",
    "account-profile",
    "sign-up-refused",
    "invitation",
    "sign-out",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STORIES)
def test_everybody_can_use_what_a_story_leads_to(
    browser: Browser, origin: str, name: str, language: str
) -> None:
    """Axe finds nothing, no policy is broken, and from 320 px on nothing scrolls sideways. WCAG 2.2 AA."""
    with person(browser, 390, language) as context:
        page = context.new_page()
        found = complaints(page)
        STORIES[name](page, origin)
        assert page.evaluate("document.documentElement.lang") == language
        for width, height in HEIGHTS.items():
            page.set_viewport_size({"width": width, "height": height})
            assert overhang(page) <= 0, width
        page.evaluate(FEW_ZONES)
        width, light = SEEN[language]
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        assert barriers(page) == []
        # A page that is left before its picture has come is no complaint.
        assert [text for text in found if not text.startswith("failed:")] == []


@pytest.mark.parametrize("name", FORMS)
def test_a_story_happens_without_script(browser: Browser, origin: str, name: str) -> None:
    """Everything can be done by forms and links alone."""
    with person(browser, script=False) as context:
        page = context.new_page()
        STORIES[name](page, origin)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("button:visible[type=button]")).to_have_count(0)


def test_a_second_click_sends_nothing(browser: Browser, origin: str) -> None:
    """A form that was sent waits for its answer; going back, it can be sent again."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/login")
        sent = []
        page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
        page.fill("#username", "user@example.com")
        page.fill("#password", "x")
        page.dblclick("#sign-in")
        page.wait_for_selector("#problem")
        assert sent == ["POST"]
        expect(page.locator("#sign-in")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("/login", ["username", "password", "sign-in", "to-forgot", "to-sign-up"]),
        ("/signup", ["email", "password", "sign-up", ""]),
        ("/invites/auth0%7C3", ["new-password", "accept"]),
    ],
)
def test_the_keyboard_goes_in_the_order_of_reading(
    browser: Browser, origin: str, address: str, order: list[str]
) -> None:
    """The first field has the focus; Tab goes on downwards, and whatever is reached shows it. WCAG 2.4.3."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(origin + address)
        visited = []
        for _ in order:
            visited.append(page.evaluate("document.activeElement.id"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            page.keyboard.press("Tab")
        assert visited == order


def test_the_log_has_no_ticket(origin: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What is logged of a visit by a link of an invitation is the route."""
    link = httpx.get(f"{origin}/invites/auth0%7C3").headers["location"]
    ticket = link.partition("=")[2]
    answer = httpx.get(link, headers={"accept": "text/html"})
    assert answer.headers["referrer-policy"] == "no-referrer"
    logged = "".join(capfd.readouterr())
    assert "/invitation" in logged
    assert ticket not in logged
