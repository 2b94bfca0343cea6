"""What can happen, in groups: what people choose from, and what an event is drawn as."""

from collections.abc import Mapping

from sekisho.spec.refusals import CATALOGUE

SIGN_INS = (
    *("user_signed_in", "user_signed_up", "user_signed_out", "session_ended", "dashboard_entered"),
    *("consent_given", "consent_withdrawn", "invitation_accepted", "code_mailed"),
    *("second_factor_shown", "recovery_code_used"),
    *("access_policy_asked", "access_policy_refused", "access_policy_watched"),
)
TOKENS = (
    *("token_issued", "code_redeemed", "token_refreshed", "token_revoked", "portal_token_issued"),
    *("code_issued", "password_redeemed", "passwordless_redeemed", "request_pushed"),
    *("refresh_reused", "token_exchanged", "assertion_redeemed"),
)
CHANGES = (
    *("client_created", "client_changed", "client_deleted", "client_secret_rotated"),
    *("client_secret_added", "client_secret_removed", "app_role_assigned", "app_role_unassigned"),
    *("permission_grant_created", "permission_grant_changed", "permission_grant_deleted"),
    *("credential_created", "credential_changed", "credential_deleted"),
    *("client_grant_created", "client_grant_changed", "client_grant_deleted"),
    *("api_created", "api_changed", "api_deleted"),
    *("application_created", "application_changed", "application_published", "application_revoked"),
    *("statement_given", "statement_revoked", "client_registered", "clients_pruned"),
    *("user_created", "user_changed", "user_deleted", "user_invited", "user_permitted", "user_forbidden"),
    *("password_changed", "password_rehashed", "password_reset_asked", "password_reset"),
    *("second_factor_added", "second_factor_removed", "recovery_codes_renewed"),
    *("roles_assigned", "roles_unassigned"),
    *("role_created", "role_changed", "role_deleted", "role_permitted", "role_forbidden"),
    *("invitation_withdrawn", "member_changed", "tenant_created", "tenant_changed"),
    *("site_setting_put", "site_setting_deleted", "certificate_uploaded", "certificate_deleted"),
    *("claim_rule_created", "claim_rule_changed", "claim_rule_deleted"),
    *("access_policy_created", "access_policy_changed", "access_policy_deleted"),
    *("trusted_issuer_created", "trusted_issuer_changed", "trusted_issuer_deleted"),
    *("keys_made", "key_rotated", "key_revoked", "resealed"),
)
REFUSALS = "refusals"
GROUPS: Mapping[str, tuple[str, ...]] = {
    REFUSALS: tuple(CATALOGUE),
    "sign_ins": SIGN_INS,
    "tokens": TOKENS,
    "changes": CHANGES,
}
# What went wrong without anybody being refused.
TROUBLE = frozenset(("delivery_failed", "refresh_reused"))
_OF: Mapping[str, str] = {slug: group for group, slugs in GROUPS.items() for slug in slugs}


def group(slug: str) -> str:
    """The group of a slug; empty for what is in none."""
    return _OF.get(slug, "")
