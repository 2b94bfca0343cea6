"""Budgets are kept, and each check turns red when its budget is not."""

import tomllib

import pytest

from tests.house import budgets
from tests.house.source import PACKAGE, ROOT, Check, findings, read, sources

CHECKS = [
    budgets.file_is_short,
    budgets.function_is_short,
    budgets.parameters_are_few,
    budgets.budget_is_kept_honestly,
]
LONG_FUNCTION = "def walk():\n" + "    step()\n" * 30
LONG_ENDPOINT = "async def token(ask: Ask, tenant: Tenant) -> Answer:\n" + "    step()\n" * 25
LONG_FILE = '"""Doc."""\n' + "def walk(): ...\n" * 250
LONG_TABLE = '"""Doc."""\nfrom x import Y\n\n' + 'A = Y("a")\n' * 300
PLANTED = [
    (budgets.file_is_short, LONG_FILE, "251 lines"),
    (budgets.function_is_short, LONG_FUNCTION, "walk has 31 lines"),
    (budgets.function_is_short, LONG_ENDPOINT, "token has 26 lines, the budget is 25"),
    (budgets.parameters_are_few, "def f(a, b, c, *, d, e, g): ...", "f takes 6 parameters"),
    (
        budgets.parameters_are_few,
        "class A:\n    def f(self, a, b, c, d, *e, **g): ...",
        "f takes 6 parameters",
    ),
    (budgets.budget_is_kept_honestly, "def f(a): ...  # noqa: C901", "switched off"),
    (budgets.budget_is_kept_honestly, "x = 1  # noqa", "switched off"),
]
ALLOWED = [
    (budgets.file_is_short, LONG_TABLE),
    (budgets.file_is_short, '"""Doc."""\n' + "def walk(): ...\n" * 249),
    (budgets.function_is_short, "def walk():\n" + "    step()\n" * 29),
    (budgets.function_is_short, LONG_ENDPOINT.replace("Ask", "Text")),
    (budgets.parameters_are_few, "class A:\n    def f(self, a, b, c, d, e): ..."),
    (budgets.budget_is_kept_honestly, "x = run(1)  # noqa: S603"),
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_source_keeps_its_budgets(check: Check):
    """Files, functions, endpoints and parameter lists stay within their budgets."""
    assert findings(check, sources(PACKAGE)) == []


def test_folders_keep_their_budget():
    """A folder has at most 20 files."""
    assert list(budgets.folders_are_small(sources(PACKAGE))) == []


@pytest.mark.parametrize(("check", "text", "expected"), PLANTED)
def test_finds_what_exceeds_a_budget(check: Check, text: str, expected: str):
    """Each budget that is exceeded is found, with its place."""
    (found,) = check(read(text))
    assert expected in found
    assert found.startswith("src/sekisho/spec/planted.py:")


@pytest.mark.parametrize(("check", "text"), ALLOWED)
def test_leaves_what_keeps_a_budget(check: Check, text: str):
    """What is within its budget, or is a data table, passes."""
    assert list(check(read(text))) == []


def test_does_not_count_the_table_of_a_folder():
    """The table in a folder's __init__ does not count, its functions do."""
    table = '"""Doc."""\nGRANTS: Mapping[str, Grant] = {\n' + '    "a": a,\n' * 300 + "}\ndef f(): ...\n"
    assert list(budgets.file_is_short(read(table, "src/sekisho/oauth/grants/__init__.py"))) == []
    assert list(budgets.file_is_short(read(table, "src/sekisho/oauth/grants/other.py"))) != []


def test_finds_a_folder_that_is_too_full():
    """A folder of 21 files is found."""
    crowd = [read('"""Doc."""', f"src/sekisho/crowd/m{number}.py") for number in range(21)]
    assert list(budgets.folders_are_small(crowd)) == [
        "src/sekisho/crowd: 21 files, the budget of a folder is 20"
    ]
    assert list(budgets.folders_are_small(crowd[:20])) == []


def test_linter_counts_what_the_house_counts():
    """The linter has every rule on; its limits are 8 paths, 5 arguments, 8 branches, 30 statements."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert lint["select"] == ["ALL"]
    assert lint["mccabe"]["max-complexity"] == 8
    assert (lint["pylint"]["max-args"], lint["pylint"]["max-branches"]) == (5, 8)
    assert lint["pylint"]["max-statements"] == 30
    off = lint["ignore"] + [
        code for glob, codes in lint["per-file-ignores"].items() if "src" in glob for code in codes
    ]
    assert not [code for code in off if code.startswith(("C9", "PLR09", "E501", "RUF100", "PGH"))]
