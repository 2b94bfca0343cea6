"""The linter, the formatter and the type checker find what they are there for."""

from pathlib import Path

import pytest

from tests.house.planting import linted, project, run
from tests.house.source import ROOT

COMPLEX = '"""Doc."""\n\n\ndef rule(x: int) -> int:\n' + "".join(
    f"    if x == {n}:\n        x += {n}\n" for n in range(8)
)
MODULE = '"""Doc."""\n\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("C901", COMPLEX + "    return x\n"),
        (
            "PLR0913",
            MODULE + "def f(a: int, b: int, c: int, d: int, e: int, g: int) -> None:\n    print(a)\n",
        ),
        ("PLR0915", MODULE + "def f() -> None:\n" + "    run()\n" * 31),
        ("TID252", MODULE + "from . import policy\n"),
        ("DTZ005", MODULE + "import datetime\n\nNOW = datetime.datetime.now()\n"),
        ("E501", MODULE + f"X = '{'x' * 110}'\n"),
        ("T201", MODULE + "print(1)\n"),
        ("S101", MODULE + "assert 1\n"),
        ("BLE001", MODULE + "try:\n    run()\nexcept Exception:\n    run()\n"),
        ("ANN001", MODULE + "def f(a) -> None:\n    run(a)\n"),
        ("ANN201", MODULE + "def f(a: int):\n    run(a)\n"),
        ("PLC0415", MODULE + "def f() -> None:\n    import json\n"),
        ("PLW0603", MODULE + "X = 1\n\n\ndef f() -> None:\n    global X\n    X = 2\n"),
        ("FIX002", MODULE + "# TO" + "DO: later\n"),
        ("D100", "X = 1\n"),
        ("F401", MODULE + "import json\n"),
        ("PGH003", MODULE + "X = 1  # type: ignore\n"),
        ("RUF100", MODULE + "X = 1  # noqa: E501\n"),
    ],
)
def test_linter_finds_a_planted_fault(code: str, text: str):
    """A fault in spec/ is found by its rule."""
    assert code in linted(text)


def test_linter_leaves_a_sound_module():
    """A module without faults passes."""
    assert linted(MODULE + "X = 1\n") == set()


def test_formatter_has_one_format():
    """A module that is formatted otherwise comes out in our format."""
    said = run(ROOT, "ruff", "format", "--stdin-filename", "planted.py", "-", text="x   =  1\n")
    assert said == "x = 1\n"


def test_type_checker_finds_planted_faults(tmp_path: Path):
    """Wrong, missing and unchecked types are found."""
    planted = tmp_path / "planted.py"
    planted.write_text(
        'def wrong() -> int:\n    return "x"\n\n\ndef missing(x):\n    return x\n\n\ny: list = []\n'
    )
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache")]
    said = run(tmp_path, "mypy", *options, "planted.py")
    assert "[return-value]" in said
    assert "[no-untyped-def]" in said
    assert "[type-arg]" in said


def test_type_checker_is_strict_everywhere_in_the_source():
    """The type checker is strict, and no module of ours is excused."""
    mypy = project()["tool"]["mypy"]
    assert mypy["strict"] is True
    excused = [
        name for override in mypy["overrides"] for name in override["module"] if name.startswith("sekisho")
    ]
    assert excused == []
