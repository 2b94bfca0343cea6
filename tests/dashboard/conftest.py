"""One running site with pages and one browser for all tests of the dashboard."""

from tests.pages.conftest import browser, origin

__all__ = ["browser", "origin"]
