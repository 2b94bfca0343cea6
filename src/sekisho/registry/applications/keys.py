"""Certificates, secrets and federated credentials of applications: several of each, all of them good."""

import uuid
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from sekisho.keys import certificate, secret
from sekisho.model.api import Encryption
from sekisho.model.client import Client, Credential, Federated, Secret
from sekisho.registry import client_methods, credentials
from sekisho.registry.applications.fields import FederatedFields, PasswordPart
from sekisho.registry.applications.parts import KeyPart
from sekisho.registry.client_secrets import KEYED
from sekisho.registry.credentials import CredentialFields
from sekisho.spec import metadata
from sekisho.spec.policy import JWT_BEARER
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    CREDENTIAL_ABSENT,
    CREDENTIALS_MANY,
    SECRET_UNUSED,
)

SIGNED = client_methods.SIGNED
SECRETS = ("client_secret_post", "client_secret_basic", "client_secret_jwt")
# Of a credential that tokens are encrypted to; nothing is signed with it.
ENCRYPTS = ("RSA-OAEP-256",)
USUAL_LIFE = timedelta(days=730)
MOST = 20
_GUID_LENGTH = 36
_KIND = "AsymmetricX509Cert"
# What an application asks for that proves itself.
OWN = ("client_credentials", JWT_BEARER)
# What changes how an application authenticates.
_DECIDES = ("credentials", "secrets", "federated", "reply_urls", "is_fallback_public")


def key_id(client: Client, id: str) -> str:
    """The GUID that a credential goes by."""
    return id if len(id) == _GUID_LENGTH else str(uuid.uuid5(uuid.UUID(client.id), id))


def certificates(client: Client) -> tuple[Credential, ...]:
    """What Entra's words have a name for: a bare key is none of it."""
    return tuple(each for each in client.credentials if each.kind == "x509_cert")


def usage(credential: Credential) -> str:
    """What a certificate is for."""
    return "Encrypt" if credential.algs == ENCRYPTS else "Verify"


def born(part: KeyPart, now: float) -> Credential:
    """A credential out of a certificate, in Base64 or PEM; it lives as long as that, or less long."""
    metadata.is_offered("keyCredentials.type", part.type, ("X509CertAndPassword", "Symmetric"))
    metadata.is_offered("keyCredentials.usage", part.usage, ("Sign",))
    metadata.choice_is_known("keyCredentials.type", (part.type,), (_KIND,))
    metadata.choice_is_known("keyCredentials.usage", (part.usage,), ("Verify", "Encrypt"))
    read = _certificate(part.key or "")
    starts = max(read.not_valid_before_utc, part.start_date_time or read.not_valid_before_utc)
    ends = min(read.not_valid_after_utc, part.end_date_time or read.not_valid_after_utc)
    asked = CredentialFields(
        credential_type="x509_cert",
        pem=read.public_bytes(Encoding.PEM).decode(),
        name=part.display_name,
        starts_at=starts,
        expires_at=ends,
    )
    made = replace(credentials.born(asked, now), id=str(uuid.uuid4()))
    if part.usage == "Verify":
        return made
    if not isinstance(read.public_key(), RSAPublicKey):
        raise metadata.problem("keyCredentials.key", "Tokens are encrypted to RSA keys only")
    return replace(made, algs=ENCRYPTS)


def replaced(client: Client, parts: Iterable[KeyPart], now: float) -> Client:
    """The client with these certificates and no others; bare keys that it has stay."""
    had = {key_id(client, each.id): each for each in certificates(client)}
    bare = tuple(each for each in client.credentials if each.kind != "x509_cert")
    stay: list[Credential] = []
    for part in parts:
        if part.key is None:
            if part.key_id is None or part.key_id.lower() not in had:
                raise metadata.problem("keyCredentials.key", "A new certificate needs its key")
            stay.append(had[part.key_id.lower()])
            continue
        made = born(part, now)
        same = (each for each in had.values() if each.der == made.der and usage(each) == usage(made))
        stay.append(next(same, made))
    return credentials.added(replace(client, credentials=bare), stay)


def added(client: Client, new: Credential) -> Client:
    """The client with one more certificate."""
    return credentials.added(client, (new,))


def removed(client: Client, id: str) -> Client:
    """The client without one certificate."""
    stay = tuple(each for each in client.credentials if key_id(client, each.id) != id.lower())
    if len(stay) == len(client.credentials):
        raise Refused(CREDENTIAL_ABSENT)
    return replace(client, credentials=stay)


