"""Our server: a folder, a master key, a schema, a tenant; then `sekisho serve`."""

import asyncio
import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench import seed, wire
from bench.cores import Cores
from bench.failure import BenchError
from bench.footprint import memory
from bench.seed import Credentials
from bench.server import Command, Running, running
from bench.subject import (
    INTROSPECT_PATH,
    JWKS,
    JWKS_PATH,
    KINDS,
    LOOKS,
    SCOPE,
    TOKEN_PATH,
    Subject,
    audience,
)
from sekisho.house import open_house
from sekisho.model.step import Save
from sekisho.settings import load

NAME = "sekisho"
TENANT = "bench"
APIS = "/api/v2/resource-servers"
RATE = 1_000_000
_PROGRAM = Path(sys.executable).parent / "sekisho"
_DIALECTS = {
    "RS256": {"signing_alg": "RS256", "token_dialect": "rfc9068_profile"},
    "ES256": {"signing_alg": "ES256", "token_dialect": "rfc9068_profile"},
    "opaque": {"signing_alg": "RS256", "token_dialect": "opaque"},
}


@dataclass(frozen=True)
class Site:
    folder: Path
    port: int
    env: Mapping[str, str]


def prepare(folder: Path, database_url: str = "") -> Site:
    """A folder with all that a server needs; on SQLite unless another database is named."""
    folder.mkdir()
    key, port = folder / "master.key", wire.free_port()
    key.touch(mode=0o600)
    key.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"="))
    env = {
        "PATH": os.environ["PATH"],
        "SEKISHO_DATABASE_URL": database_url or f"sqlite:///{folder / 'sekisho.db'}",
        "SEKISHO_MASTER_KEY_FILE": str(key),
        "SEKISHO_PUBLIC_URL": f"http://{wire.HOST}:{port}",
        "SEKISHO_LISTEN": f"{wire.HOST}:{port}",
        "SEKISHO_LOG": "warning",
    }
    site = Site(folder, port, env)
    _run(site, "migrate")
    _run(site, "tenant", "create", TENANT, "--default")
    asyncio.run(_unlimited(site))
    return site


async def _unlimited(site: Site) -> None:
    """The load comes from one address, and most of it from one client: what is measured has no limits."""
    house = await open_house(load(None, site.env))
    try:
        tenant = house.directory.named(TENANT)
        if tenant is None:
            raise BenchError(f"there is no tenant {TENANT}")
        policy = replace(tenant.policy, token_client_rate=0, token_address_rate=0, management_rate=RATE)
        await tenant.change(Save(replace(tenant.record, policy=replace(policy, management_burst=RATE))))
    finally:
        await house.close()


def _run(site: Site, *words: str) -> str:
    argv = (str(_PROGRAM), *words)
    done = subprocess.run(
        argv, env=dict(site.env), cwd=site.folder, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise BenchError(f"sekisho {' '.join(words)}: {done.stderr[-1000:]}")
    return done.stdout.strip()


@contextmanager
def started(site: Site, cores: Cores) -> Iterator[Running]:
    argv = (str(_PROGRAM), "serve")
    command = Command(NAME, argv, site.env, site.folder, site.port, "/readyz")
    with running(command, cores.server) as server:
        yield server


def bearer(site: Site) -> str:
    return _run(site, "token", "--tenant", TENANT)


@contextmanager
def serving(folder: Path, cores: Cores) -> Iterator[Subject]:
    site = prepare(folder)
    with started(site, cores) as server:
        at_start, token = memory(server.pid), bearer(site)
        requests = _requests(site, token)
        yield Subject(NAME, version(NAME), server, requests, at_start)


def _requests(site: Site, token: str) -> dict[str, bytes]:
    for kind in KINDS:
        create_api(site, token, kind)
    created = create(site, token, seed.CLIENTS, seed.client("bench"))
    who = Credentials(created["client_id"], created["client_secret"])
    for kind in KINDS:
        create(site, token, seed.GRANTS, seed.grant(who.client_id, kind))
    requests = {kind: token_request(site.port, kind, who) for kind in KINDS}
    looks = {look: _look(site, token, kind, requests[kind]) for look, kind in LOOKS.items()}
    return {**requests, **looks, JWKS: wire.get(site.port, JWKS_PATH)}


def _look(site: Site, token: str, kind: str, request: bytes) -> bytes:
    """The API itself asks what a token for it means."""
    own = {**seed.client(f"API {kind}"), "resource_server_identifier": audience(kind)}
    api = create(site, token, seed.CLIENTS, own)
    fields = {name: api[name] for name in ("client_id", "client_secret")}
    fields["token"] = wire.exchange(site.port, request).json()["access_token"]
    return wire.post_form(site.port, INTROSPECT_PATH, fields)


def create_api(site: Site, token: str, kind: str) -> None:
    api = {"name": f"things {kind}", "identifier": audience(kind), "scopes": [{"value": SCOPE}]}
    create(site, token, APIS, {**api, **_DIALECTS[kind]})


def create(site: Site, token: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    reply = wire.exchange(site.port, wire.post_json(site.port, path, fields, token))
    if reply.status != seed.CREATED:
        raise BenchError(f"POST {path}: {reply.status} {reply.body[:1000]!r}")
    return reply.json()


def token_request(port: int, kind: str, who: Credentials) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_id": who.client_id,
        "client_secret": who.client_secret,
        "audience": audience(kind),
        "scope": SCOPE,
    }
    return wire.post_form(port, TOKEN_PATH, fields)
