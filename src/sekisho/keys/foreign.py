"""Public keys that others bring: read with suspicion, verified on the bare library (RFC 7517, RFC 7518)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from sekisho.keys import certificate
from sekisho.keys.jwk import PublicKey
from sekisho.spec import jose
from sekisho.spec.jose import Members

Kind = Literal["public_key", "x509_cert"]

LEAST_RSA = 2048
MOST_RSA = 8192
MOST_EXPONENT_BITS = 32
HASHES: Mapping[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
CURVES: Mapping[str, tuple[ec.EllipticCurve, str]] = {
    "P-256": (ec.SECP256R1(), "ES256"),
    "P-384": (ec.SECP384R1(), "ES384"),
    "P-521": (ec.SECP521R1(), "ES512"),
}
_BY_CURVE: Mapping[str, str] = {curve.name: alg for curve, alg in CURVES.values()}
_RSA = frozenset(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"))
# RFC 9864 names anew what RFC 8037 called EdDSA; over this curve they are the same.
_ED25519 = frozenset(("EdDSA", "Ed25519"))
_NOT_PUBLIC = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


class KeyUnusable(ValueError):
    """A key that cannot verify anything here; the text says why."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A public key, the algorithms it may be used with, the name it goes by and the certificate it wears."""

    public: PublicKey
    algs: frozenset[str]
    kid: str = ""
    certificate: bytes = b""

    def verify(self, alg: str, text: bytes, signature: bytes) -> bool:
        """Whether the key made the signature by this algorithm. RFC 7515 section 5.2."""
        if alg not in self.algs:
            return False
        try:
            _verify(self.public, alg, text, signature)
        except InvalidSignature:
            return False
        return True


def spellings(alg: str) -> frozenset[str]:
    """An algorithm under each of its names. RFC 9864 section 2.2."""
    return _ED25519 if alg in _ED25519 else frozenset((alg,))


def from_der(der: bytes, kind: Kind, algs: frozenset[str], kid: str) -> ForeignKey:
    """A key out of a SubjectPublicKeyInfo or a certificate. RFC 5280 section 4.1."""
    certified = kind == "x509_cert"
    try:
        public = certificate.public_key(der) if certified else serialization.load_der_public_key(der)
    except _UNREADABLE as wrong:
        raise KeyUnusable(f"not the DER of a key that we can use: {wrong}") from wrong
    return _made(public, algs, kid, der if certified else b"")


def from_pem(pem: str) -> tuple[Kind, bytes]:
    """A public key or a certificate as it is remembered: kind and DER. RFC 7468 sections 5 and 13."""
    text = pem.encode()
    kind: Kind = "x509_cert" if b"-----BEGIN CERTIFICATE-----" in text else "public_key"
    try:
        if kind == "x509_cert":
            der = x509.load_pem_x509_certificate(text).public_bytes(serialization.Encoding.DER)
        else:
            spki = serialization.PublicFormat.SubjectPublicKeyInfo
            public = serialization.load_pem_public_key(text)
            der = public.public_bytes(serialization.Encoding.DER, spki)
    except _UNREADABLE as wrong:
        raise KeyUnusable(f"not the PEM of a public key or a certificate: {wrong}") from wrong
    from_der(der, kind, jose.SIGNATURES, "")
    return kind, der


def from_jwk(jwk: object) -> ForeignKey:
    """A public key for signatures. RFC 7517 section 4, RFC 7518 section 6."""
    if not isinstance(jwk, Mapping) or not _NOT_PUBLIC.isdisjoint(jwk):
        raise KeyUnusable("not a public key")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise KeyUnusable("not a key for signatures")
    kid, alg = jwk.get("kid", ""), jwk.get("alg", "")
    reader = _READERS.get(str(jwk.get("kty")))
    if reader is None or not isinstance(kid, str) or not isinstance(alg, str):
        raise KeyUnusable("kty is not one that we use, or kid or alg is not a text")
    try:
        public = reader(jwk)
    except ValueError as wrong:
        raise KeyUnusable(f"not a key: {wrong}") from wrong
    return _made(public, spellings(alg) if alg else jose.SIGNATURES, kid, b"")


def _rsa(jwk: Members) -> PublicKey:
    return rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()


def _elliptic(jwk: Members) -> PublicKey:
    found = CURVES.get(str(jwk.get("crv")))
    if found is None:
        raise ValueError("a curve that we do not use")
    return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), found[0]).public_key()


def _edwards(jwk: Members) -> PublicKey:
    if jwk.get("crv") != "Ed25519":
        raise ValueError("a curve that we do not use")
    return ed25519.Ed25519PublicKey.from_public_bytes(_octets(jwk, "x"))


_READERS: Mapping[str, Callable[[Members], PublicKey]] = {"RSA": _rsa, "EC": _elliptic, "OKP": _edwards}


def _octets(jwk: Members, name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= MOST_RSA:
        raise ValueError(f"{name} is not a text of a sensible length")
    return jose.decode(text.encode())


def _number(jwk: Members, name: str) -> int:
    return int.from_bytes(_octets(jwk, name))


def _made(public: object, algs: frozenset[str], kid: str, worn: bytes) -> ForeignKey:
    """The key with those of the algorithms that it is able to. RFC 7518 section 3."""
    if isinstance(public, rsa.RSAPublicKey):
        able = _RSA
        large = public.public_numbers().e.bit_length() > MOST_EXPONENT_BITS
        if large or not LEAST_RSA <= public.key_size <= MOST_RSA:
            raise KeyUnusable(f"an RSA key has {LEAST_RSA} to {MOST_RSA} bits and a small exponent")
    elif isinstance(public, ec.EllipticCurvePublicKey):
        able = frozenset((_BY_CURVE.get(public.curve.name, ""),))
    elif isinstance(public, ed25519.Ed25519PublicKey):
        able = _ED25519
    else:
        raise KeyUnusable("a key of a kind that we do not use")
    if able.isdisjoint(algs):
        raise KeyUnusable(f"the key is not able to {', '.join(sorted(algs))}")
    return ForeignKey(public, able & algs, kid, worn)


def _verify(public: PublicKey, alg: str, text: bytes, signature: bytes) -> None:
    if isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(signature, text)
        return
    digest = HASHES[alg[2:]]
    if isinstance(public, rsa.RSAPublicKey):
        padding = PSS(MGF1(digest), digest.digest_size) if alg.startswith("PS") else PKCS1v15()
        public.verify(signature, text, padding, digest)
        return
    half = (public.curve.key_size + 7) // 8
    if len(signature) != 2 * half:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    public.verify(encode_dss_signature(r, s), text, ec.ECDSA(digest))
