"""Pages as a browser shows them: to everybody, in every light, with and without script."""

import re
from importlib.resources import files
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.chromium import LANGUAGES, LIGHTS, WIDTHS, person
from tests.pages.site import LONG, PAGES

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# What Chromium says about every page whose status is not 200.
STATUS = "Failed to load resource: the server responded with a status of"
# A remark of the browser, where somebody was faster than the page.
FOCUSED = "Autofocus processing was blocked"


def complaints(page: Page) -> list[str]:
    """Everything that goes wrong on a page from now on: its policy, its script, its files."""
    found: list[str] = []
    page.on(
        "console", lambda said: None if said.text.startswith((STATUS, FOCUSED)) else found.append(said.text)
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    page.on("response", lambda got: found.append(got.url) if "/static/" in got.url and not got.ok else None)
    return found


def barriers(page: Page) -> list[Any]:
    """What axe finds in a page."""
    page.evaluate(AXE)
    return [
        (found["id"], [node["target"] for node in found["nodes"]])
        for found in page.evaluate("axe.run()")["violations"]
    ]


def overhang(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_a_page(
    browser: Browser, origin: str, name: str, *, width: int, language: str, light: str
) -> None:
    """Axe finds nothing, nothing breaks the page's policy, and nothing scrolls sideways. WCAG 2.2 AA."""
    with person(browser, width, language, light) as context:
        page = context.new_page()
        found = complaints(page)
        page.goto(origin + PAGES[name])
        assert page.evaluate("document.documentElement.lang") == language
        assert barriers(page) == []
        assert overhang(page) <= 0
        assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_the_smallest_screen(browser: Browser, origin: str, name: str, language: str) -> None:
    """At 320 px nothing scrolls sideways. WCAG 2.2 criterion 1.4.10."""
    with person(browser, 320, language) as context:
        page = context.new_page()
        page.goto(origin + PAGES[name])
        assert overhang(page) <= 0


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_without_script(browser: Browser, origin: str, name: str) -> None:
    """Without script nothing is shown that needs one, and the other language is one link away."""
    with person(browser, script=False) as context:
        page = context.new_page()
        page.goto(origin + PAGES[name])
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("button:visible:not([type=submit])")).to_have_count(0)
        expect(page.get_by_role("link", name="日本語")).to_have_attribute("href", "?ui_locales=ja")


def test_the_language_is_changed_and_remembered(browser: Browser, origin: str) -> None:
    """The link shows the same page in the other language; a script remembers it for the next one."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/t/long/?flow=1")
        page.get_by_role("link", name="日本語").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page).to_have_url(f"{origin}/t/long/?flow=1&ui_locales=ja")
        page.goto(origin + PAGES["internal"])
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page).to_have_title(re.compile("^エラー："))


def test_the_light_is_changed_and_remembered(browser: Browser, origin: str) -> None:
    """The switch changes day to night at once, and the server remembers, so that nothing flashes."""
    with person(browser, light="dark") as context:
        page = context.new_page()
        page.goto(origin)
        ground = "getComputedStyle(document.body).backgroundColor"
        night = page.evaluate(ground)
        page.get_by_role("button", name="Switch between light and dark").click()
        assert page.evaluate(ground) != night
        assert 'data-theme="light"' in (page.goto(origin) or page.reload()).text()  # type: ignore[union-attr]
        page.locator("#theme").click()
        assert page.evaluate(ground) == night


@pytest.mark.parametrize(("name", "target"), [("landing", "#command"), ("internal", "#correlation-id")])
def test_a_text_is_copied(browser: Browser, origin: str, name: str, target: str) -> None:
    """The button beside a text copies just that text, and says so to those who cannot see."""
    with person(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(origin + PAGES[name])
        page.locator(f"[data-copy='{target}']").click()
        expect(page.get_by_role("status")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == page.locator(target).text_content()


def test_the_keyboard_reaches_everything(browser: Browser, origin: str) -> None:
    """Tab visits links, code and buttons in the order of reading, and each shows that it has the focus."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(origin)
        visited = []
        for _ in range(8):
            page.keyboard.press("Tab")
            visited.append(page.evaluate("document.activeElement.textContent.trim().split(' ')[0]"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        metadata, keys = "/.well-known/openid-configuration", "/.well-known/jwks.json"
        assert visited == ["Try", "Try", metadata, keys, "curl", "", "日本語", ""]


def test_the_landing_page_says_whose_it_is(browser: Browser, origin: str) -> None:
    """The longest name and the host are there to read, and the addresses are those of the tenant."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(origin + PAGES["landing-long"])
        expect(page.locator(".lead")).to_contain_text(LONG)
        expect(page.locator("footer")).to_contain_text(origin.removeprefix("http://"))
        expect(page.locator("#issuer")).to_have_text(f"{origin}/t/long/")
        expect(page.locator("#command")).to_contain_text(f"{origin}/t/long/oauth/token")


def test_an_unknown_host_is_not_repeated(origin: str) -> None:
    """A host that is not ours gets a page that does not name it, framed by nobody and kept by nobody."""
    answer = httpx.get(origin, headers={"host": "evil.example", "accept": "text/html"})
    assert answer.status_code == 421
    assert '<code id="error-code">invalid_request</code>' in answer.text
    assert "evil.example" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


def test_a_barrier_and_a_breach_would_be_found(browser: Browser, origin: str) -> None:
    """A page without a language and a script without the nonce are noticed."""
    with person(browser) as context:
        page = context.new_page()
        found = complaints(page)
        page.goto(origin)
        page.evaluate("document.documentElement.removeAttribute('lang')")
        assert [name for name, _ in barriers(page)] == ["html-has-lang"]
        assert found == []
        with page.expect_console_message():
            page.evaluate(
                "document.body.append(Object.assign(document.createElement('script'), {text: 'a'}))"
            )
        assert any("Content Security Policy" in text for text in found)
