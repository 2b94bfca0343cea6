"""JWT access tokens that come back: whether we signed them, and what they say (RFC 9068 section 4)."""

from collections.abc import Mapping
from typing import cast

from sekisho.model.bearer import Bearer, memory
from sekisho.model.granted import SignIn
from sekisho.spec import jose
from sekisho.spec.exchange import chain
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.tenant import Tenant

# Adobe Pass's tokens name no type.
_TYPES = ("jwt", "at+jwt", "")
ALGORITHMS = frozenset(("RS256", "PS256", "ES256", "EdDSA"))
# Processes of one installation may sign and read on different machines.
CLOCK_SKEW = 5


def verified(text: str, tenant: Tenant) -> Mapping[str, object]:
    """What a token claims that this tenant signed as an access token, and that is in time. RFC 9068 4."""
    token = jose.read_compact(text, ALGORITHMS)
    if not is_signed(token, tenant):
        raise Refused(TOKEN_INVALID, debug="no key of ours signed this as an access token")
    jose.times_hold(token.payload, tenant.now(), CLOCK_SKEW)
    return token.payload


def is_signed(token: Compact, tenant: Tenant) -> bool:
    """A key of ours signed this, as what may be an access token."""
    verifier = tenant.keys.verifier("tokens", token.kid)
    return verifier is not None and verifier.signed(token) and token.typ in _TYPES


def bearer(claims: Mapping[str, object], tenant: Tenant) -> Bearer:
    """What the claims of an access token say, for whom and by whom."""
    # Another kind of token that we signed lacks one of these, or says something else with them.
    facts = [claims.get(name) for name in ("iss", "sub", "jti", "scope")]
    client_id = claims.get("azp") or claims.get("client_id")
    audience = claims.get("aud")
    audiences = tuple(audience) if isinstance(audience, list) else (audience,)
    if not all(isinstance(fact, str) for fact in (*facts, client_id, *audiences)) or "iat" not in claims:
        raise Refused(TOKEN_INVALID, debug="this is not an access token")
    issuer, subject, jti, scopes = map(str, facts)
    if not tenant.accepts(issuer):
        raise Refused(TOKEN_INVALID, debug="the issuer is not this tenant")
    return Bearer(
        subject=subject,
        client_id=str(client_id),
        audience=audiences,
        scopes=tuple(scopes.split()),
        issuer=issuer,
        grant=jti.rpartition(".")[0],
        jti=jti,
        issued_at=cast("float", claims["iat"]),
        expires_at=cast("float", claims["exp"]),
        sign_in=_sign_in(claims),
        actors=chain.read(claims.get("act")),
        may_act=chain.may_act(claims.get("may_act")),
        generation=generation if isinstance(generation := claims.get("generation"), int) else 0,
    )


def _sign_in(claims: Mapping[str, object]) -> SignIn | None:
    """How the person signed in, as far as the token says it: from where, only its memory knows."""
    if said := memory(claims.get("aio")):
        return said.sign_in
    at, acr, amr = claims.get("auth_time"), claims.get("acr"), claims.get("amr")
    if not isinstance(at, int):
        return None
    methods = tuple(map(str, amr)) if isinstance(amr, list) else ()
    return SignIn(auth_time=at, amr=methods, acr=acr if isinstance(acr, str) else "")
