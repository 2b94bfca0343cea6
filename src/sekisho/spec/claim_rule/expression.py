"""Expressions in the Common Expression Language (cel-spec): compiled once, bounded before they run."""

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, TypeAlias

import msgspec

from sekisho.spec.claim_rule import cost, tree
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import EXPRESSION_COSTLY, EXPRESSION_MALFORMED

Facts: TypeAlias = Mapping[str, object]

LONGEST = 1_000
# As JSON, one claim; and how deep it may be.
LARGEST_VALUE = 16 * 1024
DEEPEST_VALUE = 8
# What an expression is told is no deeper than this, either.
DEEPEST_TOLD = 24
# How many stay compiled in a process.
MOST_COMPILED = 2_000
LONGEST_PROBLEM = 300


class Unresolved(Exception):
    """An expression said nothing that could be put into a token."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What a text was compiled to; `asks_user`: it says nothing where there is no person."""

    program: Any
    asks_user: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What expressions are told of a person, a client and a request, ready for as many as there are."""

    activation: Any
    has_user: bool


class Language:
    """One for a process: the library, loaded once somebody has a rule, and what was compiled by it."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[str, Expression] = OrderedDict()

    @cached_property
    def _environment(self) -> Any:  # noqa: ANN401 - the library does not say that it is typed
        cel = import_module("cel_expr_python.cel")
        texts = import_module("cel_expr_python.ext.ext_strings").ExtStrings()
        told = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        return cel.NewEnv(variables=dict.fromkeys(cost.NAMES, told), extensions=[texts])

    def compiled(self, text: str) -> Expression:
        """The expression, if it can be read, checked, and evaluated in good time."""
        found = self._compiled.get(text) or self._compile(text)
        self._compiled[text] = found
        self._compiled.move_to_end(text)
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popitem(last=False)
        return found

    def _compile(self, text: str) -> Expression:
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise malformed(f"one line of at most {LONGEST} printable characters is expected")
        try:
            program = self._environment.compile(text)
            root = tree.read(program.serialize())
            null_is_alone(root)
            cost.steps(root)
        except cost.Costly as costly:
            raise Refused(EXPRESSION_COSTLY, words={"problem": str(costly)}) from costly
        except cost.Unknown as unknown:
            raise malformed(f"rules do not offer {unknown}") from unknown
        except (RuntimeError, tree.Unreadable) as error:
            raise malformed(str(error)) from error
        return Expression(program, asks_user=tree.mentions(root, "name", ("user",)))

    def told(self, user: Facts | None, client: Facts, request: Facts) -> Told:
        """What there is to know, as expressions see it: JSON, and no more of it than was reckoned with."""
        known = {"client": client, "request": request} | ({"user": user} if user is not None else {})
        try:
            raw = msgspec.json.encode(known)
            plain = msgspec.json.decode(raw)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unresolved(f"what there is to tell is no JSON: {type(error).__name__}") from error
        if len(raw) > cost.MOST_TOLD:
            raise Unresolved(f"what there is to tell has more than {cost.MOST_TOLD} bytes")
        if not _is_modest(plain, DEEPEST_TOLD):
            raise Unresolved(f"a list or an object has more than {cost.MOST_MEMBERS} members, or is too deep")
        return Told(self._environment.Activation(_without_nulls(plain)), user is not None)


def malformed(problem: str) -> Refused:
    """It cannot be read, or names what is not there."""
    short = " ".join(problem.replace("INVALID_ARGUMENT: ERROR: <input>:", "").split())[:LONGEST_PROBLEM]
    return Refused(EXPRESSION_MALFORMED, words={"problem": short})


def value(expression: Expression, told: Told) -> object:
    """What the expression says: JSON, or None where it has nothing to say."""
    if expression.asks_user and not told.has_user:
        return None
    try:
        found = expression.program.eval(told.activation)
        kind = found.type().name()
        said = None if kind == "NULL" else found.plain_value()
    except Exception as error:  # whatever the library meets with, a token is given
        raise Unresolved(str(error)[:LONGEST_PROBLEM]) from error
    if said is None:
        return None
    if kind == "ERROR":
        raise Unresolved(str(said)[:LONGEST_PROBLEM])
    if not _is_json(said, DEEPEST_VALUE):
        raise Unresolved("it says something that JSON has no word for, or too deeply")
    if len(msgspec.json.encode(said)) > LARGEST_VALUE:
        raise Unresolved(f"it says more than {LARGEST_VALUE} bytes")
    return said


def null_is_alone(node: tree.Node) -> None:
    """The library's conversion gives None back once too often for each null in a list or a map.

    So there is none: null is what a whole expression says, and leaves the claim out.
    """
    if node.kind == "literal":
        return
    branches = node.parts[1:] if node.name == "_?_:_" and node.kind == "call" else ()
    for part in branches:
        null_is_alone(part)
    for part in node.parts[: len(node.parts) - len(branches)]:
        if tree.mentions(part, "literal", (tree.NULL,)):
            raise malformed("null may only be what the whole expression says")


def _without_nulls(value: object) -> object:
    """Without nulls: what is null is not there."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value if each is not None] if isinstance(value, list) else value


def _is_modest(value: object, deep: int) -> bool:
    """Neither wider nor deeper than was reckoned with."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (
        deep > 0 and len(inside) <= cost.MOST_MEMBERS and all(_is_modest(each, deep - 1) for each in inside)
    )


def _is_json(said: object, deep: int) -> bool:
    """By exact types: what looks like a text or a number may be a type of its own."""
    if isinstance(said, dict):
        names_are_texts = all(type(name) is str for name in said)
        return deep > 0 and names_are_texts and all(_is_json(part, deep - 1) for part in said.values())
    if isinstance(said, list):
        return deep > 0 and all(_is_json(part, deep - 1) for part in said)
    return type(said) in {str, bool, int} or (type(said) is float and math.isfinite(said))
