"""Settings, Advanced: what the authorization server accepts, and how much of it."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import to_builtins

from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms.settings.tab import Tab, own
from sekisho.spec.policy import Policy

ALLOWED = "pushed_authorization_requests_supported"
REQUIRED = "flags.require_pushed_authorization_requests"
# By what the policy calls them.
FLAGS: Mapping[str, str] = {
    "flags.allow_legacy_ro_grant_types": "legacy_ro",
    "flags.allow_legacy_tokeninfo_endpoint": "legacy_tokeninfo",
    "flags.enable_public_signup_user_exists_error": "taken_told",
}
ADOBE_PASS: Mapping[str, Kind] = {
    "adobe_pass.device_info": "text",
    "adobe_pass.allowance": "text",
    "adobe_pass.rate": "number",
    "adobe_pass.burst": "number",
    "adobe_pass.registration_rate": "number",
    "adobe_pass.registration_burst": "number",
}
KINDS: Mapping[str, Kind] = {
    ALLOWED: "switch",
    REQUIRED: "switch",
    "applications_may_take_passwords": "switch",
    "passwordless_allowed": "switch",
    "token_exchange_allowed": "switch",
    "user_consent_allowed": "switch",
    "second_factor": "text",
    **dict.fromkeys(FLAGS, "switch"),
    "allowed_logout_urls": "lines",
    "refresh_lifetime": "number",
    "refresh_idle_lifetime": "number",
    "refresh_leeway": "number",
    "exchange_depth": "number",
    "token_client_rate": "number",
    "token_client_burst": "number",
    "token_address_rate": "number",
    "token_address_burst": "number",
    "management_rate": "number",
    "management_burst": "number",
    "sign_in_account_burst": "number",
    "sign_in_account_seconds": "number",
    "sign_in_address_burst": "number",
    "sign_in_address_seconds": "number",
    **ADOBE_PASS,
    "site.folder": "text",
    "site.upstream": "text",
}


def _said(policy: Policy) -> Mapping[str, Any]:
    pushing = {ALLOWED: policy.pushing_allowed, REQUIRED: policy.pushing_required}
    pages = {"site.folder": policy.site.folder, "site.upstream": policy.site.upstream}
    flags = {name: getattr(policy, field) for name, field in FLAGS.items()}
    devices = to_builtins(policy.adobe_pass)
    installations = {name: devices[name.partition(".")[2]] for name in ADOBE_PASS}
    # As lines are sent.
    urls = {"allowed_logout_urls": list(policy.allowed_logout_urls)}
    return {**own(KINDS, policy), **pushing, **pages, **flags, **installations, **urls}


def _locked(policy: Policy) -> Collection[str]:
    """It cannot be required of everybody before it is allowed."""
    return () if policy.pushing_allowed else (REQUIRED,)


TAB = Tab("advanced", KINDS, _said, _locked)
