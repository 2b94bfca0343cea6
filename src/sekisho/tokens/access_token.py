"""JWT access tokens, in Auth0's profile and in that of RFC 9068."""

from collections.abc import Mapping

import msgspec

from sekisho.model.bearer import remembered
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Put
from sekisho.spec import scope
from sekisho.spec.exchange import chain
from sekisho.tenant import Tenant

# Auth0 marks only these grants in the token.
_GTY: Mapping[str, str] = {
    "client_credentials": "client-credentials",
    "password": "password",
    "refresh_token": "refresh_token",
}
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


def audiences(granted: Granted) -> str | list[str]:
    """The API; and our own /userinfo, where the person is asked for and the API's keys are ours to use."""
    if granted.user and "openid" in granted.scopes and granted.api.signing_alg == "RS256":
        return [granted.audience, f"{granted.issuer}userinfo"]
    return granted.audience
