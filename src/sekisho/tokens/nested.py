"""Access tokens that only their API can read: a JWS within a JWE (RFC 7519 section 5.2, RFC 7516)."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from joserfc import jwe
from joserfc.jwk import RSAKey

from sekisho.model.api import Encryption


def encrypted(text: str, to: Encryption) -> str:
    """The compact JWE around a token."""
    header = {"alg": to.alg, "enc": to.enc, "kid": to.kid, "cty": "JWT"}
    return jwe.encrypt_compact(header, text.encode("ascii"), _key(to.der), algorithms=[to.alg, to.enc])


def _key(der: bytes) -> RSAKey:
    """The public key of a certificate, or the key itself."""
    return RSAKey.import_key(_public(der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _public(der: bytes) -> PublicKeyTypes:
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except ValueError:
        return load_der_public_key(der)
