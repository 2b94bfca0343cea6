"""The refusals of the catalogue, and where tests raise them."""

import ast
import re
from collections.abc import Iterable, Iterator

from tests.house.source import Source

QUOTED = re.compile(r'"([a-z][a-z0-9_.-]*)"')


def refusals(source: Source) -> dict[str, str]:
    """The constants of the catalogue with their slugs: NAME = Reason("slug", …)."""
    return {
        target.id: str(slug.value)
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and ast.unparse(node.value.func) == "Reason"
        for slug in [
            *node.value.args[:1],
            *(word.value for word in node.value.keywords if word.arg == "slug"),
        ]
        if isinstance(slug, ast.Constant)
    }


def spoken(tests: Iterable[Source], tables: Iterable[str]) -> frozenset[str]:
    """Every name and text that tests, and their tables in JSON, use; comments and docstrings aside."""
    names = {word for source in tests for word in words(source)}
    return frozenset(names | {found for table in tables for found in QUOTED.findall(table)})


def words(source: Source) -> Iterator[str]:
    """The names and texts of one test file, imports and docstrings aside."""
    told = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Constant(value=str(word)) if id(node) not in told:
                yield word
            case _:
                continue


def never_raised(catalogue: dict[str, str], said: frozenset[str]) -> list[str]:
    """The slugs that no test speaks of, neither by slug nor by constant."""
    return sorted(slug for name, slug in catalogue.items() if not {name, slug} & said)
