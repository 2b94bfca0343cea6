"""The documents of the house stay short enough to be read."""

from pathlib import Path

from tests.house.source import PACKAGE, ROOT

TOUR = [
    "app.py",
    "oauth/token.py",
    "oauth/grants/client_credentials.py",
    "tokens/access_token.py",
    "store/__init__.py",
    "oauth/flow.py",
    "spec/refusal.py",
]
TOUR_LINES = 600
ARCHITECTURE_LINES = 200


def lines(path: Path) -> int:
    """How long a file is; an absent one has no lines."""
    return len(path.read_text("utf-8").splitlines()) if path.exists() else 0


def test_architecture_can_be_read_in_one_go():
    """ARCHITECTURE.md has at most 200 lines."""
    assert lines(ROOT / "ARCHITECTURE.md") <= ARCHITECTURE_LINES


def test_tour_of_a_newcomer_is_short():
    """The seven files that show a newcomer how everything works have fewer than 600 lines together."""
    lengths = {name: lines(PACKAGE / name) for name in TOUR}
    assert sum(lengths.values()) < TOUR_LINES, lengths


def test_counts_the_lines_of_a_document(tmp_path: Path):
    """A document is as long as it is, an absent one counts as nothing."""
    (tmp_path / "long.md").write_text("line\n" * 201)
    assert lines(tmp_path / "long.md") == ARCHITECTURE_LINES + 1
    assert lines(tmp_path / "absent.md") == 0
