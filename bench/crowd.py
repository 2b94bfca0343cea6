"""A PostgreSQL with a crowd in it: written past the server, because registering so many would take hours."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.outside import postgres_cluster, postgres_folder

DAYS = 30
NAMED = 1_000  # clients that the audit speaks of
CLIENTS = """
INSERT INTO client (tenant, id, version, created_at, updated_at, doc, app_type, is_first_party)
SELECT tenant, guid, 1, created_at + n, updated_at + n,
  (doc::jsonb || jsonb_build_object(
    'id', guid, 'client_id', name, 'name', 'Crowd ' || n, 'app_type', type))::text,
  type, is_first_party
FROM (SELECT * FROM client LIMIT 1) AS model, LATERAL (
  SELECT n, md5('guid' || n)::uuid::text AS guid, md5('name' || n) AS name,
    (ARRAY['non_interactive', 'regular_web', 'spa', 'native'])[1 + n % 4] AS type
  FROM generate_series(1, $1::int) AS n) AS made"""
GRANTS = """
INSERT INTO client_grant (tenant, id, version, created_at, updated_at, doc, client_id, audience)
SELECT tenant, grant_id, 1, created_at, updated_at,
  (doc::jsonb || jsonb_build_object('id', grant_id, 'client_id', name))::text, name, audience
FROM (SELECT * FROM client_grant LIMIT 1) AS model, LATERAL (
  SELECT 'cgr_' || substr(md5('grant' || n), 1, 16) AS grant_id, md5('name' || n) AS name
  FROM generate_series(1, $1::int) AS n) AS made"""
NAMES = """
INSERT INTO record_name (kind, tenant, name, id)
SELECT 'client', tenant, doc::json->>'client_id', id FROM client
UNION ALL SELECT 'client_grant', tenant, client_id || ' ' || audience, id FROM client_grant
ON CONFLICT DO NOTHING"""
# The id of an event begins with its time in milliseconds, as the server's own do.
EVENTS = """
INSERT INTO audit (tenant, id, at, slug, client_id, user_id, body)
SELECT tenant, event_id, moment, kind, who, person,
  convert_to((convert_from(body, 'UTF8')::jsonb || jsonb_build_object(
    'id', event_id, 'at', moment, 'slug', kind, 'client', who, 'user', person))::text, 'UTF8')
FROM (SELECT * FROM audit WHERE slug = 'client_created' LIMIT 1) AS model, LATERAL (
  SELECT moment, lpad(to_hex((moment * 1000)::bigint), 12, '0') || substr(md5(n::text), 1, 16) AS event_id,
    (ARRAY['client_auth_failed', 'user_signed_in', 'user_signed_up', 'client_changed', 'token_issued'])
      [LEAST(1 + n % 50, 5)] AS kind,
    md5('name' || (1 + n % $3::int)) AS who,
    CASE WHEN n % 50 IN (1, 2) THEN 'auth0|' || n % 5000 END AS person
  FROM (SELECT n, extract(epoch FROM now()) - 60 - ($1::int - n) * ($2::float8 / $1::int) AS moment
    FROM generate_series(1, $1::int) AS n) AS times) AS made"""


@dataclass(frozen=True)
class Size:
    """How many there are."""

    clients: int
    events: int


@contextmanager
def database() -> Iterator[str | None]:
    """A fresh database; None where there is no PostgreSQL."""
    given = os.environ.get("SEKISHO_TEST_POSTGRES")
    if given:
        name = f"sekisho_bench_{os.getpid()}"
        asyncio.run(_said(given, f"CREATE DATABASE {name}"))
        try:
            yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        finally:
            asyncio.run(_said(given, f"DROP DATABASE {name} WITH (FORCE)"))
    elif postgres_folder() is None:
        yield None
    else:
        with postgres_cluster() as url:
            yield url


async def _said(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def gather(url: str, size: Size) -> None:
    """The crowd, made after the one client, the one client grant and the one event that are there."""
    asyncio.run(_gather(url, size))


async def _gather(url: str, size: Size) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        await connection.execute(CLIENTS, size.clients)
        await connection.execute(GRANTS, size.clients)
        await connection.execute(NAMES)
        await connection.execute(EVENTS, size.events, DAYS * 86_400.0, NAMED)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
