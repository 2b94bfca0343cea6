"""Public keys as the world sees them (RFC 7517, RFC 7518 section 6, RFC 8037 section 2)."""

from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sekisho.spec.jose import encode

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
COORDINATE_BYTES = 32


def members(public: PublicKey) -> dict[str, str]:
    """The members that make the key, in the order of their names, and no others."""
    if isinstance(public, RSAPublicKey):
        rsa = public.public_numbers()
        return {"e": _number(rsa.e), "kty": "RSA", "n": _number(rsa.n)}
    if isinstance(public, EllipticCurvePublicKey):
        point = public.public_numbers()
        x, y = _number(point.x, COORDINATE_BYTES), _number(point.y, COORDINATE_BYTES)
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    return {"crv": "Ed25519", "kty": "OKP", "x": encode(public.public_bytes_raw()).decode()}


def thumbprint(public: PublicKey) -> str:
    """The SHA-256 thumbprint of a key (RFC 7638 section 3)."""
    return encode(sha256(msgspec.json.encode(members(public))).digest()).decode()


def _number(value: int, width: int | None = None) -> str:
    return encode(value.to_bytes(width or (value.bit_length() + 7) // 8)).decode()
