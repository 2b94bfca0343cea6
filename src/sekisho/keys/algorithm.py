"""The four algorithms that we sign with, on the bare library (RFC 7518 section 3, RFC 8037 section 3.1)."""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

RSA_BITS = 2048
RSA_EXPONENT = 65_537
HALF = 32
_SHA256 = SHA256()
_PKCS1 = PKCS1v15()
_PSS = PSS(MGF1(_SHA256), SHA256.digest_size)
_ECDSA = ec.ECDSA(_SHA256)


def generate(alg: str, bits: int = RSA_BITS) -> PrivateKey:
    """A new private key. RSA takes up to a second: call it in a thread."""
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if alg in {"RS256", "PS256"} and bits >= RSA_BITS:
        return rsa.generate_private_key(RSA_EXPONENT, bits)
    raise ValueError(f"no key is made for {alg} with {bits} bits")


def dump(private: PrivateKey) -> bytes:
    """A private key as PKCS#8, ready to be sealed (RFC 5958)."""
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load(plain: bytes) -> PrivateKey:
    """A private key out of our own seal; its authenticity is the seal's, so RSA is not validated again."""
    private = serialization.load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, PrivateKey):
        raise TypeError("a sealed key of a kind that we do not sign with")
    return private


def _rs256(private: rsa.RSAPrivateKey, text: bytes) -> bytes:
    return private.sign(text, _PKCS1, _SHA256)


def _ps256(private: rsa.RSAPrivateKey, text: bytes) -> bytes:
    return private.sign(text, _PSS, _SHA256)


def _es256(private: ec.EllipticCurvePrivateKey, text: bytes) -> bytes:
    der = private.sign(text, _ECDSA)
    # SEQUENCE, length, INTEGER, length, r, INTEGER, length, s: on P-256 every length is a single byte.
    middle = 4 + der[3]
    return der[4:middle][-HALF:].rjust(HALF, b"\0") + der[middle + 2 :][-HALF:].rjust(HALF, b"\0")


def _eddsa(private: ed25519.Ed25519PrivateKey, text: bytes) -> bytes:
    return private.sign(text)


def _is_rs256(public: rsa.RSAPublicKey, signature: bytes, text: bytes) -> None:
    public.verify(signature, text, _PKCS1, _SHA256)


def _is_ps256(public: rsa.RSAPublicKey, signature: bytes, text: bytes) -> None:
    public.verify(signature, text, _PSS, _SHA256)


def _is_es256(public: ec.EllipticCurvePublicKey, signature: bytes, text: bytes) -> None:
    r, s = int.from_bytes(signature[:HALF]), int.from_bytes(signature[HALF:])
    public.verify(encode_dss_signature(r, s), text, _ECDSA)


def _is_eddsa(public: ed25519.Ed25519PublicKey, signature: bytes, text: bytes) -> None:
    public.verify(signature, text)


SIGN: Mapping[str, Callable[..., bytes]] = {
    "RS256": _rs256,
    "PS256": _ps256,
    "ES256": _es256,
    "EdDSA": _eddsa,
}
VERIFY: Mapping[str, Callable[..., None]] = {
    "RS256": _is_rs256,
    "PS256": _is_ps256,
    "ES256": _is_es256,
    "EdDSA": _is_eddsa,
}
