"""Logos of clients, fetched by us: nobody learns who is about to sign in, and nothing foreign runs."""

import re
from collections.abc import Mapping

from sekisho.model.client import Client
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant

LARGEST = 256 * 1024
LONGEST_ID = 512
# What pictures begin with. No SVG: it is a document that may hold a script.
_KINDS: Mapping[str, re.Pattern[bytes]] = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_ACCEPT = ", ".join(_KINDS)
_HEADERS = (
    ("cache-control", "public, max-age=3600"),
    ("content-security-policy", "default-src 'none'; sandbox"),
)


async def logo(ask: Ask, tenant: Tenant) -> Answer:
    """The picture that a client says is its own, if it is one."""
    id = ask.names["client_id"]
    client = await tenant.known.named(Client, tenant.id, id) if len(id) <= LONGEST_ID else None
    if client is None or not client.enabled or not client.logo_uri:
        raise Refused(NOT_FOUND, debug="there is no such client, or it has no logo")
    fetched = await tenant.tools.fetch.get(client.logo_uri, limit=LARGEST, accept=_ACCEPT)
    kind = next((kind for kind, start in _KINDS.items() if start.match(fetched.body)), None)
    if kind is None:
        raise Refused(NOT_FOUND, debug="what is at logo_uri is no PNG, JPEG, GIF or WebP")
    return Answer(body=fetched.body, kind=kind, headers=_HEADERS)
