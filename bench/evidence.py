"""Proof of what people and their clients are given, before the load and after each leg."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bench import wire
from bench.failure import BenchError
from bench.subject import JWKS_PATH
from bench.talk import Talk, hold
from bench.visit import Visit

ALG = "RS256"


def rounds(visit: Visit) -> None:
    """A round is right, and its code is good for no second one."""
    hold(visit.at.port, visit.round())
    is_right(visit)
    hold(visit.at.port, _again(visit))


def families(visit: Visit) -> None:
    """A refresh token turns, and the one before the one before is refused."""
    first = visit.answer["refresh_token"]
    hold(visit.at.port, visit.refresh())
    hold(visit.at.port, visit.refresh())
    hold(visit.at.port, _refused(visit, visit.turn(first)))


def sign_ins(visit: Visit, fails: Talk) -> None:
    """The same form signs in again, to another session that gives codes; a wrong password does not."""
    hold(visit.at.port, _signed_in_again(visit, visit.cookies.copy()))
    try:
        hold(visit.at.port, fails)
    except BenchError:
        return
    raise BenchError("a wrong password signed somebody in")


def is_right(visit: Visit) -> None:
    """The ID token verifies against this server's keys and belongs to this request, token and person."""
    claims = _verified(visit)
    expected = {
        "iss": str(claims.get("iss")).rstrip("/") == f"http://{wire.HOST}:{visit.at.port}",
        "aud": claims.get("aud") == visit.at.client.client_id,
        "nonce": claims.get("nonce") == visit.nonce,
        # The peer's has none: beside a code it may be left out (section 3.1.3.6).
        "at_hash": claims.get("at_hash") in (None, _half_hash(visit.answer["access_token"])),
        "sub": claims.get("sub") == visit.person.get("sub"),
    }
    wrong = [name for name, right in expected.items() if not right]
    if wrong:
        raise BenchError(f"wrong {', '.join(wrong)} in {claims}")


def _signed_in_again(visit: Visit, before: dict[str, str]) -> Talk:
    visit.keep((yield visit.attempt).expect(303))
    if visit.cookies == before:
        raise BenchError("the session is the one before")
    visit.took_code((yield visit.authorize({"prompt": "none"})))


def _verified(visit: Visit) -> dict[str, Any]:
    published: Any = wire.exchange(visit.at.port, wire.get(visit.at.port, JWKS_PATH)).json()
    try:
        token = jwt.decode(visit.answer["id_token"], KeySet.import_key_set(published), algorithms=[ALG])
        jwt.JWTClaimsRegistry(exp={"essential": True}, iat={"essential": True}).validate(token.claims)
    except (JoseError, ValueError) as wrong:
        raise BenchError(f"the ID token does not verify: {wrong!r}") from wrong
    return token.claims


def _half_hash(token: str) -> str:
    """OpenID Connect Core 1.0 section 3.1.3.6."""
    half = hashlib.sha256(token.encode()).digest()[:16]
    return urlsafe_b64encode(half).rstrip(b"=").decode()


def _again(visit: Visit) -> Talk:
    """What the code gave ends with that: it was shown twice. RFC 6749 section 4.1.2."""
    yield from _refused(visit, visit.redeem())
    (yield visit.userinfo()).expect(401)


def _refused(visit: Visit, request: bytes) -> Talk:
    said = (yield request).expect(400)
    if msgspec.json.decode(said.body).get("error") != "invalid_grant":
        raise BenchError(f"not invalid_grant: {said.body[:1000]!r}")
