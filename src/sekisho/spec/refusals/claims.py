"""Why a tenant's own claim is refused or left out: the catalogue's part for claim rules."""

from sekisho.spec.refusal import Reason

# fmt: off
CLAIM_RULE_ABSENT = Reason("claim_rule_absent", "inexistent_claim_rule", 404,
    "The claim rule does not exist.")
CLAIM_RULES_MANY = Reason("claim_rules_many", "operation_not_supported", 400,
    "A tenant has at most {most} claim rules.")
CLAIM_NAME_MALFORMED = Reason("claim_name_malformed", "invalid_body", 400,
    "The claim '{claim}' is neither an http or https URL, nor a URN, nor a plain name.")
CLAIM_NAME_RESTRICTED = Reason("claim_name_restricted", "invalid_body", 400,
    "The claim '{claim}' is not for rules: it is the server's, or somebody else's.")
EXPRESSION_MALFORMED = Reason("expression_malformed", "invalid_body", 400,
    "The expression cannot be used: {problem}")
EXPRESSION_COSTLY = Reason("expression_costly", "invalid_body", 400,
    "The expression may take too long: {problem}")
# In the audit alone: the token was given without the claim.
CLAIM_LEFT_OUT = Reason("claim_left_out", "claim_left_out", 500, "A claim of a rule was left out.")
# fmt: on
