"""Class 70: bodies of requests that take more time or memory to refuse than to send."""

import time

import pytest

from tests.attacks.patience import MEGABYTE, PATIENCE, is_refused
from tests.attacks.target import Target

pytestmark = pytest.mark.usefixtures("still_well")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

BODIES = {
    "deep object": (JSON, b'{"client_id":' * 4_000 + b"1" + b"}" * 4_000),
    "deep list": (JSON, b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    "unclosed": (JSON, b'{"a":' * 12_000),
    "deep brackets": (JSON, b"[" * 64_000),
    "long integer": (JSON, b'{"client_id":' + b"9" * 60_000 + b"}"),
    "long float": (JSON, b'{"client_id":1' + b"0" * 50_000 + b".5}"),
    "large exponent": (JSON, b'{"client_id":1e400,"client_secret":1e-400}'),
    "many members": (JSON, b"{" + b",".join(b'"a%d":1' % n for n in range(6_000)) + b"}"),
    "many values": (JSON, b'{"a":[' + b",".join([b"1"] * 30_000) + b"]}"),
    "many scopes in a list": (JSON, b'{"scope":[' + b",".join([b'"a"'] * 10_000) + b"]}"),
    "a bomb of escapes": (JSON, b'{"a":"' + rb"\ud83d\ude00" * 5_000 + b'"}'),
    "half a surrogate as client": (
        JSON,
        rb'{"grant_type":"client_credentials","client_id":"\ud800","client_secret":"x"}',
    ),
    "half a surrogate as name": (
        JSON,
        rb'{"grant_type":"client_credentials","\udfff":"x","client_id":"x","client_secret":"x"}',
    ),
    "half a surrogate in bytes": (JSON, b'{"client_id":"\xed\xa0\x80","client_secret":"x","grant_type":"x"}'),
    "NUL in JSON": (JSON, rb'{"client_id":"a\u0000b","client_secret":"x"}'),
    "NUL as name": (JSON, rb'{"\u0000":"a","client_id":"x","client_secret":"x"}'),
    "raw NUL": (JSON, b'{"a":"\0"}'),
    "UTF-16": (JSON, '{"client_id":"a"}'.encode("utf-16")),
    "UTF-32": (JSON, '{"client_id":"a"}'.encode("utf-32")),
    "not UTF-8": (JSON, b'{"a":"\xff"}'),
    "empty JSON": (JSON, b""),
    "NaN": (JSON, b'{"client_id":NaN,"client_secret":-Infinity}'),
    "NUL in a form": (FORM, b"client_id=a%00b&client_secret=x"),
    "raw NUL in a form": (FORM, b"client_id=a\0b&client_secret=x"),
    "form that is not UTF-8": (FORM, b"client_id=%ff%fe&client_secret=\xff"),
    "overlong UTF-8": (FORM, b"client_id=%c0%80&client_secret=%e0%80%80"),
    "surrogate in a form": (FORM, b"client_id=%ed%a0%80&client_secret=x"),
    "many parameters": (FORM, b"&".join(b"a%d=1" % n for n in range(5_000))),
    "ampersands": (FORM, b"&" * 65_000),
    "equals": (FORM, b"=" * 65_000),
    "percents": (FORM, b"%" * 65_000),
    "plus": (FORM, b"client_id=" + b"+" * 30_000),
    "long secret": (FORM, b"grant_type=client_credentials&client_id=x&client_secret=" + b"x" * 32_000),
    "a megabyte": (FORM, b"a=" + b"x" * MEGABYTE),
    "ten megabytes": (FORM, b"a=" + b"x" * 10 * MEGABYTE),
    "a megabyte of JSON": (JSON, b'{"a":"' + b"x" * MEGABYTE + b'"}'),
    "XML": ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "multipart": ("multipart/form-data; boundary=" + "x" * 8_000, b"--x\r\n" * 9_000),
    "a strange type": ("a" * 8_000 + "/" + ";" * 8_000, b"x"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_cannot_break_the_token_endpoint(target: Target, name: str) -> None:
    """However a body is deep, long, many or malformed, it is refused in good time and never a 500."""
    kind, body = BODIES[name]
    with target.web() as web:
        asked = time.monotonic()
        is_refused(web.post("/oauth/token", content=body, headers={"content-type": kind}), asked)


LONG = {
    "scope of many words": {"scope": " ".join(f"s{n}" for n in range(6_000))},
    "scope of spaces": {"scope": " " * 30_000 + "a" + " " * 30_000},
    "scope of one word": {"scope": "a" * 32_000 + "!\\"},
    "scope of controls": {"scope": "\x1f\x0b\x85\u2028" * 2_000},
    "long audience": {"audience": "https://" + "a." * 15_000},
    "audience that looks like an issuer": {
        "audience": "https://" + "a" * 270 + "/t/" + "b" * 63 + "/" * 200 + "api/v2/"
    },
    "audience of slashes": {"audience": "/" * 30_000 + "api/v2/"},
    "long client id": {"client_id": "x" * 30_000},
    "client id of signs": {"client_id": "é" * 512},
    "long grant type": {"grant_type": "client_credentials" * 1_700},
}


@pytest.mark.parametrize("name", LONG)
def test_a_pathological_value_takes_no_time(target: Target, name: str) -> None:
    """No parameter makes an expression backtrack or a list grow: the answer comes at once, whatever it is."""
    with target.web() as web:
        asked = time.monotonic()
        answer = web.post("/oauth/token", data=target.form("machine", **LONG[name]))
        assert time.monotonic() - asked < PATIENCE
        assert answer.status_code in (200, 400, 401, 413)
        assert len(answer.content) < 4_000
