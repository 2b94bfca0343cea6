"""What the house asks of the tests themselves."""

import ast
from collections.abc import Iterator

from tests.house.source import Source, functions

WAYS_OUT = frozenset({"skip", "skipif", "importorskip", "xfail"})
HOME = "tests/outside.py"


def states_its_law(source: Source) -> Iterator[str]:
    """A test has a docstring: one paragraph that states the law."""
    for function in functions(source.tree):
        if not function.name.startswith("test_"):
            continue
        text = ast.get_docstring(function)
        if not text:
            yield source.at(function, f"{function.name} does not state its law")
        elif "\n\n" in text or text[0].islower():
            yield source.at(function, f"{function.name} does not state its law in one sentence")


def leaves_out_in_one_place(source: Source) -> Iterator[str]:
    """Tests are left out through `leave_out` only, so that requiring everything requires everything."""
    if source.path == HOME:
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in WAYS_OUT
            and not is_raised_type(node, source.tree)
        ):
            whose = ast.unparse(node.value)
            if whose in {"pytest", "pytest.mark", "mark"}:
                yield source.at(node, f"{whose}.{node.attr}: use tests.outside.leave_out")


def is_raised_type(node: ast.Attribute, tree: ast.Module) -> bool:
    """Whether it is only named to catch it, as in `pytest.skip.Exception`."""
    return any(
        isinstance(outer, ast.Attribute) and outer.value is node and outer.attr == "Exception"
        for outer in ast.walk(tree)
    )
