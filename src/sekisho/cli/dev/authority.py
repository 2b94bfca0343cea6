"""A certificate authority that vouches for this machine alone (RFC 5280 sections 4.2.1.10 and 6.1)."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sekisho.cli.folder import AUTHORITY, LEAF, Folder

AUTHORITY_DAYS = 3650
LEAF_DAYS = 365
RENEW_DAYS = 30
SKEW = timedelta(hours=1)
NAMES = ("localhost", "*.localhost")
HOSTS = ("127.0.0.1", "::1")
# Whoever trusts this authority trusts it for nothing but loopback, even if its key is stolen.
PERMITTED = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
    x509.IPAddress(ipaddress.ip_network("::1/128")),
)


def prepare(folder: Folder) -> tuple[Path, Path]:
    """Certificate and key to serve with: made at the first start, the leaf renewed before it expires."""
    now = datetime.now(UTC)
    authority, key = _authority(folder, now)
    paths = folder.file(LEAF[0]), folder.file(LEAF[1])
    if not _is_good(paths[0], paths[1], authority, now):
        leaf = ec.generate_private_key(ec.SECP256R1())
        chain = _leaf(leaf, authority, key, now).public_bytes(Encoding.PEM)
        keep(paths[1], _pem(leaf))
        keep(paths[0], chain + authority.public_bytes(Encoding.PEM))
    return paths


def _authority(folder: Folder, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    public, secret = folder.file(AUTHORITY[0]), folder.file(AUTHORITY[1])
    if public.exists() and secret.exists():
        known = x509.load_pem_x509_certificate(public.read_bytes())
        key = load_pem_private_key(secret.read_bytes(), None)
        if known.not_valid_after_utc > now + timedelta(days=LEAF_DAYS) and isinstance(
            key, ec.EllipticCurvePrivateKey
        ):
            return known, key
    key = ec.generate_private_key(ec.SECP256R1())
    made = _root(key, now)
    keep(secret, _pem(key))
    keep(public, made.public_bytes(Encoding.PEM))
    return made, key


def _root(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name(f"Sekisho development authority {x509.random_serial_number() % 0xFFFFFF:06x}")
    return (
        _draft(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(PERMITTED, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _leaf(
    leaf: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    names = [
        *map(x509.DNSName, NAMES),
        *(x509.IPAddress(ipaddress.ip_address(host)) for host in HOSTS),
    ]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return (
        _draft(_name("localhost"), authority.subject, leaf.public_key(), now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(key, SHA256())
    )


def _draft(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _is_good(path: Path, key: Path, authority: x509.Certificate, now: datetime) -> bool:
    """The leaf is there, of this authority, and good for a while."""
    if not (path.exists() and key.exists()):
        return False
    known = x509.load_pem_x509_certificate(path.read_bytes())
    secret = load_pem_private_key(key.read_bytes(), None)
    return (
        known.issuer == authority.subject
        and known.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)
        and known.public_key() == secret.public_key()
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def keep(path: Path, text: bytes) -> None:
    """Complete or not at all, and for its owner only."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    draft.replace(path)
