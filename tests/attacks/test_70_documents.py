"""Class 70: documents by which an administrator of one tenant could stop the server for all others."""

import json
import time

import pytest

from sekisho.spec import document
from tests.attacks.patience import MEGABYTE, PATIENCE, is_refused
from tests.attacks.target import Target

pytestmark = pytest.mark.usefixtures("still_well")

NESTED = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
MANY = b"{" + b",".join(b'"a%d":1' % n for n in range(90_000)) + b"}"
TWICE = MANY[:-1] + b',"z":1,"z":2}'
DOCUMENTS = {
    "nested": NESTED,
    "nested lists": b'{"callbacks":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested texts": b'{"client_metadata":' + b'{"a":' * 900 + b"1" + b"}" * 901,
    "many members": MANY,
    "many members, the last one twice": TWICE,
    "one member many times": b"{" + b",".join([b'"a":1'] * 150_000) + b"}",
    "many callbacks": json.dumps(
        {"name": "x", "callbacks": [f"https://a.example/{n}" for n in range(30_000)]}
    ).encode(),
    "one callback many times": json.dumps({"name": "x", "callbacks": ["https://a.example/"] * 100}).encode(),
    "long callback": json.dumps({"name": "x", "callbacks": ["https://" + "a." * 200_000]}).encode(),
    "callback of colons": json.dumps(
        {"name": "x", "callbacks": ["https://[" + ":" * 1_400 + "x]"] * 100}
    ).encode(),
    "callback of dots": json.dumps(
        {"name": "x", "app_type": "native", "callbacks": ["a" + ".a" * 700 + "!"] * 100}
    ).encode(),
    "callback of hyphens": json.dumps({"name": "x", "callbacks": ["https://" + "a-" * 740] * 100}).encode(),
    "origins": json.dumps({"name": "x", "web_origins": ["https://" + "a." * 740] * 100}).encode(),
    "long name": json.dumps({"name": "x" * 900_000}).encode(),
    "name of NUL": rb'{"name":"a\u0000b"}',
    "name of half a surrogate": rb'{"name":"\ud800"}',
    "name of control signs": rb'{"name":"a\u001b[31m"}',
    "huge number": b'{"name":' + b"9" * 900_000 + b"}",
    "huge exponent": b'{"name":"x","oidc_conformant":1e999999999}',
    "not UTF-8": b'{"name":"\xff"}',
    "too large": b'{"name":"' + b"x" * 2 * MEGABYTE + b'"}',
    "nothing": b"",
    "null": b"null",
    "text": b'"' + b"x" * 900_000 + b'"',
    "many metadata": json.dumps(
        {"name": "x", "client_metadata": {f"a{n}": "b" for n in range(40_000)}}
    ).encode(),
    "unknown objects": json.dumps(
        {"name": "x", "jwt_configuration": {f"a{n}": {} for n in range(40_000)}}
    ).encode(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_cannot_break_the_management_api(target: Target, name: str) -> None:
    """An administrator of one tenant cannot stop the server for all others with a document of a megabyte."""
    with target.manage() as manage:
        for path in ("clients", "resource-servers", "client-grants"):
            asked = time.monotonic()
            is_refused(manage.post(f"/api/v2/{path}", content=DOCUMENTS[name]), asked)
        asked = time.monotonic()
        is_refused(manage.patch("/api/v2/tenants/settings", content=DOCUMENTS[name]), asked)


def test_support_addresses_take_no_time(target: Target) -> None:
    """The expressions for addresses of people and pictures do not backtrack."""
    with target.manage() as manage:
        for field, text in (
            ("support_email", "a" * 127 + "@" + "b" * 126),
            ("support_email", "@" * 254),
            ("support_email", "a@" * 100_000),
            ("picture_url", "https://" + ":" * 1_400),
            ("support_url", "https://" + "a" * 400_000),
        ):
            asked = time.monotonic()
            answer = manage.patch("/api/v2/tenants/settings", json={field: text})
            assert time.monotonic() - asked < PATIENCE
            assert answer.status_code in (200, 400)
        assert manage.patch("/api/v2/tenants/settings", json={"support_email": ""}).status_code == 200


def test_a_member_twice_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock above finds a search that looks through all names again for each name."""

    def slow(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        raise ValueError(next(name for name in names if names.count(name) > 1))

    small = b"{" + b",".join(b'"a%d":1' % n for n in range(3_000)) + b',"z":1,"z":2}'
    times = []
    for reader in (document._once, slow):
        monkeypatch.setattr(document, "_once", reader)
        asked = time.perf_counter()
        with pytest.raises(Exception):  # noqa: B017, PT011 - only its time is of interest
            document.parse(small)
        times.append(time.perf_counter() - asked)
    assert times[1] > 5 * times[0]
