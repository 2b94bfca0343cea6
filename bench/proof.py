"""Proof that the answers are worth counting: tokens are decoded, verified and never repeated."""

import json
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bench import wire
from bench.failure import BenchError
from bench.subject import JWKS, JWKS_PATH, SCOPE, audience

OPAQUE_MIN = 22
PRIVATE = {"d", "p", "q", "k"}


def answers(port: int, kind: str, request: bytes) -> None:
    """Two answers before the load: both right, and (for tokens) not the same one twice."""
    first, second = (wire.exchange(port, request) for _ in range(2))
    for reply in (first, second):
        if reply.status != 200:
            raise BenchError(f"{kind}: status {reply.status}, {reply.body[:1000]!r}")
        holds(port, kind, reply.body)
    if kind != JWKS and first.body == second.body:
        raise BenchError(f"{kind}: the same token was issued twice")


def holds(port: int, kind: str, body: bytes) -> None:
    """This body is what was asked for; a JWT verifies against this server's own keys."""
    try:
        answer = json.loads(body)
        if kind == JWKS:
            _is_public(answer)
        elif kind == "opaque":
            _is_opaque(answer)
        else:
            _is_signed(port, kind, answer)
    except (KeyError, TypeError, ValueError, JoseError) as wrong:
        raise BenchError(f"{kind}: {wrong!r} in {body[:1000]!r}") from wrong


def _is_public(jwks: dict[str, Any]) -> None:
    if not jwks["keys"] or any(PRIVATE & key.keys() for key in jwks["keys"]):
        raise ValueError("no keys, or private ones")


def _is_opaque(answer: dict[str, Any]) -> None:
    token = answer["access_token"]
    if len(token) < OPAQUE_MIN or token.count(".") == 2:
        raise ValueError("not an opaque token")


def _is_signed(port: int, kind: str, answer: dict[str, Any]) -> None:
    published: Any = wire.exchange(port, wire.get(port, JWKS_PATH)).json()
    keys = KeySet.import_key_set(published)
    token = jwt.decode(answer["access_token"], keys, algorithms=[kind])
    claims = token.claims
    origin = f"http://{wire.HOST}:{port}"
    heard = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    expected = {
        "alg": token.header["alg"] == kind,
        "iss": claims["iss"].rstrip("/") == origin,
        "aud": audience(kind) in heard,
        "exp": claims["exp"] > time.time(),
        "scope": claims["scope"] == SCOPE,
    }
    wrong = [name for name, right in expected.items() if not right]
    if wrong:
        raise ValueError(f"wrong {', '.join(wrong)} in {claims}")
