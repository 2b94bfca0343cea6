"""What a browser is shown of the dashboard: a name, an address; and the way in."""

import re
from collections.abc import Mapping

from playwright.sync_api import Page

from tests.pages.stories import fill

ROOMS: Mapping[str, str] = {
    "overview": "",
    "overview-30d": "?period=30d",
    "applications": "/applications",
    "application-settings": "/applications/orders/settings",
    "settings-general": "/settings/general",
    "settings-languages": "/settings/languages",
    "settings-advanced": "/settings/advanced",
}


def enter(page: Page, origin: str, path: str = "", username: str = "") -> None:
    """In through the front door, to an address below /dashboard."""
    page.goto(f"{origin}/dashboard{path}")
    if page.locator("#username").count():
        is_japanese = page.evaluate("document.documentElement.lang") == "ja"
        fill(page, username or f"owner@example.{'jp' if is_japanese else 'com'}")
    page.wait_for_url(re.compile(re.escape(f"{origin}/dashboard{path}")))
