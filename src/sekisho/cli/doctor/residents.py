"""What the tenants of an installation hold: their keys, and their clients against RFC 9700."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from sekisho.change.unit import whole
from sekisho.cli.doctor.finding import Finding
from sekisho.keys.rotation import OVERDUE
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.signing_key import SigningKey
from sekisho.registry.keys import TOKENS
from sekisho.tenant import Tenant

DAY = 86_400
LOOPBACK = ("localhost", "127.0.0.1", "::1")
OUTDATED: Mapping[str, str] = {
    "implicit": "tokens travel in addresses (RFC 9700 section 2.1.2)",
    "password": "clients see passwords (RFC 9700 section 2.4)",
}


async def keys_are_ready(tenant: Tenant) -> list[Finding]:
    """What signs is there, what follows it is published, and neither is old."""
    records = await whole(tenant, SigningKey, {})
    used = {api.signing_alg for api in await whole(tenant, Api, {})}
    name = f"{tenant.record.slug}: keys"
    found = [finding for alg in sorted(used) for finding in _ring(name, alg, records, tenant.now())]
    old = [each for each in records if not tenant.tools.sealer.is_current(each.sealed)]
    if old:
        text = f"{len(old)} keys are sealed under an older master key"
        found.append(Finding("warn", name, text, "Run `sekisho key reseal`"))
    return found or [Finding("ok", name, f"{', '.join(sorted(used))} can sign, and have a next key")]


def _ring(name: str, alg: str, records: list[SigningKey], now: float) -> Iterator[Finding]:
    states = {each.state: each for each in records if (each.ring, each.alg) == (TOKENS, alg)}
    current = states.get("current")
    if current is None:
        yield Finding("bad", name, f"No key signs {alg}", "Restore the signing keys from a backup")
    elif now - (current.current_since or now) > OVERDUE:
        text = f"The {alg} key has signed for more than {OVERDUE // DAY} days"
        yield Finding("warn", name, text, f"Run `sekisho key rotate {alg}`")
    if "next" not in states:
        yield Finding("warn", name, f"No key follows the {alg} key", f"Run `sekisho key rotate {alg}`")


async def clients_are_safe(tenant: Tenant) -> list[Finding]:
    """Each client against the Best Current Practice; secrets without an end are only counted."""
    clients = await whole(tenant, Client, {"application": ""})
    found = [finding for client in clients for finding in risks(tenant.record.slug, client, tenant.now())]
    endless = [each for each in clients if any(secret.expires_at is None for secret in each.secrets)]
    name = f"{tenant.record.slug}: clients"
    if endless:
        found.append(Finding("note", name, f"{len(endless)} of {len(clients)} have a secret without an end"))
    return found or [Finding("ok", name, f"{len(clients)} clients, nothing to mend")]


def risks(slug: str, client: Client, now: float) -> Iterator[Finding]:
    """What RFC 9700 has against a client."""
    name = f"{slug}: {client.name} ({client.client_id})"
    if client.is_public and "client_credentials" in client.grant_types:
        cure = "Give it a secret, or take client_credentials away"
        yield Finding("bad", name, "It has no credentials and may act in its own name", cure)
    for grant in client.grant_types:
        if grant in OUTDATED:
            yield Finding("warn", name, f"It may use {grant}: {OUTDATED[grant]}", "Use authorization_code")
    for reply in client.reply_urls:
        split = urlsplit(reply.url)
        if split.scheme == "http" and split.hostname not in LOOPBACK:
            yield Finding("bad", name, f"{reply.url} is not encrypted", "Use https (RFC 9700 section 2.6)")
    ended = [each for each in client.secrets if each.expires_at is not None and each.expires_at <= now]
    if ended and len(ended) == len(client.secrets):
        yield Finding("warn", name, "Every secret of it has expired", "Rotate its secret, or delete it")
