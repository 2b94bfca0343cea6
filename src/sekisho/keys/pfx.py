"""Certificates that administrators bring along: a PFX, opened with its password (RFC 7292)."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from sekisho.keys import certificate
from sekisho.keys.algorithm import dump
from sekisho.keys.ring import SEALED_AS
from sekisho.keys.seal import Sealer, context
from sekisho.model.signing_key import SigningKey

SMALLEST = 2_048
LARGEST = 8_192
ALG = "RS256"


class Unusable(Exception):
    """It cannot sign for a portal; the text says why."""


def opened(raw: bytes, password: str) -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key and its certificate."""
    try:
        private, found, _ = pkcs12.load_key_and_certificates(raw, password.encode())
    except ValueError as wrong:
        raise Unusable("it is no PFX, or the password is wrong") from wrong
    if not isinstance(private, RSAPrivateKey) or found is None:
        raise Unusable("it has to hold an RSA key and its certificate")
    if not SMALLEST <= private.key_size <= LARGEST:
        raise Unusable(f"the key has to have {SMALLEST} to {LARGEST} bits")
    if private.public_key().public_numbers() != getattr(found.public_key(), "public_numbers", lambda: None)():
        raise Unusable("the certificate is for another key")
    return private, found


def kept(raw: bytes, password: str, whose: tuple[str, str], sealer: Sealer, now: float) -> SigningKey:
    """The key as it is remembered, in this ring of this tenant; its kid is the certificate's SHA-256."""
    private, found = opened(raw, password)
    tenant, ring = whose
    der = found.public_bytes(Encoding.DER)
    if certificate.is_over(der, now):
        raise Unusable("the certificate has expired")
    kid = certificate.x5t_s256(der)
    return SigningKey(
        tenant=tenant,
        id=kid,
        ring=ring,
        alg=ALG,
        state="current",
        pinned=True,
        sealed=sealer.seal(dump(private), context(tenant, SEALED_AS, kid)),
        certificate=der,
        published_at=now,
        current_since=now,
        created_at=now,
        updated_at=now,
    )
