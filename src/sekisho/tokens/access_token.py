"""JWT access tokens, in Auth0's profile and in that of RFC 9068."""

from collections.abc import Mapping
from typing import cast

import msgspec

from sekisho.model.bearer import Bearer, memory, remembered
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Put
from sekisho.spec import jose, scope
from sekisho.spec.exchange import chain
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.tenant import Tenant

# Auth0 marks only these grants in the token.
_GTY: Mapping[str, str] = {
    "client_credentials": "client-credentials",
    "password": "password",
    "refresh_token": "refresh_token",
}
# Adobe Pass's tokens name no type.
_TYPES = ("jwt", "at+jwt", "")
ALGORITHMS = frozenset(("RS256", "PS256", "ES256", "EdDSA"))
# Processes of one installation may sign and read on different machines.
CLOCK_SKEW = 5
_encode = msgspec.json.Encoder().encode


def mint(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """Auth0's profile: `azp` names the client, `gty` the grant."""
    claims = _claims(granted) | {"azp": granted.client.client_id, **_remembered(granted, tenant)}
    if granted.grant_type in _GTY:
        claims["gty"] = _GTY[granted.grant_type]
    return tenant.keys.signer("tokens", granted.api.signing_alg).sign(_encode(claims), "JWT"), ()


def mint_rfc9068(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """RFC 9068 section 2: type `at+jwt`, `client_id` and `jti`, and how the person signed in."""
    own = {"client_id": granted.client.client_id, **(authentication(granted.sign_in) if granted.user else {})}
    claims = _claims(granted) | own | _remembered(granted, tenant)
    return tenant.keys.signer("tokens", granted.api.signing_alg).sign(_encode(claims), "at+jwt"), ()


def _claims(granted: Granted) -> dict[str, object]:
    issued = int(granted.at)
    return {
        # First, so that nothing of these is ever said by a rule.
        **granted.custom.get("access_token", {}),
        "iss": granted.issuer,
        "sub": granted.subject,
        "aud": audiences(granted),
        "iat": issued,
        "exp": issued + granted.lifetime,
        # The grant's id, so that revoking the grant reaches its tokens wherever we look.
        "jti": f"{granted.id}.{granted.part}",
        "scope": scope.text(granted.scopes),
        **({"act": chain.said(granted.actors)} if granted.actors else {}),
    }


def authentication(sign_in: SignIn | None) -> dict[str, object]:
    """What is known of it (RFC 9068 section 2.2.1, RFC 9470 section 6)."""
    if sign_in is None:
        return {}
    told = (("auth_time", int(sign_in.auth_time)), ("acr", sign_in.acr), ("amr", list(sign_in.amr)))
    return {name: value for name, value in told if value}


def _remembered(granted: Granted, tenant: Tenant) -> dict[str, object]:
    """Where there are policies, the next exchange is held against them, too: by how the person signed in."""
    if granted.user is None or granted.sign_in is None or not tenant.policies:
        return {}
    return {"aio": remembered(granted, "a")}


def _sign_in(claims: Mapping[str, object]) -> SignIn | None:
    """How the person signed in, as far as the token says it: from where, only its memory knows."""
    if said := memory(claims.get("aio")):
        return said.sign_in
    at, acr, amr = claims.get("auth_time"), claims.get("acr"), claims.get("amr")
    if not isinstance(at, int):
        return None
    methods = tuple(map(str, amr)) if isinstance(amr, list) else ()
    return SignIn(auth_time=at, amr=methods, acr=acr if isinstance(acr, str) else "")


def audiences(granted: Granted) -> str | list[str]:
    """The API; and our own /userinfo, where the person is asked for and the API's keys are ours to use."""
    if granted.user and "openid" in granted.scopes and granted.api.signing_alg == "RS256":
        return [granted.audience, f"{granted.issuer}userinfo"]
    return granted.audience


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
