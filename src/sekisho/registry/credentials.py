"""Credentials: the public keys and certificates that clients sign their assertions with (RFC 7523)."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, ClassVar, Literal

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.fields import Perhaps
from sekisho.keys import foreign
from sekisho.keys.foreign import ForeignKey, KeyUnusable, Kind
from sekisho.model.client import Client, Credential
from sekisho.spec import metadata
from sekisho.spec.jose import SIGNATURES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CREDENTIAL_ABSENT, CREDENTIAL_BOUND, CREDENTIALS_MANY

MOST = 10
LONGEST_PEM = 16_384
# Where several would do, the one that every client library has.
USUAL = ("RS256", "EdDSA")
# Libraries that name a certificate sign with either one, and do not say which before they do.
CERTIFIED = ("RS256", "PS256")
# What is said only where a method names a credential that is there already.
NAMED = ("id",)

Moment = Annotated[datetime, Meta(tz=True)]


class CredentialFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a credential, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("credential_type", "pem")
    ONCE: ClassVar[tuple[str, ...]] = (
        *NAMED,
        "credential_type",
        "name",
        "pem",
        "alg",
        "kid",
        "parse_expiry_from_cert",
        "starts_at",
        "subject_dn",
    )
    PROMISES: ClassVar[Mapping[str, object]] = {"subject_dn": None}

    id: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    credential_type: Literal["public_key", "x509_cert", "cert_subject_dn"] | UnsetType = UNSET
    name: Perhaps[Annotated[str, Meta(max_length=128)]] = UNSET
    pem: Annotated[str, Meta(max_length=LONGEST_PEM)] | UnsetType = UNSET
    alg: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": sorted(SIGNATURES)})]] = UNSET
    kid: Perhaps[Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9._~-]*\Z")]] = UNSET
    parse_expiry_from_cert: Perhaps[bool] = UNSET
    starts_at: Perhaps[Moment] = UNSET
    expires_at: Perhaps[Moment] = UNSET


def found(client: Client, id: str) -> Credential:
    """The client's credential of this id."""
    for each in client.credentials:
        if each.id == id:
            return each
    raise Refused(CREDENTIAL_ABSENT)


def added(client: Client, new: Iterable[Credential]) -> Client:
    """The client with more credentials; they count once a method names them."""
    credentials = (*client.credentials, *new)
    if len(credentials) > MOST:
        raise Refused(CREDENTIALS_MANY, words={"most": str(MOST)})
    digests = [each.der for each in credentials]
    if len(set(digests)) < len(digests):
        raise metadata.problem("pem", "The client has this key already")
    return replace(client, credentials=credentials)


def amended(client: Client, id: str, asked: CredentialFields, now: float) -> Client:
    """The client with another end of a credential; null lets it live for ever."""
    if asked.expires_at is UNSET:
        return client
    ends = None if asked.expires_at is None else asked.expires_at.timestamp()
    old = found(client, id)
    if ends == old.expires_at:
        return client
    new = _ordered(replace(old, expires_at=ends, updated_at=now))
    return replace(client, credentials=tuple(new if each is old else each for each in client.credentials))


def removed(client: Client, id: str) -> Client:
    """The client without a credential, which none of its methods may name."""
    gone = found(client, id)
    if any(id in names for names in client.client_authentication_methods.values()):
        raise Refused(CREDENTIAL_BOUND)
    return replace(client, credentials=tuple(each for each in client.credentials if each is not gone))


def born(asked: CredentialFields, now: float) -> Credential:
    """A credential out of what was said about it."""
    if not isinstance(asked.credential_type, str) or not isinstance(asked.pem, str):
        raise metadata.problem("credential_type", "A credential needs credential_type and pem")
    kind, der, certificate = _read(asked)
    algs = _algs(kind, der, asked)
    starts = asked.starts_at.timestamp() if isinstance(asked.starts_at, datetime) else None
    # A certificate goes by its thumbprint; a bare key needs a name, if only one that says nothing.
    digest = urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode()
    new = Credential(
        id=f"cred_{secrets.token_hex(11)}",
        kind=kind,
        der=der,
        algs=algs,
        kid=asked.kid or ("" if kind == "x509_cert" else digest),
        name=asked.name or "",
        created_at=now,
        updated_at=now,
        starts_at=starts,
        expires_at=_end(asked, certificate),
    )
    return _ordered(new)


def _ordered(credential: Credential) -> Credential:
    """The credential, which does not end before it begins."""
    starts, ends = credential.starts_at, credential.expires_at
    if starts is not None and ends is not None and ends <= starts:
        raise metadata.problem("expires_at", "Does not come after starts_at")
    return credential


def _read(asked: CredentialFields) -> tuple[Kind, bytes, x509.Certificate | None]:
    """Kind and DER. Whoever wants a key only may send it in a certificate."""
    metadata.is_offered("credential_type", str(asked.credential_type), ("cert_subject_dn",))
    try:
        kind, der = foreign.from_pem(str(asked.pem))
    except KeyUnusable as wrong:
        raise metadata.problem("pem", str(wrong)[:200]) from wrong
    certificate = x509.load_der_x509_certificate(der) if kind == "x509_cert" else None
    if asked.credential_type == kind:
        return kind, der, certificate
    if certificate is None:
        raise metadata.problem("pem", "Not a certificate")
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return "public_key", certificate.public_key().public_bytes(serialization.Encoding.DER, spki), certificate


def _algs(kind: Kind, der: bytes, asked: CredentialFields) -> tuple[str, ...]:
    """The algorithm that was said, within what the key can do; else the usual ones for it. All its names."""
    able = _key(kind, der, SIGNATURES).algs
    if not asked.alg and kind == "x509_cert" and able.issuperset(CERTIFIED):
        return CERTIFIED
    alg = asked.alg or next(each for each in (*USUAL, *able) if each in able)
    metadata.choice_is_known("alg", (alg,), able)
    return (alg, *(foreign.spellings(alg) - {alg}))


def _key(kind: Kind, der: bytes, algs: frozenset[str]) -> ForeignKey:
    try:
        return foreign.from_der(der, kind, algs, "")
    except KeyUnusable as wrong:
        raise metadata.problem("pem", str(wrong)[:200]) from wrong


def _end(asked: CredentialFields, certificate: x509.Certificate | None) -> float | None:
    if isinstance(asked.expires_at, datetime):
        return asked.expires_at.timestamp()
    if asked.parse_expiry_from_cert is True:
        if certificate is None:
            raise metadata.problem("parse_expiry_from_cert", "The PEM is not a certificate")
        return certificate.not_valid_after_utc.astimezone(UTC).timestamp()
    return None
