"""A crowd of installations of one registered application: one registers, the rest are copies of it."""

import asyncio
import base64
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any
from uuid import UUID

import asyncpg

from bench import sekisho, wire
from bench.failure import BenchError
from bench.seed import Credentials
from bench.sekisho import Site
from bench.subject import DEVICE_TOKEN_PATH, GATE_PATH, INSTALLED_SCOPE

CHANNEL = "news"
APPLICATION = {"name": "Television", "version": "1.0", "channels": [CHANNEL], "scopes": [INSTALLED_SCOPE]}
DEVICE = {
    "model": "Living room",
    "version": "1",
    "osName": "Linux",
    "osVersion": "6.1",
    "connectionType": "LAN",
    "primaryHardwareType": "TV",
}
TOLD = {"X-Device-Info": base64.b64encode(json.dumps(DEVICE).encode()).decode()}
CLIENTS = """
INSERT INTO client (tenant, id, version, created_at, updated_at, doc, app_type, is_first_party, application)
SELECT tenant, guid, 1, created_at + n, updated_at + n,
  (doc::jsonb || jsonb_build_object('id', guid, 'client_id', name))::text,
  app_type, is_first_party, application
FROM (SELECT * FROM client WHERE application <> '' LIMIT 1) AS model, LATERAL (
  SELECT n, md5('guid' || n)::uuid::text AS guid, md5('name' || n)::uuid::text AS name
  FROM generate_series(1, $1::int) AS n) AS made"""
NAMES = """
INSERT INTO record_name (kind, tenant, name, id)
SELECT 'client', tenant, doc::json->>'client_id', id FROM client WHERE application <> ''
ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Crowd:
    """So many installations, all with the secret of the one that registered."""

    secret: str
    size: int

    def one(self, number: int) -> Credentials:
        """Who has this number, from 1 on."""
        name = md5(f"name{number}".encode(), usedforsecurity=False).hexdigest()
        return Credentials(str(UUID(name)), self.secret)


def furnish(site: Site, bearer: str, url: str, size: int) -> Crowd:
    """An application, published; no limit for devices; one registration, and its copies."""
    _unlimited(site, bearer)
    made = sekisho.create(site, bearer, "/api/v2/registered-applications", APPLICATION)
    place = f"/api/v2/registered-applications/{made['id']}"
    _asked(site, wire.post_json(site.port, f"{place}/publish", {}, bearer), 200)
    statement = _asked(site, _bearing(site, "GET", f"{place}/software-statement", bearer), 200).decode()
    body = json.dumps({"software_statement": statement}).encode()
    raw = wire.request(
        site.port, "POST", "/o/client/register", {"Content-Type": "application/json", **TOLD}, body
    )
    registered: dict[str, Any] = json.loads(_asked(site, raw, 201))
    asyncio.run(_copied(url, size))
    return Crowd(registered["client_secret"], size)


def _unlimited(site: Site, bearer: str) -> None:
    """All devices of the load have one address."""
    body = json.dumps({"adobe_pass": {"rate": 0, "registration_rate": 0}}).encode()
    _asked(site, _bearing(site, "PATCH", "/api/v2/tenants/settings", bearer, body), 200)


def _bearing(site: Site, method: str, path: str, bearer: str, body: bytes = b"") -> bytes:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    return wire.request(site.port, method, path, headers, body)


def _asked(site: Site, raw: bytes, status: int) -> bytes:
    reply = wire.exchange(site.port, raw)
    if reply.status != status:
        raise BenchError(f"{raw.partition(b' HTTP')[0]!r}: {reply.status} {reply.body[:500]!r}")
    return reply.body


async def _copied(url: str, size: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        await connection.execute(CLIENTS, size)
        await connection.execute(NAMES)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def token_request(port: int, who: Credentials) -> bytes:
    """What a device sends for a token."""
    fields = {
        "client_id": who.client_id,
        "client_secret": who.client_secret,
        "grant_type": "client_credentials",
    }
    return wire.post_form(port, DEVICE_TOKEN_PATH, fields, TOLD)


def gate_request(port: int, token: str) -> bytes:
    """What a proxy asks the gate about a call with this token."""
    named = {"X-Original-Method": "GET", "X-Original-URI": f"/api/v2/{CHANNEL}/profiles"}
    return wire.request(port, "GET", GATE_PATH, {"Authorization": f"Bearer {token}", **named, **TOLD})


def tokens(port: int, everybody: Sequence[Credentials]) -> list[str]:
    """A token for each, asked for one after the other."""
    found: list[str] = []
    connection = http.client.HTTPConnection(wire.HOST, port, timeout=wire.PATIENCE)
    try:
        for who in everybody:
            head, _, body = token_request(port, who).partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
            connection.request("POST", DEVICE_TOKEN_PATH, body, fields)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 201:
                raise BenchError(f"no token: {answer.status} {said[:500]!r}")
            found.append(json.loads(said)["access_token"])
    finally:
        connection.close()
    return found
