"""All addresses of the management API keep the same rules."""

import pytest

from sekisho.api import ROUTES
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.http import Ask
from tests.tenants import ORIGIN

LINES = [f"{method} {path.replace('{id}', 'x')}" for method, path, _ in ROUTES]
WRITES = [line for line in LINES if line.startswith(("POST", "PATCH"))]
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
    assert MANAGEMENT_SCOPES.keys() >= set(wanted)
    for scope in wanted:
        assert (await desk.ask(line, {}, desk.token(scope))).status in (200, 201, 204, 400, 404)


async def test_every_scope_opens_something(desk):
    """The management API has no scope that no address asks for."""
    asked = set()
    for line in LINES:
        answer = await desk.ask(line, {}, desk.token("nothing"))
        asked |= set(answer.json["message"].partition(": ")[2].split(","))
    assert asked == MANAGEMENT_SCOPES.keys()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("line", WRITES)
async def test_a_body_that_is_no_sound_json_object_is_refused(desk, line, name):
    """Whatever is sent as a body, the answer is 400 in the shape of the API, never a failure."""
    answer = await desk.ask(line, BODIES[name])
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert answer.json["message"].startswith("Payload validation error: '")
