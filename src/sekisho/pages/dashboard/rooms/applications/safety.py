"""How safe the way is in which an application asks: one word, for lists."""

from dataclasses import dataclass
from typing import Literal

from sekisho.model.client import Client
from sekisho.registry.client_rules import is_ours
from sekisho.spec.metadata import SECRET_METHODS


@dataclass(frozen=True, slots=True)
class Safety:
    """Its tone, and the key of its text below `applications.safe_`."""

    tone: Literal["ok", "warn", "bad", "mut"]
    key: str


def of(client: Client, now: float) -> Safety:
    """What is most worth knowing comes first."""
    if not client.enabled:
        return Safety("mut", "off")
    if is_ours(client):
        return Safety("ok", "ours")
    if is_without_secret(client, now):
        return Safety("bad", "expired")
    if "implicit" in client.grant_types:
        return Safety("warn", "implicit")
    if client.requires_pushing:
        return Safety("ok", "pushed")
    return Safety("ok", _proof(client))


def is_without_secret(client: Client, now: float) -> bool:
    """It needs a secret, and every one that it has is over."""
    live = (each for each in client.secrets if each.expires_at is None or each.expires_at > now)
    return client.token_endpoint_auth_method in SECRET_METHODS and next(live, None) is None


def _proof(client: Client) -> str:
    if client.registration:
        return "statement"
    if client.is_public:
        return "public"
    if client.token_endpoint_auth_method in SECRET_METHODS:
        return "secret"
    return "certificate" if any(each.kind == "x509_cert" for each in client.credentials) else "assertion"
