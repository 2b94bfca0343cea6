"""Each key wears a certificate that others can read (RFC 5280)."""

import subprocess
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha1, sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.dsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from sekisho.keys import certificate
from sekisho.keys.algorithm import generate
from sekisho.spec.jose import decode
from tests.outside import program

NOW = 1_760_000_000.0
ALGS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.fixture(params=ALGS)
def der(request, records):
    """The certificate of a key of each algorithm."""
    return next(record.certificate for record in records if record.alg == request.param)


def openssl(*arguments: str) -> str:
    return subprocess.run([program("openssl"), *arguments], check=True, capture_output=True, text=True).stdout


def test_openssl_verifies_it(der, tmp_path):
    """An independent program verifies the self-signature, names and purpose. RFC 5280 section 6.1."""
    path = tmp_path / "certificate.pem"
    path.write_text(certificate.pem(der))
    now = str(int(NOW))
    verified = openssl("verify", "-attime", now, "-check_ss_sig", "-CAfile", str(path), str(path))
    assert verified.strip().endswith("OK")
    shown = openssl("x509", "-in", str(path), "-noout", "-subject", "-issuer", "-fingerprint", "-sha256")
    assert "subject=CN = demo" in shown
    assert "issuer=CN = demo" in shown
    assert shown.strip().rpartition("=")[2].replace(":", "").lower() == certificate.fingerprint(der)


def test_lives_ten_years(der):
    """It is valid for ten years from its birth, and already for clocks that lag. RFC 5280 section 4.1.2.5."""
    read = x509.load_der_x509_certificate(der)
    born = datetime.fromtimestamp(NOW, UTC)
    assert 0 < (born - read.not_valid_before_utc).total_seconds() <= 300
    assert (read.not_valid_after_utc - born).days == 3650


def test_is_no_authority(der):
    """It signs tokens and certifies nobody. RFC 5280 section 4.2.1.9."""
    extensions = x509.load_der_x509_certificate(der).extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_has_a_random_serial():
    """Two certificates of one key have different serial numbers. RFC 5280 section 4.1.2.2."""
    private = generate("ES256")
    serials = {
        x509.load_der_x509_certificate(certificate.issue(private, "demo", NOW)).serial_number
        for _ in range(9)
    }
    assert len(serials) == 9
    assert all(serial.bit_length() > 100 for serial in serials)


def test_a_long_name_is_cut():
    """A common name has at most 64 octets, and may be of any script. RFC 5280 appendix A.1."""
    der = certificate.issue(generate("EdDSA"), "関" * 65, NOW)
    assert x509.load_der_x509_certificate(der).subject.rfc4514_string() == "CN=" + "関" * 21


def test_thumbprints(der):
    """Thumbprints are base64url of the DER's digest, x5c is plain base64. RFC 7517 sections 4.7 to 4.9."""
    assert decode(certificate.x5t(der).encode()) == sha1(der).digest()
    assert decode(certificate.x5t_s256(der).encode()) == sha256(der).digest()
    assert b64decode(certificate.x5c(der), validate=True) == der
    assert certificate.fingerprint(der) == sha256(der).hexdigest()


def test_knows_its_own_kinds_only():
    """A certificate for a key that we do not sign with is a mistake, said at once."""
    private = generate_private_key(2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demo")])
    born = datetime.fromtimestamp(NOW, UTC)
    built = (
        x509.CertificateBuilder(name, name, private.public_key(), 1, born, born)
        .sign(private, SHA256())
        .public_bytes(Encoding.DER)
    )
    with pytest.raises(TypeError, match="do not sign with"):
        certificate.public_key(built)
