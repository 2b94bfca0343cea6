"""The metadata document and the key set: what this tenant serves, and what it signs with."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from sekisho.oauth import introspect
from sekisho.oauth.client_auth import METHODS, PROOFS, SIGNING_ALGS
from sekisho.oauth.grants import GRANTS
from sekisho.oauth.response_modes import RESPONSE_MODES
from sekisho.spec import claims, pkce
from sekisho.spec.authorization import RESPONSE_TYPES
from sekisho.spec.conditional.facts import MFA_ACR
from sekisho.spec.discovery import Lists, authentication, metadata
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import allows
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]

# Long enough to spare requests, short enough for a key to be known everywhere before it signs (keys.ring).
CACHED = (("cache-control", "public, max-age=600"),)
# What is told of an endpoint that asks who one is, besides its address.
ENDPOINTS: Mapping[str, Lists] = {
    "token_endpoint": authentication("token_endpoint", tuple(METHODS), SIGNING_ALGS),
    "introspection_endpoint": {
        **authentication("introspection_endpoint", PROOFS, SIGNING_ALGS),
        # RFC 9701 section 7.
        "introspection_signing_alg_values_supported": introspect.ALGS,
    },
    "revocation_endpoint": authentication("revocation_endpoint", tuple(METHODS), SIGNING_ALGS),
}

PUSHING = "pushed_authorization_request_endpoint"
FLAGS: Mapping[str, bool] = {
    "authorization_response_iss_parameter_supported": True,
    "claims_parameter_supported": False,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
}

# Whatever the tenant decided.
LISTS: Mapping[str, tuple[str, ...]] = {
    "response_types_supported": RESPONSE_TYPES,
    "response_modes_supported": tuple(RESPONSE_MODES),
    "scopes_supported": claims.SCOPES,
    "claims_supported": (
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "acr",
        "amr",
        "sid",
        *claims.SUPPORTED,
    ),
    "code_challenge_methods_supported": (pkce.METHOD,),
    "prompt_values_supported": ("none", "login", "consent", "select_account"),
    "acr_values_supported": (MFA_ACR,),
    "subject_types_supported": ("public",),
    "id_token_signing_alg_values_supported": (id_token.ALG,),
}


def describing(addresses: Mapping[str, str]) -> Endpoint:
    """The endpoint that describes the given addresses: those that the list of URLs really holds."""
    at_endpoints = {
        member: values
        for endpoint, told in ENDPOINTS.items()
        if endpoint in addresses
        for member, values in told.items()
    }

    async def describe(ask: Ask, tenant: Tenant) -> Answer:
        """OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3."""
        allows = tenant.policy.pushing_allowed
        served = {name: path for name, path in addresses.items() if allows or name != PUSHING}
        document = {
            **metadata(tenant.issuer(ask), served, {**LISTS, **at_endpoints, **_of(tenant)}),
            **FLAGS,
            # RFC 9126 section 5.
            "require_pushed_authorization_requests": tenant.policy.pushing_required,
        }
        return Answer(body=msgspec.json.encode(document), headers=CACHED)

    return describe


def _of(tenant: Tenant) -> Lists:
    return {
        "grant_types_supported": tuple(grant for grant in GRANTS if allows(tenant.policy.grant_types, grant)),
        "ui_locales_supported": tenant.policy.languages,
    }


async def key_set(_ask: Ask, tenant: Tenant) -> Answer:
    """Every key that may have signed something that is still good. RFC 7517."""
    return Answer(body=tenant.keys.jwks("tokens"), headers=CACHED)
