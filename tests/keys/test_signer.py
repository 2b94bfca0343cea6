"""Everybody can verify what we sign, and nobody can forge it (RFC 7515)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from joserfc import jwk, jws
from joserfc.jwk import KeySet

from sekisho.keys import algorithm
from sekisho.keys.algorithm import dump, generate, load
from sekisho.keys.signer import Signer, Verifier, segment
from sekisho.spec.jose import decode, encode, read_compact

ALGS = ("RS256", "PS256", "ES256", "EdDSA")
IMPORT: Mapping[str, Callable[..., Any]] = {
    "RS256": jwk.RSAKey.import_key,
    "PS256": jwk.RSAKey.import_key,
    "ES256": jwk.ECKey.import_key,
    "EdDSA": jwk.OKPKey.import_key,
}
VECTORS = json.loads((Path(__file__).parent.parent / "spec" / "vectors" / "jose.json").read_text())
PAYLOAD = b'{"iss":"https://id.example.com/","sub":"someone","exp":2000}'


@pytest.fixture(params=ALGS)
def alg(request):
    """Each algorithm that we sign with."""
    return request.param


def verifier_of(keys, alg: str) -> Verifier:
    verifier = keys.verifier("tokens", keys.signer("tokens", alg).kid)
    assert isinstance(verifier, Verifier)
    return verifier


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_others_verify_what_we_sign(keys, alg):
    """Tokens verify in an independent library, by the published key set alone. RFC 7515 section 5.2."""
    token = keys.signer("tokens", alg).sign(PAYLOAD, "at+jwt")
    published = KeySet.import_key_set(json.loads(keys.jwks("tokens")))
    read = jws.deserialize_compact(token, published, algorithms=[alg])
    assert read.payload == PAYLOAD
    assert read.protected == {"alg": alg, "typ": "at+jwt", "kid": keys.signer("tokens", alg).kid}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_we_verify_what_others_sign(records, sealer, keys, alg):
    """A token that an independent library signs with the same key verifies here. RFC 7515 section 5.2."""
    record = next(record for record in records if record.alg == alg)
    private = load_der_private_key(keys.signer("tokens", alg).unlock(), None)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    token = jws.serialize_compact({"alg": alg, "kid": record.id}, PAYLOAD, IMPORT[alg](pem), algorithms=[alg])
    assert verifier_of(keys, alg).signed(read_compact(token, {alg}))


def test_our_own_tokens_pass_our_own_reading(keys, alg):
    """What we mint is a compact JWS by our own rules, signed by the key it names. RFC 7515 section 7.1."""
    read = read_compact(keys.signer("tokens", alg).sign(PAYLOAD, "JWT"), ALGS)
    assert (read.alg, read.typ) == (alg, "jwt")
    assert keys.verifier("tokens", read.kid).signed(read)


@pytest.mark.parametrize("vector", VECTORS["signed"], ids=lambda vector: vector["where"])
def test_verifies_the_examples(vector):
    """The signatures of the documents verify. RFC 7515 appendices A.2 and A.3, RFC 8037 appendix A.4."""
    text, _, tail = vector["token"].encode().rpartition(b".")
    public = IMPORT[vector["alg"]](vector["jwk"]).public_key
    verifier = Verifier("k", vector["alg"], lambda: public)
    assert verifier.verify(text, decode(tail))
    assert not verifier.verify(text + b"A", decode(tail))


def test_a_signature_is_for_its_text_alone(keys, alg):
    """A changed text, a changed, cut, longer or empty signature does not verify. RFC 7515 section 5.2."""
    verifier = verifier_of(keys, alg)
    read = read_compact(keys.signer("tokens", alg).sign(PAYLOAD, "JWT"), ALGS)
    text, signature = read.signing_input, read.signature
    assert verifier.verify(text, signature)
    assert not verifier.verify(text + b"A", signature)
    for at in (0, len(signature) // 2, len(signature) - 1):
        flipped = bytearray(signature)
        flipped[at] ^= 1
        assert not verifier.verify(text, bytes(flipped))
    for broken in (
        b"",
        signature[:-1],
        signature + b"\0",
        b"\0" + signature,
        b"\0" * len(signature),
        b"\xff" * len(signature),
    ):
        assert not verifier.verify(text, broken)


def test_a_key_verifies_its_own_algorithm_only(keys):
    """A token that names another algorithm than its key's fails. RFC 8725 section 3.1 (class 46)."""
    signer = keys.signer("tokens", "RS256")
    forged = read_compact(signer.compact(segment({"alg": "PS256", "kid": signer.kid}), PAYLOAD), ALGS)
    verifier = verifier_of(keys, "RS256")
    assert verifier.verify(forged.signing_input, forged.signature)
    assert not verifier.signed(forged)


