"""Client secrets: 256 random bits, kept as SHA-256, compared in constant time."""

import hashlib
import hmac
import secrets
import uuid

from sekisho.model.client import Client, Secret
from sekisho.spec.refusal import CLIENT_AUTH_FAILED, CLIENT_SECRET_EXPIRED, Refused

MOST_LIVE = 2


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
    if all(secret.expires_at is not None and secret.expires_at <= now for secret in matching):
        raise Refused(CLIENT_SECRET_EXPIRED, debug="the secret has expired: rotate it")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
