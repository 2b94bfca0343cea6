"""Every test states its law and none is left out in silence."""

import pytest

from tests.house.laws import leaves_out_in_one_place, states_its_law
from tests.house.source import ROOT, Check, findings, read, sources

TESTS = ROOT / "tests"
PLANTED = [
    (states_its_law, "def test_x(): ..."),
    (states_its_law, "class TestX:\n    async def test_x(self): ..."),
    (states_its_law, 'def test_x():\n    """lower case is no sentence."""'),
    (states_its_law, 'def test_x():\n    """A law.\n\n    And an essay."""'),
    (leaves_out_in_one_place, "@pytest.mark.skipif(True)\ndef test_x(): ..."),
    (leaves_out_in_one_place, "@pytest.mark.xfail\ndef test_x(): ..."),
    (leaves_out_in_one_place, "pytest.skip('no')"),
    (leaves_out_in_one_place, "redis = pytest.importorskip('redis')"),
]
ALLOWED = [
    (states_its_law, 'def test_x():\n    """A code is redeemed at most once. RFC 6749 §4.1.2"""'),
    (states_its_law, "def fixture(): ..."),
    (leaves_out_in_one_place, "with pytest.raises(pytest.skip.Exception): ..."),
    (leaves_out_in_one_place, "leave_out('no redis')"),
]


@pytest.mark.parametrize("check", [states_its_law, leaves_out_in_one_place], ids=lambda check: check.__name__)
def test_tests_keep_their_laws(check: Check):
    """Every test has a docstring that states its law, and is left out through `leave_out` only."""
    assert findings(check, sources(TESTS)) == []


@pytest.mark.parametrize(("check", "text"), PLANTED)
def test_finds_a_test_without_a_law(check: Check, text: str):
    """A test without its law, and a test that is left out by itself, are found."""
    assert len(list(check(read(text, "tests/spec/test_planted.py")))) == 1


@pytest.mark.parametrize(("check", "text"), ALLOWED)
def test_leaves_a_test_with_its_law(check: Check, text: str):
    """A test that states its law passes."""
    assert list(check(read(text, "tests/spec/test_planted.py"))) == []
