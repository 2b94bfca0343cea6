"""The description of the API as a judge: every answer of every test is held against it."""

from functools import cache
from typing import Any

import msgspec
from openapi_schema_validator import OAS31Validator

from sekisho.api.document import HEADERS, RATE, written
from sekisho.api.resources import OPERATIONS
from sekisho.spec.http import Answer


@cache
def described() -> dict[str, Any]:
    """The document as a program reads it, with answers closed: what is not described is not answered."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(written(OPERATIONS)))
    for schema in found["components"]["schemas"].values():
        schema.setdefault("additionalProperties", False)
    return found


@cache
def judge(path: str, method: str, status: str) -> Any:
    """What judges the body of an answer; none where there is no body."""
    answer = described()["paths"][path][method.lower()]["responses"][status]
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return schema and OAS31Validator({**schema, "components": described()["components"]})


def is_sure(place: str) -> bool:
    """Whether the header component at this place never fails to come."""
    return bool(described()["components"]["headers"][place.rpartition("/")[2]].get("required"))


def keeps_its_promise(method: str, path: str, answer: Answer) -> None:
    """Status, body and headers are among those that are described."""
    if path in ("/docs", "/openapi.json"):
        return
    promised = described()["paths"][path][method.lower()]["responses"]
    assert str(answer.status) in promised, (method, path, answer.status)
    sent, told = {name for name, _ in answer.headers}, promised[str(answer.status)]["headers"]
    sure = {name for name, each in told.items() if is_sure(each["$ref"])}
    # The desk is behind the gate: whoever has a token is told its rate, whatever else is said.
    assert {name.lower() for name in sure | (set(RATE) & set(told))} <= sent
    assert {name for name in HEADERS if name.lower() in sent} <= set(told)
    found = judge(path, method, str(answer.status))
    if found is None:
        assert answer.json is None
    else:
        found.validate(msgspec.json.decode(msgspec.json.encode(answer.json)))
