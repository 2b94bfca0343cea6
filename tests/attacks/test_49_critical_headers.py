"""Class 49: a header that must be understood is ignored (RFC 7515 section 4.1.11, RFC 7797)."""

import json

import pytest

from sekisho.spec import jose
from tests.attacks.double import Double
from tests.attacks.forgery import forged, intrude, is_refused, nobody_came_in, segment, wished
from tests.attacks.target import Target

CRITICAL: list[dict[str, object]] = [
    {"crit": ["b64"], "b64": False},
    {"crit": ["b64"], "b64": True},
    {"crit": ["b64"]},
    {"crit": ["exp"], "exp": 1},
    {"crit": ["http://example.com/bork"], "http://example.com/bork": True},
    {"crit": ["alg"]},
    {"crit": ["kid", "alg", "typ"]},
    {"crit": []},
    {"crit": None},
    {"crit": "b64", "b64": False},
    {"crit": {"b64": 1}},
    {"crit": [None]},
    {"crit": [["b64"]]},
    {"crit": 1},
    {"crit": False},
    {"b64": False},
    {"b64": True},
    {"b64": "false"},
    {"zip": "DEF"},
    {"enc": "A128GCM"},
]


def truly_signed(double: Double, **header: object) -> str:
    """Signed with a real key of the tenant: nothing but the header is wrong with it."""
    honest, claims = wished(double.target)
    signer = double.tenant.keys.signer("tokens", "RS256")
    return signer.compact(segment(honest | header).encode(), json.dumps(claims).encode())


@pytest.mark.parametrize("header", CRITICAL, ids=repr)
def test_what_is_critical_is_never_ignored(target: Target, double: Double, header: dict[str, object]) -> None:
    """A token that demands an extension is refused: forged on the real server, truly signed on its double."""
    honest, claims = wished(target)
    with target.web() as web:
        is_refused(intrude(web, forged(honest | header, claims, bytes(256))))
    with double.target.web() as web:
        is_refused(intrude(web, truly_signed(double, **header)))
    nobody_came_in(target)
    nobody_came_in(double.target)


def test_an_unencoded_payload_is_not_read(target: Target) -> None:
    """A detached or unencoded payload is not taken from anywhere."""
    head, body, tail = target.token("reader", "https://id.example.com/api/v2/").split(".")
    with target.web() as web:
        for text in (f"{head}..{tail}", f"{head}.{{}}.{tail}", f"{head}.{body}=.{tail}", f".{body}.{tail}"):
            is_refused(intrude(web, text))
    nobody_came_in(target)


def test_critical_headers_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rules about `crit` and `b64`, the same tokens open the management API."""
    left = tuple(
        rule for rule in jose.OURS if rule not in (jose.nothing_is_critical, jose.payload_is_encoded)
    )
    assert len(left) == len(jose.OURS) - 2
    monkeypatch.setattr(jose, "OURS", left)
    with double.target.web() as web:
        for header in CRITICAL[:18]:
            assert intrude(web, truly_signed(double, **header)).status_code == 201
