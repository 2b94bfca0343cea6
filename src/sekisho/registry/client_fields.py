"""What may be said about a client."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import asdict

from sekisho.change.fields import Perhaps
from sekisho.model.client import Exchange, RefreshTerms, ScopeClaims
from sekisho.registry.client_methods import (
    AssertionAudience,
    AuthenticationMethods,
    KeySet,
    Method,
    SigningAlg,
)
from sekisho.spec import metadata
from sekisho.spec.metadata import APP_TYPES, GRANT_TYPES
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import NOT_SUPPORTED

GrantTypes = Annotated[
    tuple[Annotated[str, Meta(extra_json_schema={"enum": sorted(GRANT_TYPES)})], ...], Meta(max_length=100)
]
Identifier = Annotated[str, Meta(max_length=metadata.LONGEST_IDENTIFIER, pattern=r"^[^\x00-\x20\x7f]*\Z")]
Urls = Annotated[tuple[str, ...], Meta(max_length=100)]
Seconds = Annotated[int, Meta(ge=1, le=31_557_600)]


class RefreshTokenFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How refresh tokens of a client live, as Auth0 says it; what is not said is as the tenant decided."""

    rotation_type: Literal["rotating", "non-rotating"] | UnsetType = UNSET
    expiration_type: Literal["expiring", "non-expiring"] | UnsetType = UNSET
    leeway: Annotated[int, Meta(ge=0, le=60)] | UnsetType = UNSET
    token_lifetime: Seconds | UnsetType = UNSET
    idle_token_lifetime: Seconds | UnsetType = UNSET
    infinite_token_lifetime: bool | UnsetType = UNSET
    infinite_idle_token_lifetime: bool | UnsetType = UNSET


# How Auth0 says that a client may exchange tokens, and our word beside it: the token names no actor.
DELEGATES, IMPERSONATES = "on_behalf_of_token_exchange", "impersonation"
EXCHANGES: Mapping[Exchange, tuple[str, ...]] = {
    "none": (),
    "delegation": (DELEGATES,),
    "impersonation": (IMPERSONATES,),
    "both": (DELEGATES, IMPERSONATES),
}
ExchangeKind = Literal["custom_authentication", "on_behalf_of_token_exchange", "impersonation"]


class ExchangeFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tokens a client may exchange, by Auth0's member."""

    allow_any_profile_of_type: Annotated[tuple[ExchangeKind, ...], Meta(max_length=3)]


class ClientFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a client, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {
        "addons": {},
        "allowed_clients": [],
        "callback_url_template": False,
        "client_aliases": [],
        "compliance_level": "none",
        "custom_login_page_on": True,
        "default_organization": None,
        "encryption_key": None,
        "is_token_endpoint_ip_header_trusted": False,
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": False},
        "mobile": None,
        "native_social_login": None,
        "oidc_backchannel_logout": None,
        "oidc_logout": None,
        "organization_usage": "deny",
        "redirection_policy": None,
        "require_proof_of_possession": False,
        "session_transfer": None,
        "signed_request_object": {"required": False},
        "skip_non_verifiable_callback_uri_confirmation_prompt": None,
        "sso": False,
        "sso_disabled": False,
        "third_party_security_mode": None,
        "token_quota": None,
        "token_vault_privileged_access": None,
    }

    name: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    description: Perhaps[Annotated[str, Meta(max_length=140)]] = UNSET
    app_type: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": sorted(APP_TYPES)})]] = UNSET
    logo_uri: Perhaps[str] = UNSET
    enabled: Perhaps[bool] = UNSET
    is_first_party: Perhaps[bool] = UNSET
    oidc_conformant: Perhaps[bool] = UNSET
    callbacks: Perhaps[Urls] = UNSET
    allowed_origins: Perhaps[Urls] = UNSET
    web_origins: Perhaps[Urls] = UNSET
    allowed_logout_urls: Perhaps[Urls] = UNSET
    cross_origin_authentication: Perhaps[bool] = UNSET
    initiate_login_uri: Perhaps[str] = UNSET
    grant_types: Perhaps[GrantTypes] = UNSET
    token_endpoint_auth_method: Perhaps[Method] = UNSET
    resource_server_identifier: Perhaps[Identifier] = UNSET
    client_authentication_methods: Perhaps[AuthenticationMethods] = UNSET
    token_endpoint_auth_signing_alg: Perhaps[SigningAlg] = UNSET
    jwks: Perhaps[KeySet] = UNSET
    jwks_uri: Perhaps[str] = UNSET
    assertion_audience: Perhaps[AssertionAudience] = UNSET
    assertion_reuse: Perhaps[bool] = UNSET
    client_metadata: Perhaps[dict[str, str | None]] = UNSET
    requires_pushing: Perhaps[bool] = field(name="require_pushed_authorization_requests", default=UNSET)
    pushed_lifetime: Perhaps[Annotated[int, Meta(ge=10, le=600)]] = field(
        name="par_request_expiry", default=UNSET
    )
    exchange: Perhaps[ExchangeFields] = field(name="token_exchange", default=UNSET)
    scope_claims_in_id_token: Perhaps[ScopeClaims] = UNSET
    refresh: Perhaps[RefreshTokenFields] = field(name="refresh_token", default=UNSET)


def exchanged(said: ExchangeFields | None) -> Exchange:
    """What was said of it; other kinds of exchange are not offered."""
    kinds = set(said.allow_any_profile_of_type) if said else set()
    if not kinds <= {DELEGATES, IMPERSONATES}:
        raise Refused(NOT_SUPPORTED, words={"field": "token_exchange"})
    return next(exchange for exchange, words in EXCHANGES.items() if set(words) == kinds)


def refreshing(terms: RefreshTerms, policy: Policy) -> RefreshTokenFields:
    """How refresh tokens of a client live, everything said."""
    lifetime = policy.refresh_lifetime if terms.lifetime is None else terms.lifetime
    idle = policy.refresh_idle_lifetime if terms.idle_lifetime is None else terms.idle_lifetime
    return RefreshTokenFields(
        rotation_type="rotating" if terms.rotates else "non-rotating",
        expiration_type="expiring" if lifetime or idle else "non-expiring",
        leeway=policy.refresh_leeway if terms.leeway is None else terms.leeway,
        token_lifetime=lifetime or policy.refresh_lifetime,
        idle_token_lifetime=idle or policy.refresh_idle_lifetime,
        infinite_token_lifetime=not lifetime,
        infinite_idle_token_lifetime=not idle,
    )


def refreshed(terms: RefreshTerms, said: RefreshTokenFields | None, policy: Policy) -> RefreshTerms:
    """The terms with what was said; None takes all of it back."""
    if said is None:
        return RefreshTerms()
    before = asdict(refreshing(terms, policy))
    told = {name: value for name, value in asdict(said).items() if value not in (UNSET, before[name])}
    if told.get("expiration_type") == "non-expiring":
        told = {"infinite_token_lifetime": True, "infinite_idle_token_lifetime": True, **told}
    return RefreshTerms(
        rotates=told.get("rotation_type", before["rotation_type"]) == "rotating",
        leeway=told.get("leeway", terms.leeway),
        lifetime=_lasting(terms.lifetime, "token_lifetime", told),
        idle_lifetime=_lasting(terms.idle_lifetime, "idle_token_lifetime", told),
    )


def _lasting(before: int | None, name: str, told: Mapping[str, int]) -> int | None:
    """Without end, for so many seconds, or as before; what has an end again is as the tenant says."""
    infinite = told.get(f"infinite_{name}")
    if infinite:
        return 0
    return told.get(name, before if infinite is None else None)
