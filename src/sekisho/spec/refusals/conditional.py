"""What conditional access demands of a person before anything is opened for them (RFC 9470)."""

from sekisho.spec.refusal import Reason

# fmt: off
ACCESS_BLOCKED = Reason("access_blocked", "access_denied", 400,
    "A policy of this tenant does not let this in")
SECOND_FACTOR_NEEDED = Reason("second_factor_needed", "interaction_required", 400,
    "Multifactor authentication required")
SECOND_FACTOR_ABSENT = Reason("second_factor_absent", "interaction_required", 400,
    "Multifactor authentication required: a second factor has to be set up first")
CONTEXT_NEEDED = Reason("context_needed", "interaction_required", 400,
    "An authentication context is required that was not satisfied")
SIGN_IN_STALE = Reason("sign_in_stale", "interaction_required", 400,
    "The sign-in is too old for this: a new one is required")
CLAIMS_MALFORMED = Reason("claims_malformed", "invalid_request", 400, "The claims parameter is malformed")
ACCESS_POLICY_ABSENT = Reason("access_policy_absent", "inexistent_access_policy", 404,
    "The policy does not exist.")
ACCESS_POLICIES_MANY = Reason("access_policies_many", "operation_not_supported", 400,
    "A tenant has at most {most} policies.")
# fmt: on
