"""PFX files as tools write them."""

import datetime as dt
import time
from base64 import b64encode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.tenants import NOW

PASSWORD = "open sesame"
DAY = dt.timedelta(days=1)
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def packed(private: Private, days: float = 30, at: float = NOW) -> bytes:
    """A key with a certificate that it signed itself, good from yesterday on for so many days."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portal.example")])
    start = dt.datetime.fromtimestamp(at, dt.UTC) - DAY
    draft = x509.CertificateBuilder(name, name, private.public_key(), 7, start, start + days * DAY)
    locked = BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(
        b"portal", private, draft.sign(private, SHA256()), None, locked
    )


def posted(at: float | None = None) -> dict[str, str]:
    """The body of an upload."""
    key = rsa.generate_private_key(65_537, 2_048)
    raw = packed(key, at=time.time() if at is None else at)
    return {"pfx": b64encode(raw).decode(), "password": PASSWORD}
