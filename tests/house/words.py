"""The words that our names do without."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.source import Source

BANNED = frozenset(
    {"manager", "service", "helper", "util", "common", "base", "handler", "processor", "data", "info", "impl"}
)
BANNED_PLURALS = frozenset(word + "s" for word in BANNED)
# Names that a document or a library prescribes, whole, each with where it comes from.
PRESCRIBED: frozenset[str] = frozenset(
    {
        "base_url",  # a member of dev.json, which other programs read
        "data_received",  # asyncio.Protocol
    }
)
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def banned(name: str) -> str | None:
    """The banned word that a name has as one of its snake or camel parts."""
    if name in PRESCRIBED:
        return None
    parts = (part.lower() for part in PARTS.findall(name))
    return next((part for part in parts if part in BANNED or part in BANNED_PLURALS), None)


def names_are_thought_through(source: Source) -> Iterator[str]:
    """No module, class, function, parameter, field or variable of ours has a banned word in its name."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if word := banned(part):
            yield f"{source.path}:1: {part}: {word!r} says that the thing is not yet understood"
    for node in ast.walk(source.tree):
        for name in given(node):
            if word := banned(name):
                yield source.at(node, f"{name}: {word!r} says that the thing is not yet understood")


def given(node: ast.AST) -> Iterator[str]:
    """The names that a node gives to something of ours."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case (
            ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store())
        ):
            yield name
        case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case _:
            return
