"""Class 46: the verifier takes the algorithm from the attacker: a public key becomes an HMAC secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

from sekisho.keys.signer import Verifier
from sekisho.spec.jose import Compact
from tests.attacks.double import Double
from tests.attacks.forgery import forged, intrude, is_refused, keys_of, nobody_came_in, segment, wished
from tests.attacks.target import Target

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
PREFIXES = (b"\n", b" ", b"\xef\xbb\xbf", b"\0", b"# a comment\n", b"junk ")


def secrets_of(jwk: dict[str, Any]) -> Iterator[bytes]:
    """Every spelling of a public key that some library somewhere took for a secret."""
    der = base64.b64decode(jwk["x5c"][0])
    certificate = load_der_x509_certificate(der)
    public = certificate.public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        if form is PublicFormat.PKCS1 and jwk["kty"] != "RSA":
            continue
        pem = public.public_bytes(Encoding.PEM, form)
        yield from (pem, pem.strip(), pem.replace(b"\n", b"\r\n"), public.public_bytes(Encoding.DER, form))
        yield from (prefix + pem for prefix in PREFIXES)
    yield from (der, jwk["x5c"][0].encode(), certificate.public_bytes(Encoding.PEM))
    yield from (json.dumps(jwk).encode(), json.dumps(jwk, separators=(",", ":")).encode())
    yield from (str(jwk.get(name, "")).encode() for name in ("n", "x", "kid", "x5t", "x5t#S256"))
    yield b""


def signed_with(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token with an HMAC instead of a signature."""
    text = f"{segment(header)}.{segment(claims)}".encode()
    tail = hmac.digest(secret, text, HASHES.get(header["alg"], hashlib.sha256))
    return forged(header, claims, tail)


def test_a_public_key_is_no_secret(target: Target) -> None:
    """No spelling of a published key, nor an empty one, signs as an HMAC secret under any HS algorithm."""
    header, claims = wished(target)
    with target.web() as web:
        for jwk in keys_of(web):
            for secret in secrets_of(jwk):
                is_refused(
                    intrude(web, signed_with(secret, header | {"alg": "HS256", "kid": jwk["kid"]}, claims))
                )
            for alg in ("HS384", "HS512"):
                secret = next(secrets_of(jwk))
                is_refused(
                    intrude(web, signed_with(secret, header | {"alg": alg, "kid": jwk["kid"]}, claims))
                )
            without = {"alg": "HS256", "typ": "JWT"}
            is_refused(intrude(web, signed_with(b"", without, claims)))
    nobody_came_in(target)


ALGS: list[object] = [
    "PS256", "ES256", "EdDSA", "Ed25519", "RS384", "RS512", "rs256", "Rs256", "RS256 ", " RS256", "RS256\0",
    "RS", "", None, 256, True, ["RS256"], {"alg": "RS256"}, "RS256,none", "dir", "RSA-OAEP",
    "PBES2-HS256+A128KW",
]  # fmt: skip


@pytest.mark.parametrize("alg", ALGS, ids=repr)
def test_an_algorithm_is_that_of_its_key(target: Target, alg: object) -> None:
    """A true signature under another name of its algorithm is no signature."""
    head, body, tail = target.token("reader", "https://id.example.com/api/v2/").split(".")
    header, _ = wished(target)
    with target.web() as web:
        for jwk in keys_of(web):
            changed = segment(header | {"alg": alg, "kid": jwk["kid"]})
            is_refused(intrude(web, f"{changed}.{body}.{tail}"))
    assert head
    nobody_came_in(target)


def confused(self: Verifier, compact: Compact) -> bool:
    """The bug itself: what the header names decides how the key is used."""
    if compact.alg.startswith("HS"):
        pem = self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return hmac.digest(pem, compact.signing_input, "sha256") == compact.signature
    return self.verify(compact.signing_input, compact.signature)


def test_the_public_key_attack_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that trusts `alg`, the same token opens the management API."""
    target = double.target
    header, claims = wished(target)
    with target.web() as web:
        jwk = next(key for key in keys_of(web) if key["alg"] == "RS256")
        token = signed_with(next(secrets_of(jwk)), header | {"alg": "HS256", "kid": jwk["kid"]}, claims)
        is_refused(intrude(web, token))
        with monkeypatch.context() as mutant:
            mutant.setattr("sekisho.spec.jose.alg_is_allowed", lambda *_: None)
            is_refused(intrude(web, token))  # the verifier itself is the second guard
            mutant.setattr(Verifier, "signed", confused)
            assert intrude(web, token).status_code == 201


def test_an_algorithm_that_is_not_compared_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A true ES256 signature that calls itself RS256 is refused by the comparison alone."""
    target = double.target
    header, claims = wished(target)
    signer = double.tenant.keys.signer("tokens", "ES256")
    head = segment(header | {"alg": "RS256", "kid": signer.kid}).encode()
    token = signer.compact(head, json.dumps(claims).encode())
    with target.web() as web:
        is_refused(intrude(web, token))
        monkeypatch.setattr(Verifier, "signed", confused)
        assert intrude(web, token).status_code == 201


def test_keys_load(target: Target) -> None:
    """The spellings above are those of real keys: the attack does not fail for want of a key."""
    with target.web() as web:
        for jwk in keys_of(web):
            public = load_der_x509_certificate(base64.b64decode(jwk["x5c"][0])).public_key()
            der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            assert load_der_public_key(der) == public
