"""The description of the API for people: what the page shows, out of the same rows that are served."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from sekisho.api import document, schema
from sekisho.api.operation import Operation, Words
from sekisho.api.schema import Schema

LONGEST_CHOICE = 6
PROMISE = "Not enforced yet"


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter or a member of a body: its name, what it may be, whether it has to be there."""

    name: str
    type: str
    needed: bool = False
    text: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    title: Words
    scopes: tuple[str, ...]
    also: tuple[str, ...]
    takes: tuple[Member, ...]
    members: tuple[Member, ...]
    promises: tuple[str, ...]
    status: int
    refusals: tuple[tuple[int, str, str], ...]
    command: tuple[str, str]
    guarded: bool


def chapters(operations: Iterable[Operation]) -> dict[str, list[Entry]]:
    """The operations of each resource."""
    return {tag: [_entry(row) for row in rows] for tag, rows in groupby(operations, key=document.tag)}


def _entry(row: Operation) -> Entry:
    members, promises = _members(row)
    return Entry(
        id=document.name(row),
        method=row.method,
        path=row.path,
        title=row.title,
        scopes=row.scopes,
        also=row.also,
        takes=tuple(
            Member(each.name, _type(schema.of_type(each.type)), each.needed, each.text) for each in row.takes
        ),
        members=members,
        promises=promises,
        status=row.status,
        refusals=tuple(
            (status, each.error, each.text)
            for status, reasons in document.refusals(row).items()
            for each in reasons
        ),
        command=_command(row),
        guarded=row.guarded,
    )


def _members(row: Operation) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    if row.body is None:
        return (), ()
    found = schema.of_body(row.body)
    needed = frozenset(found.get("required", ()))
    promises = {
        name for name, each in found["properties"].items() if each.get("description", "").startswith(PROMISE)
    }
    members = (
        Member(name, _type(each), name in needed)
        for name, each in found["properties"].items()
        if name not in promises
    )
    return tuple(members), tuple(sorted(promises))


def _type(found: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "anyOf" in found:
        return _type(found["anyOf"][0])
    if "$ref" in found:
        return "object"
    if "enum" in found:
        return _choice(found["enum"])
    if found.get("type") == "array":
        return f"[{_type(found['items'])}]"
    return str(found.get("type", "any"))


def _choice(values: Iterable[object]) -> str:
    words = [str(value) for value in values]
    few = words if len(words) <= LONGEST_CHOICE else [*words[:LONGEST_CHOICE], "…"]
    return " | ".join(few)


def _command(row: Operation) -> tuple[str, str]:
    """What stands before and after the address in a line for curl; variables are in capitals."""
    # /client-grants/{id} becomes /client-grants/CLIENT_GRANT_ID
    named = re.sub(
        r"([a-z-]+)s/{id}", lambda found: f"{found[0][:-3]}{found[1].replace('-', '_')}_id}}", row.path
    )
    path = re.sub(r"{([a-z_]+)}", lambda found: found[1].upper(), named)
    needed = "&".join(f"{each.name}={each.name.upper()}" for each in row.takes if each.needed)
    path += f"?{needed}" if needed else ""
    parts = [] if row.method == "GET" else [f"-X {row.method}"]
    if row.guarded:
        parts.append("-H 'If-Match: *'")
    if row.body:
        parts.append("-H 'Content-Type: application/json'")
        parts.append(f"-d '{_json(row.body.sample)}'")
    return path, "".join(f" \\\n  {part}" for part in parts)


def _json(sample: Schema | Mapping[str, object]) -> str:
    return msgspec.json.encode(sample).decode()
