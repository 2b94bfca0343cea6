"""What the documentation says about these libraries, and what their lock file may say."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.clients.auth0_pages import SOURCE
from tests.clients.script import ENTRA, HERE
from tests.clients.shop import EXAMPLE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "client-libraries.md"
ROW = re.compile(r"^\| (\S+) \| (Python|Node|browsers) \| (\S+) \|", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))
LOCKS = tuple(folder / "package-lock.json" for folder in (HERE, SOURCE, ENTRA, EXAMPLE))


def packages(lock: Path) -> dict[str, dict[str, Any]]:
    """What a lock file installs, by its place."""
    found: dict[str, dict[str, Any]] = json.loads(lock.read_text("utf-8"))["packages"]
    return found


def installed(library: str, language: str) -> str:
    """The version that the tests run with."""
    if language == "Python":
        return version(library)
    place = f"node_modules/{library}"
    return next(str(found[place]["version"]) for lock in LOCKS if place in (found := packages(lock)))


@pytest.mark.parametrize(("library", "language", "said"), ROWS)
def test_the_page_says_the_version(library: str, language: str, said: str):
    """The page names the version of each library that was really run."""
    assert installed(library, language) == said


def test_the_page_names_every_package():
    """Whatever is run, for Node and for browsers, is on the page."""
    # Vendors' libraries bring hundreds of others, which are nobody's subject: those asked for by name are.
    ours, *theirs = map(packages, LOCKS)
    named = {name for lock in theirs for name in lock[""]["dependencies"]}
    locked = {name.removeprefix("node_modules/") for name in ours} | named
    assert locked - {""} == {library for library, language, _ in ROWS if language != "Python"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_the_lock_file_names_no_place(lock: Path):
    """The lock file for Node says what is installed, by digest, and not where it comes from."""
    assert "://" not in lock.read_text("utf-8")
    assert all("integrity" in package for name, package in packages(lock).items() if name)
