"""The page about the dialect says what the dialect says."""

import re

from sekisho.faces.entra import ROUTES
from sekisho.spec.entra import codes, wording
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.tokens.entra import extra
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "reference" / "entra.md").read_text("utf-8")
ROWS = {int(number): error for number, error in re.findall(r"^\| (\d+) \| ([^|]+) \|", PAGE, re.MULTILINE)}


def test_every_number_has_a_row() -> None:
    """Whatever number a refusal is told by is explained, and no other one."""
    said = {code.number for code in (*codes.CODES.values(), *codes.OTHERWISE.values(), codes.MALFORMED)}
    assert ROWS.keys() == said


def test_every_row_names_an_error_of_its_number() -> None:
    """The first error of a row is one that the number really comes with."""
    for number, text in ROWS.items():
        found = {wording.code(Refused(CATALOGUE[slug])).error for slug in slugs(number)}
        first = text.split(",")[0].strip(" `")
        assert first == "a page" or first in found, (number, first, found)


def slugs(number: int) -> list[str]:
    """The refusals that are told by a number."""
    return [slug for slug, code in codes.CODES.items() if code.number == number]


def test_every_address_is_named() -> None:
    """Each address of the dialect stands on the page."""
    for row in ROUTES:
        path = row.path.replace("/{t}/discovery/instance", "/common/discovery/instance")
        assert path.casefold() in PAGE.casefold(), row.path


def test_every_optional_claim_is_named() -> None:
    """Each claim that an application may ask for is on the page."""
    (line,) = (line for line in PAGE.splitlines() if line.startswith("Optional claims that are known"))
    assert set(extra.KNOWN) <= set(re.findall(r"`(\w+)`", line))