def encryption(client: Client, id: str | None) -> Encryption | None:
    """The certificate of this id as what tokens are encrypted to."""
    if id is None:
        return None
    for each in certificates(client):
        if key_id(client, each.id) == id.lower() and usage(each) == "Encrypt":
            return Encryption(kid=certificate.x5t(each.der), der=each.der)
    raise metadata.problem("tokenEncryptionKeyId", "Not the keyId of a certificate for Encrypt")


def with_password(client: Client, part: PasswordPart | None, now: float) -> tuple[Client, str]:
    """The client with one more secret, and its text, which is said once."""
    if client.token_endpoint_auth_method == KEYED:
        raise Refused(SECRET_UNUSED)
    if len(client.secrets) >= MOST:
        raise Refused(CREDENTIALS_MANY, words={"most": str(MOST)})
    usual = datetime.fromtimestamp(now, UTC) + USUAL_LIFE
    ends = (part.end_date_time if part else None) or usual
    if ends.timestamp() <= now:
        raise metadata.problem("passwordCredential.endDateTime", "Is over already")
    text, made = secret.make(now)
    new: Secret = replace(made, name=(part.display_name if part else None) or "", expires_at=ends.timestamp())
    return replace(client, secrets=(*client.secrets, new)), text


def without_password(client: Client, id: str) -> Client:
    """The client without one secret, which is no good from now on."""
    stay = tuple(each for each in client.secrets if each.id != id.lower())
    if len(stay) == len(client.secrets):
        raise Refused(CREDENTIAL_ABSENT)
    return replace(client, secrets=stay)


def federated(client: Client, asked: FederatedFields) -> Client:
    """The client with one more issuer that it is proved by."""
    if len(client.federated) >= MOST:
        raise Refused(CREDENTIALS_MANY, words={"most": str(MOST)})
    metadata.address_is_web("issuer", asked.issuer)
    if any(each.name == asked.name for each in client.federated):
        raise Refused(ALREADY_EXISTS, words={"what": "A federated credential of this name"})
    if any((each.issuer, each.subject) == (asked.issuer, asked.subject) for each in client.federated):
        raise Refused(ALREADY_EXISTS, words={"what": "A federated credential for this issuer and subject"})
    new = Federated(
        id=str(uuid.uuid4()),
        name=asked.name,
        issuer=asked.issuer,
        subject=asked.subject,
        audiences=asked.audiences,
        description=asked.description or "",
    )
    return replace(client, federated=(*client.federated, new))


def found(client: Client, id: str) -> Federated:
    """The federated credential of this id or this name."""
    for each in client.federated:
        if id in (each.id, each.name):
            return each
    raise Refused(CREDENTIAL_ABSENT)


def without_federated(client: Client, id: str) -> Client:
    """The client without one of them."""
    gone = found(client, id)
    return replace(client, federated=tuple(each for each in client.federated if each is not gone))


def settled(had: Client, client: Client) -> Client:
    """How it authenticates follows from what it has, where that changed: by several methods at once."""
    if all(getattr(had, name) == getattr(client, name) for name in _DECIDES):
        return client
    chosen = had.client_authentication_methods.get(SIGNED, ())
    old = {each.id for each in had.credentials}
    ids = tuple(
        each.id
        for each in client.credentials
        if each.id in chosen or (each.id not in old and usage(each) == "Verify")
    )
    signs = ids or client.federated or client.jwks or client.jwks_uri
    method = _method(client, is_signed=bool(signs))
    methods = {SIGNED: ids} if signs else {}
    new = replace(client, token_endpoint_auth_method=method, client_authentication_methods=methods)
    return replace(new, grant_types=_grants(had, new))


def _grants(had: Client, new: Client) -> tuple[str, ...]:
    """Who has no credentials asks for nothing in their own name; with the first ones that comes back."""
    rest = tuple(each for each in new.grant_types if each not in OWN)
    if new.is_public:
        return rest
    return (*rest, *OWN) if had.is_public else new.grant_types


def _method(client: Client, *, is_signed: bool) -> str:
    """By a secret, as it was done so far; without any proof, where nothing but public clients has a place."""
    kinds = {each.kind for each in client.reply_urls}
    is_open = "web" not in kinds if kinds else client.is_fallback_public
    if not client.secrets and not is_signed and is_open:
        return "none"
    method = client.token_endpoint_auth_method
    stays = method in SECRETS or (method == SIGNED and not client.secrets)
    return method if stays else SECRETS[0]


def _certificate(text: str) -> x509.Certificate:
    if not text:
        raise metadata.problem("keyCredentials.key", "A certificate is needed")
    try:
        if "-----BEGIN" in text:
            return x509.load_pem_x509_certificate(text.encode())
        return x509.load_der_x509_certificate(b64decode("".join(text.split()), validate=True))
    except ValueError as wrong:
        raise metadata.problem("keyCredentials.key", "Not the Base64 of a certificate") from wrong
