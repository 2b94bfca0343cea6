"""What our events are called where Auth0's log types are spoken."""

from collections.abc import Mapping

from sekisho.spec.refusals import CATALOGUE

# What happened, by our slug: Auth0's type, and the sentence that goes with it.
DEEDS: Mapping[str, tuple[str, str]] = {
    "token_issued": ("seccft", "Exchange of client credentials for an access token"),
    "code_redeemed": ("seacft", "Exchange of an authorization code for tokens"),
    "code_mailed": ("cls", "Code or link for signing in sent to a user"),
    "passwordless_redeemed": ("seotpft", "Exchange of a mailed code for tokens"),
    "password_redeemed": ("sepft", "Exchange of a password for tokens"),
    "token_exchanged": ("secte", "Exchange of a token for another one"),
    "assertion_redeemed": ("secte", "Exchange of an assertion for an access token"),
    "token_refreshed": ("sertft", "Exchange of a refresh token for tokens"),
    "token_revoked": ("srrt", "Revocation of a token"),
    "delivery_failed": ("w", "Delivery of an event to somebody else"),
    "user_signed_in": ("s", "Sign-in of a user"),
    "dashboard_entered": ("s", "Sign-in of an administrator to the dashboard"),
    "user_signed_up": ("ss", "New account of a user"),
    "code_issued": ("ssa", "Authorization code for a client"),
    "request_pushed": ("sapi", "Pushed authorization request of a client"),
    "refresh_reused": ("ferrt", "Reuse of a refresh token; what it stands for ended"),
    "consent_given": ("sapi", "Agreement of a user to what a client asked for"),
    "consent_withdrawn": ("sapi", "End of a user's agreement, and of what it gave"),
    "session_ended": ("slo", "End of a session of a user"),
    "user_signed_out": ("slo", "Sign-out of a user"),
    "api_created": ("sapi", "Create a resource server"),
    "api_changed": ("sapi", "Change a resource server"),
    "api_deleted": ("sapi", "Delete a resource server"),
    "client_created": ("sapi", "Create a client"),
    "client_changed": ("sapi", "Change a client"),
    "client_deleted": ("sapi", "Delete a client"),
    "client_secret_rotated": ("sapi", "Rotate the secret of a client"),
    "client_secret_added": ("sapi", "Add a secret to an application"),
    "client_secret_removed": ("sapi", "Remove a secret of an application"),
    "permission_grant_created": ("sapi", "Create a permission grant"),
    "permission_grant_changed": ("sapi", "Change a permission grant"),
    "permission_grant_deleted": ("sapi", "Delete a permission grant"),
    "app_role_assigned": ("sapi", "Assign an app role"),
    "app_role_unassigned": ("sapi", "Delete an app role assignment"),
    "client_grant_created": ("sapi", "Create a client grant"),
    "client_grant_changed": ("sapi", "Change a client grant"),
    "client_grant_deleted": ("sapi", "Delete a client grant"),
    "credential_created": ("sapi", "Create a credential of a client"),
    "credential_changed": ("sapi", "Change a credential of a client"),
    "credential_deleted": ("sapi", "Delete a credential of a client"),
    "application_created": ("sapi", "Create a registered application"),
    "application_changed": ("sapi", "Change a registered application"),
    "application_published": ("sapi", "Publish a registered application"),
    "application_revoked": ("sapi", "Revoke a registered application"),
    "statement_given": ("sapi", "Download a software statement"),
    "statement_revoked": ("sapi", "Revoke a software statement"),
    "client_registered": ("sapi", "Registration of a client with a software statement"),
    "clients_pruned": ("sapi", "Delete clients that were not used"),
    "keys_made": ("sapi", "Make the first signing keys of an algorithm"),
    "key_rotated": ("sapi", "Rotate a signing key"),
    "key_revoked": ("sapi", "Revoke a signing key"),
    "resealed": ("sapi", "Seal what is secret at rest anew"),
    "user_created": ("sapi", "Create a user"),
    "user_changed": ("sapi", "Change a user"),
    "user_deleted": ("sapi", "Delete a user"),
    "roles_assigned": ("sapi", "Give roles to a user"),
    "roles_unassigned": ("sapi", "Take roles from a user"),
    "user_permitted": ("sapi", "Give permissions to a user"),
    "user_forbidden": ("sapi", "Take permissions from a user"),
    "user_invited": ("sapi", "Invite a user"),
    "invitation_withdrawn": ("sapi", "End the invitation of a member"),
    "member_changed": ("sapi", "Change who administers the tenant"),
    "invitation_accepted": ("scp", "Set a first password by invitation"),
    "password_reset_asked": ("scpr", "Mail with a link for a new password"),
    "password_reset": ("scp", "Set a new password by a link"),
    "mail_sent": ("sapi", "Mail handed to the mail server"),
    "mail_withheld": ("sapi", "Mail asked for that nobody was sent"),
    "password_changed": ("scp", "Change a password"),
    "second_factor_added": ("gd_enrollment_complete", "Second factor set up by a user"),
    "second_factor_removed": ("gd_unenroll", "Second factor of a user taken away"),
    "second_factor_shown": ("gd_auth_succeed", "Second factor shown by a user"),
    "recovery_code_used": ("gd_recovery_succeed", "Recovery code used by a user"),
    "recovery_codes_renewed": ("sapi", "New recovery codes for a user"),
    "password_rehashed": ("sapi", "Keep a password under stronger parameters"),
    "role_created": ("sapi", "Create a role"),
    "role_changed": ("sapi", "Change a role"),
    "role_deleted": ("sapi", "Delete a role"),
    "role_permitted": ("sapi", "Give permissions to a role"),
    "role_forbidden": ("sapi", "Take permissions from a role"),
    "claim_rule_created": ("sapi", "Create a claim rule"),
    "claim_rule_changed": ("sapi", "Change a claim rule"),
    "claim_rule_deleted": ("sapi", "Delete a claim rule"),
    "access_policy_created": ("sapi", "Create a policy of conditional access"),
    "access_policy_changed": ("sapi", "Change a policy of conditional access"),
    "access_policy_deleted": ("sapi", "Delete a policy of conditional access"),
    "access_policy_asked": ("s", "More asked for by a policy of conditional access"),
    "access_policy_refused": ("f", "Refused by a policy of conditional access"),
    "access_policy_watched": ("s", "A policy would have asked or refused"),
    "trusted_issuer_created": ("sapi", "Trust an issuer"),
    "trusted_issuer_changed": ("sapi", "Change a trusted issuer"),
    "trusted_issuer_deleted": ("sapi", "Stop trusting an issuer"),
    "site_setting_put": ("sapi", "Set a site setting"),
    "site_setting_deleted": ("sapi", "Delete a site setting"),
    "certificate_uploaded": ("sapi", "Upload a certificate"),
    "certificate_deleted": ("sapi", "Delete a certificate"),
    "portal_token_issued": ("s", "Portal token for a visitor"),
    "tenant_created": ("sapi", "Create the tenant"),
    "tenant_changed": ("sapi", "Change the settings of the tenant"),
}
# What was refused while somebody signed in, or to a client that came in their name, by our slug.
FAILURES: Mapping[str, str] = {
    "user_unknown": "fu",
    "password_wrong": "fp",
    "sign_in_locked": "limit_wc",
    "user_blocked": "f",
    **dict.fromkeys(("factor_wrong", "factor_replayed"), "gd_auth_failed"),
    "recovery_wrong": "gd_recovery_failed",
    "login_required": "fsa",
    "consent_required": "fsa",
    "code_invalid": "feacft",
    "code_redirect": "feacft",
    "code_verifier": "feacft",
    "refresh_invalid": "fertft",
    "scope_widened": "fertft",
    "grant_blocked": "f",
    **dict.fromkeys(("sign_up_off", "sign_up_invalid", "user_taken", "username_taken"), "fs"),
    **dict.fromkeys(("cross_origin_off", "origin_unlisted"), "fco"),
    "login_ticket_invalid": "fcoa",
}
# What else was refused, by the error code of the wire.
EXCHANGE = frozenset(
    (
        *("invalid_client", "invalid_grant", "invalid_scope", "invalid_target"),
        *("unauthorized_client", "unsupported_grant_type"),
    )
)
MANAGEMENT = frozenset(
    (
        *("conflict", "insufficient_scope", "invalid_body", "invalid_header", "invalid_query_string"),
        *("invalid_token", "operation_not_supported", "precondition_failed"),
    )
)
FAILED = "f"
DONE = "sapi"


def type_of(slug: str) -> str:
    """The type of an event; of one that this version does not know, a sensible one."""
    if slug in DEEDS:
        return DEEDS[slug][0]
    if slug in FAILURES:
        return FAILURES[slug]
    reason = CATALOGUE.get(slug)
    if reason is None:
        return DONE
    if reason.error in EXCHANGE:
        return "feccft"
    if reason.error in MANAGEMENT or reason.error.startswith("inexistent_"):
        return "fapi"
    return "api_limit" if reason.error == "too_many_requests" else FAILED


def description_of(slug: str) -> str:
    """What happened, as a sentence; what was refused, with the places of its words."""
    if slug in DEEDS:
        return DEEDS[slug][1]
    return CATALOGUE[slug].text if slug in CATALOGUE else slug.replace("_", " ").capitalize()


def slugs_of(type: str) -> tuple[str, ...]:
    """The events that a type stands for."""
    return tuple(slug for slug in (*DEEDS, *CATALOGUE) if type_of(slug) == type)
