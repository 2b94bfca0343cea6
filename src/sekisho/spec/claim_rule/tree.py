"""The tree of a checked expression, as cel.expr.CheckedExpr has it (cel-spec, checked.proto)."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

Message = Mapping[int, list[bytes | int]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS: Mapping[int, int] = {_FIXED64: 8, _FIXED32: 4}
_FOLDED = (2, 4, 5, 6, 7)
NULL = "null"


class Unreadable(Exception):
    """It is not the tree of an expression, or has something that no rule needs."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression and its parts; `size` is that of what was written down.

    The parts of a fold (what a macro becomes): range, start, condition, step, result. `name` is what it calls
    an element, `sum` what it calls that which grows.
    """

    kind: str
    name: str = ""
    parts: tuple["Node", ...] = ()
    size: int = 0
    sum: str = ""


def read(checked: bytes) -> Node:
    """The tree of an expression that was serialized; it comes in a google.protobuf.Any."""
    return _node(_message(_bytes(_message(_bytes(_message(checked), 2)), 4)))


def _node(expr: Message) -> Node:
    field = next((number for number in _KINDS if number in expr), 0)
    if not field:
        raise Unreadable("it has a part that says nothing")
    raw = _bytes(expr, field)
    return _KINDS[field](_message(raw), len(raw))


def _literal(said: Message, size: int) -> Node:
    return Node("literal", NULL if 1 in said else "", size=size)


def _name(said: Message, _: int) -> Node:
    return Node("name", _text(said, 1))


def _member(said: Message, _: int) -> Node:
    return Node("member", _text(said, 2), _nodes(said, 1))


def _call(said: Message, _: int) -> Node:
    return Node("call", _text(said, 2), _nodes(said, 1) + _nodes(said, 3))


def _list(said: Message, _: int) -> Node:
    return Node("list", parts=_nodes(said, 1))


def _fold(said: Message, _: int) -> Node:
    folded = tuple(part for field in _FOLDED for part in _nodes(said, field))
    if len(folded) != len(_FOLDED):
        raise Unreadable("it has half a macro")
    return Node("fold", _text(said, 1), folded, sum=_text(said, 3))


def _map(said: Message, _: int) -> Node:
    if 1 in said:
        raise Unreadable("it makes a message")
    entries = [_message(each) for each in said.get(2, ()) if isinstance(each, bytes)]
    return Node("map", parts=tuple(part for each in entries for n in (3, 4) for part in _nodes(each, n)))


# By the fields of cel.expr.Expr.
_KINDS: Mapping[int, Callable[[Message, int], Node]] = {
    3: _literal,
    4: _name,
    5: _member,
    6: _call,
    7: _list,
    8: _map,
    9: _fold,
}


def _nodes(message: Message, field: int) -> tuple[Node, ...]:
    return tuple(_node(_message(each)) for each in message.get(field, ()) if isinstance(each, bytes))


def _text(message: Message, field: int) -> str:
    return _bytes(message, field).decode() if field in message else ""


def _bytes(message: Message, field: int) -> bytes:
    value = message.get(field, [b""])[-1]
    if not isinstance(value, bytes):
        raise Unreadable(f"field {field} is a number")
    return value


def _message(raw: bytes) -> Message:
    """The fields of a message, by number (protobuf encoding: tag, then a varint, a width or a length)."""
    found: dict[int, list[bytes | int]] = {}
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        kind = tag & 7
        if kind == _VARINT:
            value: bytes | int
            value, at = _varint(raw, at)
        else:
            length, at = _varint(raw, at) if kind == _BYTES else (_WIDTHS.get(kind, len(raw) + 1), at)
            value, at = raw[at : at + length], at + length
        if at > len(raw):
            raise Unreadable("it ends too early")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(raw):
        value |= (raw[at] & 127) << shift
        if raw[at] < 128:  # noqa: PLR2004 - the bit that says that more follows
            return value, at + 1
        shift, at = shift + 7, at + 1
    raise Unreadable("it ends too early")


def mentions(node: Node, kind: str, names: Container[str]) -> bool:
    """It, or a part of it, is of this kind and has one of these names."""
    return (node.kind == kind and node.name in names) or any(
        mentions(part, kind, names) for part in node.parts
    )
