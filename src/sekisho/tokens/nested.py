"""Access tokens that only their API can read: a JWS within a JWE (RFC 7519 section 5.2, RFC 7516)."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from sekisho.model.api import Encryption


def encrypted(text: str, to: Encryption) -> str:
    """The compact JWE around a token."""
    # Few APIs want it, and nobody else should wait for the library when the server starts.
    from joserfc import jwe  # noqa: PLC0415
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    header = {"alg": to.alg, "enc": to.enc, "kid": to.kid, "cty": "JWT"}
    key = RSAKey.import_key(_pem(to.der))
    return jwe.encrypt_compact(header, text.encode("ascii"), key, algorithms=[to.alg, to.enc])


def _pem(der: bytes) -> bytes:
    """The public key of a certificate, or the key itself."""
    return _public(der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _public(der: bytes) -> PublicKeyTypes:
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except ValueError:
        return load_der_public_key(der)
