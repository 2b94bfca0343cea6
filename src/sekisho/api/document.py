"""The description of the API in OpenAPI 3.1, out of the same rows that are served."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from sekisho.api import match, schema
from sekisho.api.operation import Operation, Page, Parameter
from sekisho.api.schema import Schema
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import (
    MALFORMED_REQUEST,
    OVERLOADED,
    RATE_LIMITED,
    REQUEST_TIMEOUT,
    REQUEST_TOO_LARGE,
    STORE_UNAVAILABLE,
    Reason,
)
from sekisho.spec.refusals.management import (
    BODY_INVALID,
    HEADER_INVALID,
    NOT_SUPPORTED,
    QUERY_INVALID,
    VERSION_STALE,
)
from sekisho.spec.refusals.protocol import (
    SCOPE_INSUFFICIENT,
    TOKEN_AUDIENCE,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
)

OPENAPI = "3.1.1"
VERSION = "2"
SCHEME = "management"
JSON = "application/json"
ABOUT = (
    "Everything about a tenant that can be read and changed. A token comes from the token endpoint, by the "
    "client credentials grant with the address of this API as audience. An answer about one thing has its "
    "version in `ETag`; a change with `If-Match` is made to that version or not at all."
)
_VARIABLE = re.compile(r"{([a-z_]+)}")
_WHOLE: Mapping[str, Any] = {"schema": schema.WHOLE}
RATE: Mapping[str, Mapping[str, Any]] = {
    "X-RateLimit-Limit": {"description": "How many calls at once.", **_WHOLE},
    "X-RateLimit-Remaining": {"description": "How many are left.", **_WHOLE},
    "X-RateLimit-Reset": {
        "description": "When all of them are there again, in seconds since 1970.",
        **_WHOLE,
    },
}
HEADERS: Mapping[str, Mapping[str, Any]] = {
    **RATE,
    "Content-Disposition": {"description": "What to call the file.", "schema": {"type": "string"}},
    "ETag": {"description": "The version.", "schema": {"type": "string", "pattern": '^"[1-9][0-9]*"$'}},
    "Link": {"description": "Where to go on, as rel=next.", "schema": {"type": "string"}},
    "Retry-After": {"description": "How many seconds to wait.", **_WHOLE},
    "WWW-Authenticate": {"description": "The challenge of RFC 6750.", "schema": {"type": "string"}},
}
# A component of this name is the header where it never fails to come.
ALWAYS = "-always"
# Refused before the token was looked at, maybe: nobody's rate was asked for then.
EARLY = frozenset((400, 408, 413, 503))
MATCH: Mapping[str, object] = {
    "name": "If-Match",
    "in": "header",
    "description": "The change is made to this version only: an entity tag, or * for whichever.",
    "schema": {"type": "string", "anyOf": [{"const": "*"}, {"pattern": match.PATTERN}]},
    "example": "*",
}


def written(operations: Iterable[Operation]) -> dict[str, object]:
    """The whole document."""
    rows = tuple(operations)
    paths: dict[str, dict[str, Schema]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    bodies = [row.body for row in rows if row.body]
    answers = [row.gives for row in rows if row.gives is not None]
    cut = [row.gives for row in rows if any(each.name == "fields" for each in row.takes)]
    return {
        "openapi": OPENAPI,
        "info": {"title": "Sekisho management API", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "../v2", "description": "This tenant, at the address that was asked."}],
        "tags": [{"name": name} for name in dict.fromkeys(map(tag, rows))],
        "paths": {**paths, **_about()},
        "components": {
            "schemas": schema.components(bodies, answers, cut),
            "headers": {
                **HEADERS,
                **{name + ALWAYS: {**each, "required": True} for name, each in HEADERS.items()},
            },
            "securitySchemes": {SCHEME: _scheme()},
        },
    }


def tag(row: Operation) -> str:
    """The resource that an operation is about."""
    return row.endpoint.__module__.rpartition(".")[2]


def name(row: Operation) -> str:
    """What an operation is called: unique, and the same for ever."""
    return f"{tag(row)}_{row.endpoint.__name__}"


def refusals(row: Operation) -> dict[int, list[Reason]]:
    """Why an operation may be refused, by status."""
    reasons = [TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_AUDIENCE, SCOPE_INSUFFICIENT]
    reasons += [MALFORMED_REQUEST, QUERY_INVALID, REQUEST_TOO_LARGE, REQUEST_TIMEOUT]
    reasons += [BODY_INVALID, NOT_SUPPORTED] if row.body else []
    reasons += [HEADER_INVALID, VERSION_STALE] if row.guarded else []
    found: dict[int, list[Reason]] = {}
    for reason in (*reasons, *row.refuses, RATE_LIMITED, STORE_UNAVAILABLE, OVERLOADED):
        found.setdefault(reason.status, []).append(reason)
    return dict(sorted(found.items()))


def variables(path: str) -> list[str]:
    """The variables of a path, in their order."""
    return _VARIABLE.findall(path)


def _operation(row: Operation) -> Schema:
    query = [_parameter(each) for each in row.takes]
    path = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}}
        for each in variables(row.path)
    ]
    told: Schema = {
        "operationId": name(row),
        "tags": [tag(row)],
        "summary": row.title.en,
        "parameters": [*path, *query, *([MATCH] if row.guarded else [])],
        "responses": {str(row.status): _answer(row), **_refused(row)},
        # Each entry is enough by itself; within one all scopes have to be there.
        "security": [{SCHEME: [scope, *row.also]} for scope in row.scopes],
    }
    if row.body:
        content = {"schema": schema.reference(schema.name_of(row.body)), "example": row.body.sample}
        told["requestBody"] = {"required": not row.body.optional, "content": {JSON: content}}
    return told


def _parameter(each: Parameter) -> Schema:
    return {
        "name": each.name,
        "in": "query",
        "required": each.needed,
        "description": each.text.en,
        "allowEmptyValue": not each.needed,
        "schema": schema.of_type(each.type),
    }


def _answer(row: Operation) -> Schema:
    linked = isinstance(row.gives, Page) and row.gives.linked
    kept = ("Content-Disposition",) if row.kind != JSON else ()
    headers = {
        **_always(*RATE, *(("ETag",) if row.versioned else ()), *kept),
        **_maybe(*(("Link",) if linked else ())),
    }
    told: Schema = {"description": HTTPStatus(row.status).phrase, "headers": headers}
    if row.gives is not None:
        told["content"] = {row.kind: {"schema": schema.of_answer(row.gives)}}
    return told


def _refused(row: Operation) -> Schema:
    return {
        str(status): {
            "description": "\n\n".join(f"`{each.error}`: {each.text}" for each in reasons),
            "headers": _headers_of(status),
            "content": {JSON: {"schema": schema.reference("Error")}},
        }
        for status, reasons in refusals(row).items()
    }


def _headers_of(status: int) -> Schema:
    """The headers of a refusal."""
    if status == HTTPStatus.UNAUTHORIZED:
        return _always("WWW-Authenticate")
    waits = ("Retry-After",) if status in (429, 503) else ()
    return _always(*waits) | _maybe(*RATE) if status in EARLY else _always(*waits, *RATE)


def _always(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}{ALWAYS}"} for name in names}


def _maybe(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _scheme() -> Schema:
    flow = {"tokenUrl": "../../oauth/token", "scopes": dict(MANAGEMENT_SCOPES)}
    return {
        "type": "oauth2",
        "description": "Ask with `audience` = the address of this API, with the slash at its end.",
        "flows": {"clientCredentials": flow},
    }


def _about() -> dict[str, dict[str, Any]]:
    """The two addresses that describe the others; they are open."""
    kinds = {"/openapi.json": (JSON, "This document"), "/docs": ("text/html", "The same for people")}
    return {
        path: {
            "get": {
                "operationId": f"description_{path.strip('/').partition('.')[0]}",
                "summary": title,
                "security": [],
                "responses": {"200": {"description": title, "content": {kind: {}}}},
            }
        }
        for path, (kind, title) in kinds.items()
    }
