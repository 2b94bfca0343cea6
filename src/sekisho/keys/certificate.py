"""The certificate that each signing key wears (RFC 5280, RFC 7517 sections 4.7 to 4.9)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from sekisho.keys.algorithm import PrivateKey
from sekisho.keys.jwk import PublicKey
from sekisho.spec.jose import encode

YEARS = 10
LONGEST_NAME = 64
SKEW = timedelta(minutes=5)


def issue(private: PrivateKey, slug: str, now: float) -> bytes:
    """A self-signed certificate in DER, good for ten years; it begins a little early for clocks that lag."""
    short = slug.encode()[:LONGEST_NAME].decode(errors="ignore")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, short)])
    born = datetime.fromtimestamp(int(now), UTC)
    draft = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(born - SKEW)
        .not_valid_after(born + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_only(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    )
    digest = None if isinstance(private, Ed25519PrivateKey) else SHA256()
    return draft.sign(private, digest).public_bytes(Encoding.DER)


def public_key(der: bytes) -> PublicKey:
    """The key in a certificate of ours."""
    public = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(public, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise TypeError("a certificate for a key of a kind that we do not sign with")
    return public


def subject(der: bytes) -> str:
    """Whose it is, as RFC 4514 writes names."""
    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


def ends(der: bytes) -> float:
    """When it expires."""
    return x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()


def is_over(der: bytes, now: float) -> bool:
    """It has expired."""
    return ends(der) <= now


def pem(der: bytes) -> str:
    """The certificate as text (RFC 7468)."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode("ascii")


def x5c(der: bytes) -> str:
    """The certificate as a JWK carries it: base64, not base64url (RFC 7517 section 4.7)."""
    return b64encode(der).decode("ascii")


def x5t(der: bytes) -> str:
    """Its SHA-1 thumbprint, which names it and proves nothing (RFC 7517 section 4.8)."""
    return encode(sha1(der, usedforsecurity=False).digest()).decode("ascii")


def thumbprint(der: bytes) -> str:
    """The same in hexadecimal, as Windows shows it."""
    return sha1(der, usedforsecurity=False).hexdigest()


def x5t_s256(der: bytes) -> str:
    """Its SHA-256 thumbprint (RFC 7517 section 4.9)."""
    return encode(sha256(der).digest()).decode("ascii")


def fingerprint(der: bytes) -> str:
    """Its SHA-256 digest in hexadecimal, for people to compare."""
    return sha256(der).hexdigest()


def _signs_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
