"""Pictures of every page, to look at: python -m tests.pages.screenshots FOLDER."""

import itertools
import sys
from pathlib import Path

from sekisho.events import log
from tests.dashboard.rooms import ROOMS, enter
from tests.pages.chromium import LANGUAGES, LIGHTS, WIDTHS, chromium, person
from tests.pages.site import PAGES, site
from tests.pages.stories import STORIES


def main(folder: Path) -> None:
    """One picture for each page, story and room of the dashboard, width, language and light."""
    log.configure("error", "text")
    folder.mkdir(parents=True, exist_ok=True)
    for width, language, light in itertools.product(WIDTHS, LANGUAGES, LIGHTS):
        # A site for each: wrong passwords of one round would lock accounts in the next.
        with site() as origin, chromium() as browser:
            with person(browser, width, language, light) as context:
                page = context.new_page()
                for name, path in PAGES.items():
                    page.goto(origin + path)
                    page.screenshot(path=folder / f"{name}-{width}-{language}-{light}.png", full_page=True)
            for name, tell in STORIES.items():
                with person(browser, width, language, light) as context:
                    page = context.new_page()
                    tell(page, origin)
                    page.screenshot(path=folder / f"{name}-{width}-{language}-{light}.png", full_page=True)
            with person(browser, width, language, light) as context:
                page = context.new_page()
                for name, path in ROOMS.items():
                    enter(page, origin, path)
                    page.screenshot(
                        path=folder / f"dash-{name}-{width}-{language}-{light}.png", full_page=True
                    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m tests.pages.screenshots FOLDER")
    main(Path(sys.argv[1]))
