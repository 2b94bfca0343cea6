"""Proof that the answers are worth counting: tokens are decoded, verified and never repeated."""

import json
import time
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bench import wire
from bench.failure import BenchError
from bench.subject import (
    BEHALF,
    BEHALF_KEYS_PATH,
    DEVICE_TOKEN,
    GATE,
    INSTALLED_SCOPE,
    JWKS,
    JWKS_PATH,
    KINDS,
    LOOKS,
    SAML,
    SCOPE,
    SIGN_IN,
    STATUSES,
    audience,
)
from sekisho.model.api import PROTECTED
from sekisho.saml import verify
from sekisho.saml.verify import NotSigned
from sekisho.spec.exchange.token_type import SAML as SAML_TYPES

OPAQUE_MIN = 22
PRIVATE = {"d", "p", "q", "k"}


def answers(port: int, kind: str, request: bytes) -> None:
    """Two answers before the load: both right, and (for tokens) not the same one twice."""
    first, second = (wire.exchange(port, request) for _ in range(2))
    for reply in (first, second):
        if reply.status != STATUSES.get(kind, 200):
            raise BenchError(f"{kind}: status {reply.status}, {reply.body[:1000]!r}")
        holds(port, kind, reply.body)
    if kind in (*KINDS, DEVICE_TOKEN, *CHAINS) and first.body == second.body:
        raise BenchError(f"{kind}: the same token was issued twice")


def holds(port: int, kind: str, body: bytes) -> None:
    """This body is what was asked for; a JWT verifies against this server's own keys."""
    if kind in (GATE, SIGN_IN):
        _is_empty(kind, body)
        return
    try:
        answer = json.loads(body)
        if kind == JWKS:
            _is_public(answer)
        elif kind in LOOKS:
            _is_active(kind, answer)
        elif kind == "opaque":
            _is_opaque(answer)
        elif kind in CHAINS:
            CHAINS[kind](port, answer)
        else:
            _is_signed(port, kind, answer)
    except (KeyError, TypeError, ValueError, JoseError, NotSigned) as wrong:
        raise BenchError(f"{kind}: {wrong!r} in {body[:1000]!r}") from wrong


def _is_empty(kind: str, body: bytes) -> None:
    if body:
        raise BenchError(f"the {kind} said {body[:1000]!r}")


def _is_public(jwks: dict[str, Any]) -> None:
    if not jwks["keys"] or any(PRIVATE & key.keys() for key in jwks["keys"]):
        raise ValueError("no keys, or private ones")


def _is_active(kind: str, answer: dict[str, Any]) -> None:
    expected = {"active": True, "aud": audience(LOOKS[kind]), "scope": SCOPE, "token_type": "Bearer"}
    if expected != {name: answer.get(name) for name in expected}:
        raise ValueError("not what is known of the token")


def _is_opaque(answer: dict[str, Any]) -> None:
    token = answer["access_token"]
    if len(token) < OPAQUE_MIN or token.count(".") == 2:
        raise ValueError("not an opaque token")


def _is_signed(port: int, kind: str, answer: dict[str, Any]) -> None:
    published: Any = wire.exchange(port, wire.get(port, JWKS_PATH)).json()
    keys = KeySet.import_key_set(published)
    token = jwt.decode(answer["access_token"], keys, algorithms=[_expected(kind)[1]])
    claims = token.claims
    origin = f"http://{wire.HOST}:{port}"
    who, alg, scope = _expected(kind)
    heard = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    expected = {
        "alg": token.header["alg"] == alg,
        "iss": claims["iss"].rstrip("/") == origin,
        "aud": who in heard,
        "exp": claims["exp"] > time.time(),
        "scope": claims["scope"] == scope,
    }
    wrong = [name for name, right in expected.items() if not right]
    if wrong:
        raise ValueError(f"wrong {', '.join(wrong)} in {claims}")


def _is_passed_on(port: int, answer: dict[str, Any]) -> None:
    """A token of the next API about the same person, by the first one."""
    published: Any = wire.exchange(port, wire.get(port, BEHALF_KEYS_PATH)).json()
    keys = KeySet.import_key_set({"keys": [{**key, "alg": "RS256"} for key in published["keys"]]})
    claims = jwt.decode(answer["access_token"], keys, algorithms=["RS256"]).claims
    if (claims["scp"], claims["ver"]) != (SCOPE, "2.0") or claims["exp"] <= time.time():
        raise ValueError(f"not what was asked for on behalf of somebody: {claims}")


def _is_asserted(port: int, answer: dict[str, Any]) -> None:
    """An assertion about the person, signed by the certificate of the tenant's tokens."""
    published: Any = wire.exchange(port, wire.get(port, BEHALF_KEYS_PATH)).json()
    worn = (b64decode(key["x5c"][0]) for key in published["keys"])
    text = answer["access_token"]
    document = verify.read(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    said = verify.signed_by(document, worn, time.time())
    if answer["issued_token_type"] not in SAML_TYPES or (said.ends or 0) <= time.time():
        raise ValueError(f"not an assertion about somebody: {said}")


CHAINS: Mapping[str, Callable[[int, dict[str, Any]], None]] = {BEHALF: _is_passed_on, SAML: _is_asserted}


def _expected(kind: str) -> tuple[str, str, str]:
    """Audience, algorithm and scope of a signed token."""
    return (PROTECTED, "RS256", INSTALLED_SCOPE) if kind == DEVICE_TOKEN else (audience(kind), kind, SCOPE)
