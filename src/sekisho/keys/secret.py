"""Client secrets: kept as SHA-256, compared in constant time; sealed in addition for HMAC methods."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from sekisho.keys.seal import Sealer, context
from sekisho.model.client import Client, Secret
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import (
    ASSERTION_KEY_UNKNOWN,
    ASSERTION_SIGNATURE,
    CLIENT_AUTH_FAILED,
    CLIENT_SECRET_EXPIRED,
)

MOST_LIVE = 2
SEALED_AS = "client_secret"
LEAST_BYTES = 32
# The key is at least as long as the hash (RFC 7518 section 3.2).
HASHES: Mapping[str, tuple[str, int]] = {
    "HS256": ("sha256", 32),
    "HS384": ("sha384", 48),
    "HS512": ("sha512", 64),
}


class SecretTooShort(Exception):
    """A secret that is too short to be the key of an HMAC."""


def make(now: float) -> tuple[str, Secret]:
    """A new secret: the text, shown once, and what is remembered of it."""
    text = secrets.token_urlsafe(48)
    return text, remember(text, now)


def remember(text: str, now: float) -> Secret:
    """What is remembered of a secret of high entropy."""
    return Secret(id=str(uuid.uuid4()), digest=_digest(text), hint=text[:3], created_at=now)


def prove(text: str, client: Client, now: float) -> None:
    """The text is one of the client's live secrets. RFC 6749 section 2.3.1."""
    digest = _digest(text)
    # Every secret is compared: how long it takes says nothing about which one was right.
    matching = [secret for secret in client.secrets if hmac.compare_digest(secret.digest, digest)]
    if not matching:
        raise Refused(CLIENT_AUTH_FAILED, debug="the secret is wrong")
    _one_is_live(matching, now)


def sealed(secret: Secret, text: str, tenant: str, sealer: Sealer) -> Secret:
    """The same secret, kept so that it can be the key of an HMAC. OpenID Connect Core 1.0 section 10.1."""
    plain = text.encode()
    if len(plain) < LEAST_BYTES:
        raise SecretTooShort(f"A secret for HMAC has at least {LEAST_BYTES} bytes")
    return replace(secret, sealed=sealer.seal(plain, place(tenant, secret)))


def resealed(client: Client, sealer: Sealer, now: float) -> Client:
    """The same client, its sealed secrets under the current master key; itself, where they are already."""
    if all(each.sealed is None or sealer.is_current(each.sealed) for each in client.secrets):
        return client
    fresh = tuple(
        replace(each, sealed=sealer.seal(sealer.open(each.sealed, where), where))
        if each.sealed is not None and (where := place(client.tenant, each))
        else each
        for each in client.secrets
    )
    return replace(client, secrets=fresh, updated_at=now)


def place(tenant: str, secret: Secret) -> str:
    """Where the text of a secret may be opened."""
    return context(tenant, SEALED_AS, secret.id)


def prove_by_hmac(compact: Compact, client: Client, sealer: Sealer, now: float) -> None:
    """The text of a live secret is the key of the HMAC; its digest never is. RFC 7515 section 5.2."""
    hash_name, least = HASHES[compact.alg]
    keys = [
        (secret, sealer.open(secret.sealed, place(client.tenant, secret)))
        for secret in client.secrets
        if secret.sealed is not None
    ]
    keys = [(secret, key) for secret, key in keys if len(key) >= least]
    if not keys:
        raise Refused(ASSERTION_KEY_UNKNOWN, debug=f"no secret is kept for {compact.alg}: make a new one")
    matching = [secret for secret, key in keys if _is_hmac(compact, key, hash_name)]
    if not matching:
        raise Refused(ASSERTION_SIGNATURE, debug="the HMAC is not of the client's secret")
    _one_is_live(matching, now)


def _is_hmac(compact: Compact, key: bytes, hash_name: str) -> bool:
    return hmac.compare_digest(hmac.digest(key, compact.signing_input, hash_name), compact.signature)


def _one_is_live(matching: Iterable[Secret], now: float) -> None:
    if all(secret.expires_at is not None and secret.expires_at <= now for secret in matching):
        raise Refused(CLIENT_SECRET_EXPIRED, debug="the secret has expired: rotate it")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
