"""Crests."""

from collections import Counter

from sekisho.pages.crest import COLOURS, crest
from sekisho.pages.drawings import CRESTS


def test_a_crest_never_changes() -> None:
    """An id has one crest, in every process and for ever."""
    assert crest("demo") == crest("demo")
    assert (crest("demo").form, crest("demo").colour) == ("e", "k5")


def test_crests_are_spread_over_forms_and_colours() -> None:
    """Ids fall on all eight forms in all five colours, none much more often than another."""
    found = Counter(crest(f"client-{number}") for number in range(4000))
    assert len(found) == len(CRESTS) * len(COLOURS) == 40
    assert 50 < min(found.values()) < max(found.values()) < 160
