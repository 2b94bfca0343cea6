"""Certificates that applications bring."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.tenants import NOW


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of this name; making one is slow, so each is made once."""
    return rsa.generate_private_key(65_537, 2_048)


@cache
def der(name: str = "one", *, elliptic: bool = False) -> bytes:
    """A certificate of this name, good for a year around now."""
    key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa_key(name)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.fromtimestamp(NOW, UTC)
    draft = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    draft = draft.serial_number(7).not_valid_before(now - timedelta(days=30))
    return draft.not_valid_after(now + timedelta(days=335)).sign(key, SHA256()).public_bytes(Encoding.DER)


def key_part(name: str = "one", usage: str = "Verify", **more: object) -> dict[str, object]:
    """A `keyCredential` that brings such a certificate."""
    told = {"type": "AsymmetricX509Cert", "usage": usage, "key": b64encode(der(name)).decode()}
    return {**told, **more}
