"""node-oidc-provider, what we are compared with: installed if need be, started, ready to be asked."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import wire
from bench.cores import Cores
from bench.failure import BenchError
from bench.footprint import memory
from bench.server import Command, running
from bench.subject import JWKS, JWKS_PATH, KINDS, SCOPE, TOKEN_PATH, Subject, audience

NAME = "node-oidc-provider"
CLIENT_ID = "bench"
_HOME = Path(__file__).parent / "peers" / NAME


def absent() -> str | None:
    """Why this peer cannot run here, if it cannot."""
    missing = [program for program in ("node", "npm") if not shutil.which(program)]
    return f"{' and '.join(missing)} not found: the peer's columns stay empty" if missing else None


def _version(path: Path) -> str | None:
    if not path.exists():
        return None
    return str(json.loads(path.read_text())["packages"]["node_modules/oidc-provider"]["version"])


def install() -> str:
    """`npm ci`, unless what the lock file asks for is there already."""
    wanted = _version(_HOME / "package-lock.json")
    if wanted != _version(_HOME / "node_modules" / ".package-lock.json"):
        argv = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(argv, cwd=_HOME, check=False, capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"npm ci failed: {done.stderr[-1000:]}")
    return str(wanted)


@contextmanager
def serving(folder: Path, cores: Cores) -> Iterator[Subject]:
    version, port, secret = install(), wire.free_port(), secrets.token_urlsafe(32)
    command = Command(
        name=NAME,
        argv=("node", str(_HOME / "server.mjs"), str(port), CLIENT_ID, secret),
        env={"PATH": os.environ["PATH"], "NODE_ENV": "production"},
        folder=folder,
        port=port,
        ready=JWKS_PATH,
    )
    requests = {kind: _token_request(port, kind, secret) for kind in KINDS}
    requests[JWKS] = wire.get(port, JWKS_PATH)
    with running(command, cores.server) as server:
        yield Subject(NAME, version, server, requests, memory(server.pid))


def _token_request(port: int, kind: str, secret: str) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "resource": audience(kind),
        "scope": SCOPE,
    }
    return wire.post_form(port, TOKEN_PATH, fields)
