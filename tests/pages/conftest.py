"""A site and a browser for the tests that look at pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pages.chromium import chromium
from tests.pages.site import site


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The origin of a site with pages."""
    with site() as found:
        yield found


# No longer than a module: while it is open, its loop is in the way of asynchronous tests.
@pytest.fixture(scope="module")
def browser(origin: str) -> Iterator[Browser]:
    """The browser, started after the site, which starts a loop of its own."""
    with chromium() as found:
        yield found
