"""The budgets of the house: how long, how many."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.house.source import Source, arguments, functions

FILE_LINES = 250
FUNCTION_LINES = 30
ENDPOINT_LINES = 25
PARAMETERS = 5
FOLDER_FILES = 20
TABLE_STATEMENTS = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def file_is_short(source: Source) -> Iterator[str]:
    """A file has at most 250 lines; a pure table may be longer, the table of a folder does not count."""
    if is_table(source):
        return
    lines = source.lines - (table_lines(source) if source.is_init else 0)
    if lines > FILE_LINES:
        yield f"{source.path}:1: {lines} lines, the budget of a file is {FILE_LINES}"


def is_table(source: Source) -> bool:
    """Whether a file is nothing but data: imports and assignments after its docstring."""
    body = source.tree.body[1:] if ast.get_docstring(source.tree) else source.tree.body
    return all(isinstance(node, TABLE_STATEMENTS) for node in body)


def table_lines(source: Source) -> int:
    """How many lines the module's assignments take."""
    tables = [node for node in source.tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    return sum(length(node) for node in tables)


def length(node: ast.stmt) -> int:
    """How many lines a statement takes, decorators not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def function_is_short(source: Source) -> Iterator[str]:
    """A function has at most 30 lines, an endpoint 25."""
    for function in functions(source.tree):
        budget = ENDPOINT_LINES if is_endpoint(function) else FUNCTION_LINES
        if length(function) > budget:
            yield source.at(function, f"{function.name} has {length(function)} lines, the budget is {budget}")


def is_endpoint(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function takes an Ask and gives an Answer."""
    takes = any(named(arg.annotation) == "Ask" for arg in arguments(function))
    return takes and named(function.returns) == "Answer"


def named(annotation: ast.expr | None) -> str:
    """The last part of an annotation's name."""
    return ast.unparse(annotation).strip("'\"").rpartition(".")[2] if annotation else ""


def parameters_are_few(source: Source) -> Iterator[str]:
    """A function takes at most 5 parameters; self and cls do not count."""
    for function in functions(source.tree):
        taken = [arg.arg for arg in arguments(function) if arg.arg not in {"self", "cls"}]
        if len(taken) > PARAMETERS:
            yield source.at(
                function, f"{function.name} takes {len(taken)} parameters, the budget is {PARAMETERS}"
            )


def folders_are_small(sources: Iterable[Source]) -> Iterator[str]:
    """A folder has at most 20 files."""
    counted = Counter(PurePosixPath(source.path).parent.as_posix() for source in sources)
    for folder, files in sorted(counted.items()):
        if files > FOLDER_FILES:
            yield f"{folder}: {files} files, the budget of a folder is {FOLDER_FILES}"


def budget_is_kept_honestly(source: Source) -> Iterator[str]:
    """Exceeding a budget is a design question, not a noqa."""
    for number, line in enumerate(source.text.splitlines(), 1):
        _, mark, codes = line.partition("# noqa")
        if mark and (not codes.startswith(":") or any(code in codes for code in ("C901", "PLR09", "E501"))):
            yield f"{source.path}:{number}: a budget or every rule is switched off: {line.strip()}"
