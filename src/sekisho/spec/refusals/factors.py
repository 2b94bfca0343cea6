"""Why a second factor is refused, or asked for."""

from sekisho.spec.refusal import Reason

# fmt: off
FACTOR_WRONG = Reason("factor_wrong", "invalid_grant", 403, "Invalid otp_code.")
FACTOR_REPLAYED = Reason("factor_replayed", "invalid_grant", 403, "Invalid otp_code: it was used before.")
RECOVERY_WRONG = Reason("recovery_wrong", "invalid_grant", 403, "Invalid recovery code.")
FACTOR_PRESENT = Reason("factor_present", "access_denied", 403,
    "User is already enrolled: a second factor is changed by who shows it.")
FACTOR_ABSENT = Reason("factor_absent", "inexistent_authentication_method", 404,
    "The authentication method does not exist.")
FACTOR_NEVER = Reason("factor_never", "access_denied", 403, "This tenant asks for no second factor.")
FACTOR_BEGUN_ELSEWHERE = Reason("factor_begun_elsewhere", "invalid_request", 400,
    "This was begun too long ago, or in another browser: begin again")

# At applications that take passwords themselves
MFA_REQUIRED = Reason("mfa_required", "mfa_required", 403, "Multifactor authentication required")
MFA_TOKEN_MISSING = Reason("mfa_token_missing", "invalid_request", 401, "Missing mfa_token")
MFA_TOKEN_INVALID = Reason("mfa_token_invalid", "invalid_grant", 403, "Malformed mfa_token")
MFA_TOKEN_EXPIRED = Reason("mfa_token_expired", "expired_token", 401, "mfa_token is expired")
ASSOCIATION_REQUIRED = Reason("association_required", "association_required", 403,
    "User is not enrolled with any of the challenge types")
CHALLENGE_UNSUPPORTED = Reason("challenge_unsupported", "unsupported_challenge_type", 400,
    "None of the challenge types is supported: this tenant has otp")
# fmt: on
