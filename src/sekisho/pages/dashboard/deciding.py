"""Which setting decides whether a request is refused, and where in the dashboard it is."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """`room` is an address below /dashboard with its variables by name; `field` is the wire name of it."""

    room: str
    field: str


_SETTINGS = "applications/{client_id}/settings"
_CREDENTIALS = "applications/{client_id}/credentials"
_APIS = "applications/{client_id}/apis"
_AUTHENTICATION = "applications/{client_id}/authentication"
_PERMISSIONS = "applications/{client_id}/permissions"
_USER = "users/{user}"
_REGISTERED = "registered-applications/{application}"
_SITE = "site-settings"
_GENERAL = "settings/general"
_ADVANCED = "settings/advanced"

# By slug. What no setting decides is not here: what is malformed, what is over, what people do.
DECIDES: Mapping[str, Setting] = {
    # Who asks, and how it proves itself
    "client_unknown": Setting(_SETTINGS, "enabled"),
    "client_disabled": Setting(_SETTINGS, "enabled"),
    "token_client_gone": Setting(_SETTINGS, "enabled"),
    "client_auth_missing": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "client_auth_method": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "client_is_public": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "challenge_missing": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "secret_unused": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "assertion_algorithm": Setting(_CREDENTIALS, "token_endpoint_auth_signing_alg"),
    "assertion_audience": Setting(_CREDENTIALS, "assertion_audience"),
    "assertion_key_unknown": Setting(_CREDENTIALS, "client_authentication_methods"),
    "assertion_signature": Setting(_CREDENTIALS, "client_authentication_methods"),
    "credential_bound": Setting(_CREDENTIALS, "client_authentication_methods"),
    "assertion_replayed": Setting(_CREDENTIALS, "assertion_reuse"),
    # What it may ask for, and where it is answered
    "grant_type_not_allowed": Setting(_SETTINGS, "grant_types"),
    "response_type_not_allowed": Setting(_SETTINGS, "grant_types"),
    "client_grant_missing": Setting(_APIS, "audience"),
    "scope_insufficient": Setting(_APIS, "scope"),
    "redirect_mismatch": Setting(_SETTINGS, "callbacks"),
    "logout_mismatch": Setting(_SETTINGS, "allowed_logout_urls"),
    "return_mismatch": Setting(_SETTINGS, "allowed_logout_urls"),
    "web_origin_unlisted": Setting(_SETTINGS, "web_origins"),
    "origin_unlisted": Setting(_SETTINGS, "web_origins"),
    "cross_origin_off": Setting(_SETTINGS, "cross_origin_authentication"),
    "legacy_off": Setting(_ADVANCED, "flags.allow_legacy_ro_grant_types"),
    "legacy_conformant": Setting(_SETTINGS, "oidc_conformant"),
    "pushing_off": Setting(_ADVANCED, "pushed_authorization_requests_supported"),
    "pushing_required": Setting(_SETTINGS, "require_pushed_authorization_requests"),
    "consent_required": Setting(_SETTINGS, "is_first_party"),
    "refresh_invalid": Setting(_SETTINGS, "refresh_token.leeway"),
    # In Entra's words
    "not_consented": Setting(_PERMISSIONS, "requiredResourceAccess"),
    "type_gated": Setting(_AUTHENTICATION, "web.implicitGrantSettings"),
    "single_tenant": Setting(_AUTHENTICATION, "signInAudience"),
    "origin_missing": Setting(_AUTHENTICATION, "spa.redirectUris"),
    "origin_unfit": Setting(_AUTHENTICATION, "spa.redirectUris"),
    "proof_missing": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    "proof_unfit": Setting(_CREDENTIALS, "token_endpoint_auth_method"),
    # People
    "person_blocked": Setting(_USER, "blocked"),
    "user_blocked": Setting(_USER, "blocked"),
    "grant_blocked": Setting(_USER, "blocked"),
    "password_short": Setting(_GENERAL, "password_shortest"),
    "sign_up_off": Setting(_GENERAL, "sign_up_allowed"),
    "sign_up_invalid": Setting(_ADVANCED, "flags.enable_public_signup_user_exists_error"),
    "user_taken": Setting(_ADVANCED, "flags.enable_public_signup_user_exists_error"),
    "admin_needed": Setting(_ADVANCED, "user_consent_allowed"),
    "exchange_deep": Setting(_ADVANCED, "exchange_depth"),
    "passwordless_off": Setting(_ADVANCED, "passwordless_allowed"),
    # Limits
    "rate_limited": Setting(_ADVANCED, "token_client_rate"),
    "sign_in_locked": Setting(_ADVANCED, "sign_in_account_burst"),
    "log_absent": Setting(_GENERAL, "audit_days"),
    # Clients that register themselves
    "redirect_uncovered": Setting(_REGISTERED, "domains"),
    "token_channel": Setting(_REGISTERED, "channels"),
    "device_malformed": Setting(_ADVANCED, "adobe_pass.device_info"),
    # Portals
    "portal_off": Setting(_SITE, "Connector/ImplicitGrantFlowEnabled"),
    "portal_way_off": Setting(_SITE, "ImplicitGrantFlow/AuthorizeEnabled"),
    "portal_client_missing": Setting(_SITE, "ImplicitGrantFlow/ClientIdRequired"),
    "portal_client_unregistered": Setting(_SITE, "ImplicitGrantFlow/RegisteredClientId"),
    "portal_redirect_unregistered": Setting(_SITE, "ImplicitGrantFlow/{client_id}/RedirectUri"),
    "portal_certificate_absent": Setting(_SITE, "CustomCertificates/ImplicitGrantflow"),
    "certificate_bound": Setting(_SITE, "CustomCertificates/ImplicitGrantflow"),
    "site_unreachable": Setting(_ADVANCED, "site.upstream"),
    "site_slow": Setting(_ADVANCED, "site.upstream"),
}
# Where one slug stands for several settings, the parameter of its contrast says which.
EXACTLY: Mapping[tuple[str, str], Setting] = {
    ("pushed_unknown", "pushed_authorization_requests_supported"): DECIDES["pushing_off"],
    ("sign_in_locked", "sign_in_address_burst"): Setting(_ADVANCED, "sign_in_address_burst"),
    ("rate_limited", "adobe_pass.registration_rate"): Setting(_ADVANCED, "adobe_pass.registration_rate"),
    ("cross_origin_off", "is_first_party"): DECIDES["consent_required"],
    ("legacy_off", "allow_legacy_tokeninfo_endpoint"): Setting(
        _ADVANCED, "flags.allow_legacy_tokeninfo_endpoint"
    ),
    ("portal_way_off", "ImplicitGrantFlow/TokenByGetEnabled"): Setting(
        _SITE, "ImplicitGrantFlow/TokenByGetEnabled"
    ),
}


def decides(slug: str, parameter: str = "") -> Setting | None:
    """The setting that decides, as closely as the refusal tells; None where no setting does."""
    return EXACTLY.get((slug, parameter)) or DECIDES.get(slug)
