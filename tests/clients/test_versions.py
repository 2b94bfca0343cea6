"""What the documentation says about these libraries, and what their lock file may say."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.clients.script import HERE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "client-libraries.md"
ROW = re.compile(r"^\| (\S+) \| (Python|Node|browsers) \| (\S+) \|", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))
LOCK = HERE / "package-lock.json"


def installed(library: str, language: str) -> str:
    """The version that the tests run with."""
    if language == "Python":
        return version(library)
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    return str(packages[f"node_modules/{library}"]["version"])


@pytest.mark.parametrize(("library", "language", "said"), ROWS)
def test_the_page_says_the_version(library: str, language: str, said: str):
    """The page names the version of each library that was really run."""
    assert installed(library, language) == said


def test_the_page_names_every_package():
    """Whatever the lock file installs, for Node and for browsers, is on the page."""
    locked = {name.removeprefix("node_modules/") for name in json.loads(LOCK.read_text("utf-8"))["packages"]}
    assert locked - {""} == {library for library, language, _ in ROWS if language != "Python"}


def test_the_lock_file_names_no_place():
    """The lock file for Node says what is installed, by digest, and not where it comes from."""
    text = LOCK.read_text("utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
