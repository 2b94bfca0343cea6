"""node-oidc-provider, what we are compared with: installed if need be, started, ready to be asked."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from bench import wire
from bench.cores import Cores
from bench.failure import BenchError
from bench.footprint import memory
from bench.seed import Credentials
from bench.server import Command, running
from bench.subject import JWKS, JWKS_PATH, KINDS, REDIRECT_URI, SCOPE, TOKEN_PATH, Subject, audience
from bench.talk import Talk
from bench.visit import STAY, Visit

NAME = "node-oidc-provider"
CLIENT = Credentials("bench", secrets.token_urlsafe(32))
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
    version, port = install(), wire.free_port()
    command = Command(
        name=NAME,
        argv=(
            "node",
            str(_HOME / "server.mjs"),
            str(port),
            CLIENT.client_id,
            CLIENT.client_secret,
            REDIRECT_URI,
        ),
        env={"PATH": os.environ["PATH"], "NODE_ENV": "production"},
        folder=folder,
        port=port,
        ready=JWKS_PATH,
    )
    requests = {kind: _token_request(port, kind) for kind in KINDS}
    requests[JWKS] = wire.get(port, JWKS_PATH)
    with running(command, cores.server) as server:
        yield Subject(NAME, version, server, requests, memory(server.pid))


def sign_in(visit: Visit) -> Talk:
    """There is no page: who is meant is signed in, and agrees to everything. Always somebody new to it."""
    visit.cookies.clear()
    told = {"login_hint": visit.who, "scope": f"{visit.at.scope} {STAY}", "prompt": "consent"}
    heard = visit.keep((yield visit.authorize(told)))
    origin = f"http://{wire.HOST}:{visit.at.port}"
    while (where := urljoin(origin, heard.fields(b"location")[0])).startswith(origin):
        heard = visit.keep((yield visit.get(where.removeprefix(origin))))
    visit.took_code(heard)
    visit.took_tokens((yield visit.redeem()))


def _token_request(port: int, kind: str) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
        "resource": audience(kind),
        "scope": SCOPE,
    }
    return wire.post_form(port, TOKEN_PATH, fields)