def test_a_key_verifies_no_other_key(keys, sealer):
    """A token of another key that claims this kid does not verify. RFC 8725 section 3.8 (class 48)."""
    mine = keys.signer("tokens", "ES256")
    other = dump(generate("ES256"))
    forged = read_compact(Signer(mine.kid, "ES256", lambda: other).sign(PAYLOAD, "JWT"), ALGS)
    assert not keys.verifier("tokens", forged.kid).signed(forged)


def test_a_raw_signature_keeps_its_width():
    """An ES256 signature is 64 octets also where r or s begin with zeros. RFC 7518 section 3.4."""
    private = generate("ES256")

    for r, s in ((1, 2), (2**255, 2**255), (2**248 - 1, 1), (2**255 - 1, 2**256 - 1), (127, 128)):
        assert algorithm.SIGN["ES256"](Fixed(r, s), b"") == r.to_bytes(32) + s.to_bytes(32)
    for at in range(300):
        raw = algorithm.SIGN["ES256"](private, b"%d" % at)
        assert len(raw) == 64
        algorithm.VERIFY["ES256"](private.public_key(), raw, b"%d" % at)


class Fixed:
    """A key whose signature is known."""

    def __init__(self, r: int, s: int) -> None:
        self.r, self.s = r, s

    def sign(self, *_):
        """The signature as DER."""
        der = encode_dss_signature(self.r, self.s)
        assert decode_dss_signature(der) == (self.r, self.s)
        return der


def test_a_header_is_made_once(keys):
    """The header of a type is computed for its first token only, and is its own for each type."""
    signer = Signer("k", "ES256", keys.signer("tokens", "ES256").unlock)
    first, second = (signer.sign(PAYLOAD, "JWT").split(".")[0] for _ in range(2))
    assert first == second == encode(b'{"alg":"ES256","typ":"JWT","kid":"k"}').decode()
    assert list(signer._heads) == ["JWT"]
    assert (
        signer.sign(PAYLOAD, 'a"b').split(".")[0]
        == encode(b'{"alg":"ES256","typ":"a\\"b","kid":"k"}').decode()
    )


def test_signs_under_another_header(keys):
    """A dialect may have a header of its own; the signature covers it. RFC 7515 section 5.1."""
    signer = keys.signer("tokens", "EdDSA")
    read = read_compact(signer.compact(segment({"alg": "EdDSA"}), PAYLOAD), {"EdDSA"})
    assert read.header == {"alg": "EdDSA"}
    assert verifier_of(keys, "EdDSA").signed(read)


def test_a_key_is_opened_once_and_not_before_it_is_used():
    """An unused key costs nothing, a used one is loaded a single time."""
    opened = []
    plain = dump(generate("ES256"))

    def unlock() -> bytes:
        opened.append(1)
        return plain

    signer = Signer("k", "ES256", unlock)
    assert opened == []
    signer.sign(PAYLOAD, "JWT")
    signer.sign(PAYLOAD, "JWT")
    assert opened == [1]


@pytest.mark.parametrize(
    ("name", "bits"), [("RS256", 1024), ("RS256", 2047), ("HS256", 2048), ("none", 2048), ("", 2048)]
)
def test_makes_no_weak_key(name, bits):
    """An RSA key has at least 2048 bits, and only our algorithms have keys. RFC 7518 section 3.3."""
    with pytest.raises(ValueError, match="no key"):
        generate(name, bits)


def test_a_key_survives_being_dumped(alg, keys):
    """PKCS#8 keeps a key as it is. RFC 5958."""
    plain = keys.signer("tokens", alg).unlock()
    assert dump(load(plain)) == plain
    assert plain == load_der_private_key(plain, None).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def test_loads_its_own_kinds_only():
    """A sealed key that cannot sign is a mistake, said at once."""
    plain = x25519.X25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(TypeError, match="do not sign with"):
        load(plain)


def test_keys_are_of_the_right_size():
    """RSA has 2048 bits and the usual exponent, ES256 is on P-256. RFC 7518 sections 3.3 and 3.4."""
    point = generate("ES256")
    assert isinstance(point, ec.EllipticCurvePrivateKey)
    assert point.curve.name == ec.SECP256R1.name
    made = generate("PS256").public_key()
    assert isinstance(made, rsa.RSAPublicKey)
    assert (made.key_size, made.public_numbers().e) == (2048, 65537)
