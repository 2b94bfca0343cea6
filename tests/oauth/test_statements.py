"""Software statements that this tenant did not sign as such: each is refused before anything is looked up."""

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from sekisho import tokens
from sekisho.keys.certificate import public_key
from sekisho.keys.signer import segment
from sekisho.spec.contrast import Contrast
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import STATEMENT_INVALID
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement
from tests.software import Software, issuer_of, software, software_in
from tests.tenants import NOW, ORIGIN


@pytest.fixture
async def tv() -> Software:
    return await software()


async def refused(tv: Software, text: str) -> None:
    """Nobody is registered by this text."""
    with pytest.raises(Refused) as refused:
        await tv.install(text)
    assert refused.value.reason is STATEMENT_INVALID


def opened(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims."""
    head, body, _ = text.split(".")
    header, claims = (json.loads(b64decode(part + "==", "-_")) for part in (head, body))
    return header, claims


def signed(tenant: Tenant, header: dict[str, Any], claims: dict[str, Any], ring: str = "statements") -> str:
    """Our own signature over whatever we are told."""
    return tenant.keys.signer(ring, "RS256").compact(segment(header), msgspec.json.encode(claims))


def assembled(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """The shape of a statement."""
    text = segment(header) + b"." + encode(msgspec.json.encode(claims))
    return (text + b"." + encode(signature)).decode()


def test_what_a_statement_says(tv: Software) -> None:
    """The application, the tenant, the statement, since when; no end, and no word on the software itself."""
    header, claims = opened(tv.text)
    assert header == {"alg": "RS256", "kid": tv.tenant.keys.signer("statements", "RS256").kid}
    assert claims == {
        "iss": f"{ORIGIN}/",
        "sub": tv.application.id,
        "iat": int(NOW),
        "nbf": int(NOW),
        "jti": tv.statement.id,
    }


async def test_signed_again_it_is_as_good(tv: Software) -> None:
    """The ways to forge that this file takes do not fail for reasons of their own."""
    await tv.install(signed(tv.tenant, *opened(tv.text)))


@pytest.mark.parametrize(
    "text",
    [
        *("x", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d.e", "{}", "null", "e30.e30.", "e30.e30.e30"),
        *("statement", "9.9.9", "\ud800.e30.e30", "例.え.文", "x" * 20_000, ".".join(["x" * 9_000] * 3)),
    ],
    ids=lambda text: ascii(text[:12]),
)
async def test_something_else_is_no_statement(tv: Software, text: str) -> None:
    """What is no compact JWS of claims is refused. RFC 7519 section 7.2."""
    await refused(tv, text)


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_a_statement_that_was_tampered_with(tv: Software, part: int) -> None:
    """A change of any of its three parts is seen. RFC 7515 section 5.2."""
    parts = tv.text.split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    await refused(tv, ".".join(parts))


async def test_a_statement_cut_short(tv: Software) -> None:
    """Without a signature, or without all of it, it is none."""
    unsigned, _, tail = tv.text.rpartition(".")
    for text in (unsigned, f"{unsigned}.", f"{unsigned}.{tail[:-4]}", f"{tv.text}AAAA", f"{tv.text}.{tail}"):
        await refused(tv, text)


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "", None, "HS256", "PS256", "ES256", "RS512", ["RS256"]]
)
async def test_another_algorithm(tv: Software, alg: object) -> None:
    """Statements are RS256 alone, whatever the header says, signed or not. RFC 8725 sections 3.1 and 3.2."""
    header, claims = opened(tv.text)
    await refused(tv, signed(tv.tenant, {**header, "alg": alg}, claims))
    await refused(tv, assembled({**header, "alg": alg}, claims))


def spellings(tenant: Tenant, kid: str) -> list[bytes]:
    """A public key as it might be taken for a secret."""
    (record,) = (each for each in tenant.keys.rings["statements"] if each.id == kid)
    public = public_key(record.certificate)
    forms = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    encoded = [public.public_bytes(kind, form) for form in forms for kind in (Encoding.PEM, Encoding.DER)]
    return [*encoded, record.certificate, kid.encode(), b""]


async def test_a_public_key_is_no_secret(tv: Software) -> None:
    """An HMAC with our public key, however it is spelled, is no signature. RFC 8725 section 2.1."""
    header, claims = opened(tv.text)
    for name in ("HS256", "RS256"):
        told = {**header, "alg": name}
        text = segment(told) + b"." + encode(msgspec.json.encode(claims))
        for secret in spellings(tv.tenant, header["kid"]):
            tail = hmac.digest(secret, text, hashlib.sha256)
            await refused(tv, assembled(told, claims, tail))


async def test_the_key_of_tokens_signs_no_statement(tv: Software) -> None:
    """A key has one use: with that of tokens no statement is made. RFC 8725 section 3.8."""
    header, claims = opened(tv.text)
    kid = tv.tenant.keys.signer("tokens", "RS256").kid
    await refused(tv, signed(tv.tenant, {**header, "kid": kid}, claims, "tokens"))
    await refused(tv, signed(tv.tenant, header, claims, "tokens"))
    await refused(tv, signed(tv.tenant, {**header, "kid": kid}, claims))


async def test_whose_key_and_whose_name_is_told(tv: Software) -> None:
    """The audit has the key that was named beside ours, and the issuer; never the statement."""
    header, claims = opened(tv.text)
    for text, seen in (
        (signed(tv.tenant, {**header, "kid": "x"}, claims), ("kid", header["kid"], "x")),
        (
            signed(tv.tenant, header, {**claims, "iss": "https://other.example/"}),
            ("iss", "an address of this tenant", "https://other.example/"),
        ),
    ):
        with pytest.raises(Refused) as refused:
            await tv.install(text)
        assert refused.value.seen == Contrast(*seen)


async def test_a_token_is_no_statement(tv: Software) -> None:
    """What an installation was given is not good for making more of them."""
    token = await tv.token_of(await tv.install())
    await refused(tv, str(token["access_token"]))


async def test_a_statement_is_no_token(tv: Software) -> None:
    """What is in everybody's hands opens nothing by itself."""
    with pytest.raises(Refused) as refused:
        await tokens.read(tv.text, tv.tenant)
    assert refused.value.reason.error == "invalid_token"


async def test_a_statement_of_another_tenant(tv: Software) -> None:
    """Neither its own signature nor ours under its name is good here."""
    other = await software_in(tv.directory, tv.clock, "acme")
    await other.install()
    await refused(tv, other.text)
    await refused(other, tv.text)
    header, claims = opened(tv.text)
    await refused(tv, signed(tv.tenant, header, {**claims, "iss": issuer_of("acme")}))
    await refused(tv, signed(other.tenant, header, claims))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"])
async def test_a_header_that_brings_more(tv: Software, name: str) -> None:
    """Keys are found by name alone, and no extension is understood. RFC 8725 sections 3.10 and 3.11."""
    header, claims = opened(tv.text)
    await refused(tv, signed(tv.tenant, {**header, name: ["exp"]}, claims))


@pytest.mark.parametrize("kid", [None, "", "x", "../../etc/passwd", "' OR 1=1 --", 5, ["x"], "x" * 5_000])
async def test_a_key_that_is_not_ours(tv: Software, kid: object) -> None:
    """Without the name of one of our keys there is nothing to verify with."""
    header, claims = opened(tv.text)
    await refused(tv, signed(tv.tenant, {**header, "kid": kid}, claims))


WRONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no sub": lambda claims: {**claims, "sub": None},
    "sub is a list": lambda claims: {**claims, "sub": [claims["sub"]]},
    "no jti": lambda claims: {**claims, "jti": None},
    "jti is a number": lambda claims: {**claims, "jti": 1},
    "no issuer": lambda claims: {**claims, "iss": None},
    "the vendor's issuer": lambda claims: {**claims, "iss": "auth.example"},
    "somebody else's": lambda claims: {**claims, "iss": "https://evil.example/"},
    "an issuer like ours": lambda claims: {**claims, "iss": f"{ORIGIN}.evil.example/"},
    "no iat": lambda claims: {**claims, "iat": None},
    "iat is a text": lambda claims: {**claims, "iat": "1800000000"},
    "no nbf": lambda claims: {**claims, "nbf": None},
    "nbf ahead": lambda claims: {**claims, "nbf": int(NOW) + 6},
    "nbf is true": lambda claims: {**claims, "nbf": True},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
async def test_claims_that_we_never_make(tv: Software, change: Callable[..., dict[str, Any]]) -> None:
    """Our key alone is not enough: a statement names application, statement, tenant and a time."""
    header, claims = opened(tv.text)
    told = {name: value for name, value in change(claims).items() if value is not None}
    await refused(tv, signed(tv.tenant, header, told))


async def test_clocks_may_differ_a_little(tv: Software) -> None:
    """Processes that are seconds apart accept what the other has just signed."""
    early = replace(tv.statement, created_at=NOW + software_statement.CLOCK_SKEW)
    await tv.install(software_statement.mint(early, issuer_of("demo"), tv.tenant))
