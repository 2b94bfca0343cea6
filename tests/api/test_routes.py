"""All addresses of the management API keep the same rules."""

import re

import pytest

from sekisho.api import ROUTES
from sekisho.api.resources import OPERATIONS
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.http import Ask
from tests.tenants import ORIGIN

LINES = {f"{each.method} {re.sub('{[a-z_]+}', 'x', each.path)}": each for each in OPERATIONS}
WRITES = [line for line, each in LINES.items() if each.body]
OPTIONAL = [line for line, each in LINES.items() if each.body and each.body.optional]
OPEN = {"/openapi.json", "/docs"}
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a form": b"name=x",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "bytes that are no text": b'{"name": "\xff"}',
    "a member twice": b'{"name": "a", "name": "b"}',
    "an inner member twice": b'{"client_metadata": {"a": "1", "a": "2"}}',
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a name": b'{"a\\u0000": 1}',
    "half a pair": b'{"name": "\\ud800"}',
    "not a number": b'{"token_lifetime": NaN}',
    "infinity": b'{"token_lifetime": -Infinity}',
    "a huge float": b'{"token_lifetime": 1e999}',
    "a huge integer": b'{"token_lifetime": 1' + b"0" * 100_000 + b"}",
    "a large integer": b'{"token_lifetime": 9007199254740993}',
    "deep lists": b'{"scopes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 20 + b"1" + b"}" * 20,
    "constructors": b'{"__class__": "x", "__init__": {}}',
    "an unknown member": b'{"nobody_knows_this": 1}',
}


@pytest.mark.parametrize("line", LINES)
async def test_every_address_asks_for_a_token(desk, line):
    """No address of the management API is open."""
    method, _, path = line.partition(" ")
    answer = await desk.send(Ask(method=method, path=path, root=ORIGIN))
    assert answer.status == 401


@pytest.mark.parametrize("line", LINES)
async def test_every_address_asks_for_a_scope_of_ours(desk, line):
    """Each address names the scopes that open it, and the management API has them all."""
    answer = await desk.ask(line, {}, desk.token("nothing"))
    assert answer.status == 403
    wanted = answer.json["message"].removeprefix("Insufficient scope, expected any of: ").split(",")
    assert wanted == list(LINES[line].scopes)
    for scope in wanted:
        answer = await desk.ask(line, {}, desk.token(scope, *LINES[line].also))
        assert answer.status in (200, 201, 202, 204, 400, 404, 409)


def test_every_address_is_behind_the_gate():
    """What is served is what is described, and only the description is open."""
    served = {(method, path) for method, path, _ in ROUTES if path not in OPEN}
    assert served == {(each.method, each.path) for each in OPERATIONS}
    assert len(ROUTES) == len(OPERATIONS) + len(OPEN)


async def test_some_operations_need_two_scopes(desk):
    """Rotation makes and changes keys: either scope alone is not enough."""
    for scope in ("create:signing_keys", "update:signing_keys"):
        assert (await desk.ask("POST /keys/signing/rotate", token=desk.token(scope))).status == 403


async def test_every_scope_opens_something(desk):
    """The management API has no scope that no address asks for."""
    asked = {scope for each in OPERATIONS for scope in (*each.scopes, *each.also)}
    assert asked == MANAGEMENT_SCOPES.keys()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("line", WRITES)
async def test_a_body_that_is_no_sound_json_object_is_refused(desk, line, name):
    """Whatever is sent as a body, the answer is 400 in the shape of the API, never a failure."""
    if line in OPTIONAL and not BODIES[name]:
        return
    answer = await desk.ask(line, BODIES[name])
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert answer.json["message"].startswith("Payload validation error: '")
