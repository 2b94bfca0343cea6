"""Class 50: another serialisation of a JWS is read with fewer checks than the compact one."""

import json
from collections.abc import Awaitable, Callable

import pytest

from sekisho import tokens
from sekisho.model.bearer import Bearer
from sekisho.spec import jose
from sekisho.tenant import Tenant
from tests.attacks.double import Double
from tests.attacks.forgery import ALL, forged, intrude, is_refused, nobody_came_in, segment, text_of, wished
from tests.attacks.target import MANAGEMENT, Target


def serialised(token: str, claims: object) -> list[str]:
    """An honest token and a wish, in every shape of RFC 7515 section 7.2."""
    head, body, tail = token.split(".")
    wish = segment(claims)
    signature = {"protected": head, "signature": tail}
    shapes: list[object] = [
        {"payload": body, **signature},
        {"payload": wish, **signature},
        {"payload": wish},
        {"payload": wish, "signatures": []},
        {"payload": body, "signatures": [signature]},
        {
            "payload": wish,
            "signatures": [signature, {"protected": segment({"alg": "none"}), "signature": ""}],
        },
        {"payload": wish, "signatures": [{"header": {"alg": "none"}, "signature": ""}, signature]},
        {"payload": wish, **signature, "header": {"alg": "none"}},
        [token],
        token,
        {"access_token": token},
    ]
    return [text for shape in shapes for text in (json.dumps(shape), text_of(json.dumps(shape).encode()))]


def test_only_the_compact_form_is_read(target: Target) -> None:
    """No JSON serialisation is a bearer token, with however many signatures."""
    token = target.token("reader", MANAGEMENT)
    _, claims = wished(target)
    with target.web() as web:
        for text in serialised(token, claims):
            is_refused(intrude(web, text))
    nobody_came_in(target)


def shapes_of(token: str) -> list[str]:
    """An honest token with too little, too much, or something between."""
    head, body, tail = token.split(".")
    return [
        f"{head}.{body}",
        f"{head}.{tail}",
        head,
        f"{token}.",
        f".{token}",
        f"{token}.{tail}",
        f"{head}.{body}.{tail}.{body}.{tail}",
        f"{head}.{body}.{body}.{tail}",
        f"{head}. {body}.{tail}",
        f"{head} .{body}.{tail}",
        f"{head}.{body}\t.{tail}",
        f"{head}.{body[:9]} {body[9:]}.{tail}",
        f'"{token}"',
        f"<{token}>",
        f"{token},{token}",
        f"{token} {token}",
        f"{token};",
        f"{token}%00",
        f"{head}==.{body}==.{tail}==",
        f"{head}.{body}.{tail}=",
        f"{head}.{body}.{tail}A",
        f"{head}.{body}.{tail}" + "A" * 4,
        f"{head}.{body}.+/{tail}",
        token.replace(".", "%2e"),
        token.replace(".", "\u2024").encode().decode("latin-1"),
        text_of(token.encode()),
        token.swapcase(),
        "." * 2,
        "." * 40,
    ]


def test_an_honest_token_has_one_shape(target: Target) -> None:
    """Two, four or more segments, white space, padding or a wrapping make an honest token none."""
    token = target.token("reader", MANAGEMENT)
    with target.web() as web:
        for text in shapes_of(token):
            told = [(b"authorization", f"Bearer {text}".encode("latin-1"))]
            is_refused(web.get("/api/v2/clients", headers=told))


def respelled(token: str) -> str:
    """The same octets in another spelling: the unused bits at the end of the signature are set."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) | 1]


def test_octets_have_one_spelling(target: Target) -> None:
    """A token cannot be respelled, so a list of revoked ones cannot be walked around."""
    token = target.token("reader", MANAGEMENT)
    assert respelled(token) != token
    with target.web() as web:
        is_refused(intrude(web, respelled(token)))


def nested(target: Target) -> list[str]:
    """An honest token as the payload of another one, and the other way round."""
    honest = target.token("reader", MANAGEMENT)
    header, claims = wished(target)
    return [
        forged(header | {"cty": "JWT"}, honest.encode(), bytes(256)),
        forged({"alg": "none", "cty": "JWT"}, honest.encode()),
        forged(header, json.dumps(honest).encode(), bytes(256)),
        forged(header, claims | {"token": honest}, bytes(256)),
        forged({"alg": "dir", "enc": "A128GCM", "cty": "JWT"}, claims) + ".AA.AA",
        forged(header, b"[" * 5000 + b"]" * 5000, bytes(256)),
        forged(b'{"alg":"RS256","a":' + b'{"a":' * 2000 + b"1" + b"}" * 2001, claims, bytes(256)),
    ]


def test_nothing_is_unwrapped(target: Target) -> None:
    """A token within a token lends it nothing, and depth is no way to break the reader."""
    with target.web() as web:
        for text in nested(target):
            is_refused(intrude(web, text))
    nobody_came_in(target)


def doubtful(double: Double, claims: bytes) -> str:
    """Claims that readers read differently, truly signed."""
    return double.tenant.keys.signer("tokens", "RS256").sign(claims, "JWT")


def test_a_claim_is_said_once(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signed token that says `scope` twice is refused; a lenient reader would take the second one."""
    _, claims = wished(double.target, scope="read:clients")
    text = json.dumps(claims)
    twice = (text[:-1] + f', "scope": "{ALL}"}}').encode()
    token = doubtful(double, twice)
    with double.target.web() as web:
        is_refused(intrude(web, token))
        for odd in (
            text + " {}",
            text[:-1] + ', "a": NaN}',
            text[:-1] + ', "a": 1e999}',
            "[" + text + "]",
            f"\ufeff{text}",
        ):
            is_refused(intrude(web, doubtful(double, odd.encode())))
        monkeypatch.setattr(jose, "_JSON", json.JSONDecoder())
        assert intrude(web, token).status_code == 201


def test_a_lenient_alphabet_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a decoder that takes any spelling, the respelled token is good."""
    import base64

    token = respelled(double.target.token("reader", MANAGEMENT))
    with double.target.manage(token) as web:
        assert web.get("/api/v2/clients").status_code == 401
        monkeypatch.setattr(jose, "decode", lambda text: base64.urlsafe_b64decode(text + b"=="))
        assert web.get("/api/v2/clients").status_code == 200


def test_a_reader_of_json_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a reader that puts a JSON serialisation together again, it is good."""
    honest: Callable[[str, Tenant], Awaitable[Bearer]] = tokens.read

    async def lenient(text: str, tenant: Tenant) -> Bearer:
        if text.startswith("{"):
            said = json.loads(text)
            text = ".".join((said["protected"], said["payload"], said["signature"]))
        return await honest(text, tenant)

    token = double.target.token("reader", MANAGEMENT)
    with double.target.manage(serialised(token, {})[0]) as web:
        is_refused(web.get("/api/v2/clients"))
        monkeypatch.setattr(tokens, "read", lenient)
        assert web.get("/api/v2/clients").status_code == 200
