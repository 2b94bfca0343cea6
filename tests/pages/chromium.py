"""The browser of the tests: the Chromium of the system, quiet and off the network."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.outside import program

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (390, 1280)
LANGUAGES = ("en", "ja")
LIGHTS = ("light", "dark")
HEIGHTS = {320: 700, 390: 844, 1280: 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that lives as long as the context."""
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def person(
    browser: Browser, width: int = 1280, language: str = "en", light: str = "light", *, script: bool = True
) -> Iterator[BrowserContext]:
    """A person with a device: how wide it is, what they read, by which light, and whether scripts run."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        locale=language,
        color_scheme="dark" if light == "dark" else "light",
        has_touch=width < 640,
        java_script_enabled=script,
    )
    try:
        yield context
    finally:
        context.close()
