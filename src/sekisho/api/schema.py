"""JSON Schema out of the types that read bodies and make answers (OpenAPI 3.1 section 4.8.24)."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from sekisho.api.operation import Body, Page
from sekisho.change.fields import Fields

Schema = dict[str, Any]

PLACE = "#/components/schemas/"
SEEN = "Seen"
FIELDS = "Fields"
# Strings of a fixed form that a type only describes by its pattern.
WHOLE: Mapping[str, object] = {"type": "integer", "minimum": 0}


class Error(Struct, kw_only=True):
    """What every refusal looks like; `errorCode` is absent where the status is 401."""

    statusCode: int  # noqa: N815 - the wire's own name
    error: str
    message: str
    errorCode: str = ""  # noqa: N815 - the wire's own name


def reference(name: str) -> Schema:
    """A schema that stands among the components."""
    return {"$ref": PLACE + name}


def of_type(kind: Any) -> Schema:  # noqa: ANN401 - any type can be described
    """The schema of a type, its parts by reference."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=PLACE + "{name}")
    return _renamed(schema)  # type: ignore[no-any-return]


def of_answer(kind: Any) -> Schema:  # noqa: ANN401 - any type can be an answer
    """The schema of an answer; a list is bare, has its place with it, or the next step."""
    if not isinstance(kind, Page):
        return of_type(kind)
    many = {"type": "array", "items": of_type(kind.kind)}
    members = {**dict.fromkeys(("start", "limit", "length", "total"), WHOLE), kind.plural: many}
    paged = {"type": "object", "properties": members, "required": list(members)}
    if kind.linked or not kind.steps:
        return {"anyOf": [many, paged]}
    steps = {"type": "object", "properties": {kind.plural: many, "next": {"type": "string"}}}
    return {"anyOf": [many, paged, {**steps, "required": [kind.plural]}]}


def name_of(body: Body) -> str:
    """What the component of a body is called."""
    return body.kind.__name__.removesuffix(FIELDS) + ("Creation" if body.makes else "Amendment")


def of_body(body: Body) -> Schema:
    """The closed schema of a body, promises included: they may be said at their default only."""
    kind: type[Fields] = body.kind
    parts = _components([kind])
    found = parts[_short(kind.__name__)]
    hidden = body.but if body.makes else kind.ONCE
    own = {name: schema for name, schema in found["properties"].items() if name not in hidden}
    promised = {name: _kept(default) for name, default in kind.PROMISES.items() if name not in hidden}
    for name in own.keys() & promised.keys():
        promised[name] = _partly(own[name], promised[name], parts)
    needs = {"required": list(kind.NEEDS)} if body.makes and kind.NEEDS else {}
    return {**found, "title": name_of(body), "properties": {**own, **promised}, **needs}


def components(bodies: Iterable[Body], answers: Iterable[Any], cut: Iterable[Any]) -> dict[str, Schema]:
    """Every schema that is referred to. Where an answer may be cut, none of its members has to be there."""
    bodies = tuple(bodies)
    seen = _components(map(_kind, answers))
    for each in map(_kind, cut):
        seen[_short(each.__name__)].pop("required", None)
    parts = _components([body.kind for body in bodies])
    whole = {_short(body.kind.__name__) for body in bodies}
    named = {name_of(body): of_body(body) for body in bodies}
    used = {name: each for name, each in parts.items() if name not in whole or name == "Credential" + FIELDS}
    return {**_components([Error]), **seen, **used, **named}


def _kind(answer: Any) -> Any:  # noqa: ANN401 - any type can be an answer
    """The type of what is answered, or of each of them."""
    if isinstance(answer, Page):
        return answer.kind
    return get_args(answer)[0] if get_origin(answer) is list else answer


def _components(kinds: Iterable[Any]) -> dict[str, Schema]:
    _, found = msgspec.json.schema_components(kinds, ref_template=PLACE + "{name}")
    return {_short(name): _renamed({**each, "title": _short(name)}) for name, each in found.items()}


def _short(name: str) -> str:
    return name.removesuffix(SEEN)


def _renamed(schema: Any) -> Any:  # noqa: ANN401 - JSON of any depth
    """References under the names that components have here, patterns as ECMA-262 has them."""
    if isinstance(schema, Mapping):
        return {name: _rewritten(name, value) for name, value in schema.items()}
    return [_renamed(each) for each in schema] if isinstance(schema, list | tuple) else schema


def _rewritten(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON of any depth
    if isinstance(value, str):
        return {"$ref": _short, "pattern": _anchored}.get(name, str)(value)
    return _renamed(value)


def _anchored(pattern: str) -> str:
    return pattern.replace(r"\Z", "$")


def _partly(own: Schema, promised: Schema, parts: Mapping[str, Schema]) -> Schema:
    """Some members do something, and of others only the default is taken."""
    (name,) = (each["$ref"].removeprefix(PLACE) for each in own["anyOf"] if "$ref" in each)
    text = "What does something, beside what is taken at its default only."
    return {
        **promised,
        "properties": {**promised["properties"], **parts[name]["properties"]},
        "description": text,
    }


def _kept(default: object) -> Schema:
    """Only the default, or null for it."""
    text = "Not enforced yet: only its default is taken, and it is not stored."
    if not isinstance(default, Mapping):
        values = [default] if default is None else [default, None]
        return {"enum": values, "description": text}
    members = {name: _kept(value) for name, value in default.items()}
    for member in members.values():
        del member["description"]
    return {
        "type": ["object", "null"],
        "properties": members,
        "additionalProperties": False,
        "description": text,
    }
