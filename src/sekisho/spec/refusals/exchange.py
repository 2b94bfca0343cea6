"""Why a token that somebody shows is not exchanged for another one (RFC 7523, RFC 8693)."""

from sekisho.spec.refusal import Reason

# fmt: off
# What is shown
SUBJECT_MALFORMED = Reason("subject_malformed", "invalid_request", 400, "The assertion is malformed")
SUBJECT_UNTRUSTED = Reason("subject_untrusted", "invalid_grant", 400,
    "The assertion is not signed by anybody who is trusted here")
SUBJECT_AUDIENCE = Reason("subject_audience", "invalid_grant", 400,
    "The assertion is for somebody else than who shows it")
SUBJECT_EXPIRED = Reason("subject_expired", "invalid_grant", 400, "The assertion is not within its time")
SUBJECT_ID_TOKEN = Reason("subject_id_token", "invalid_request", 400,
    "An ID token is no assertion: show an access token")
SUBJECT_APP_ONLY = Reason("subject_app_only", "unauthorized_client", 400,
    "The assertion is about no person: an application's own token is not exchanged")
SUBJECT_SCOPELESS = Reason("subject_scopeless", "invalid_grant", 400,
    "The assertion has no scope of who shows it")
SUBJECT_REPLAYED = Reason("subject_replayed", "invalid_grant", 400, "The assertion was used before")
SUBJECT_GONE = Reason("subject_gone", "invalid_grant", 400, "There is no such user")
SUBJECT_REVOKED = Reason("subject_revoked", "invalid_grant", 400,
    "What the assertion stands for was taken back: a new sign-in is needed")

# What is asked for
EXCHANGE_DEEP = Reason("exchange_deep", "invalid_grant", 400,
    "The token passed through too many applications")
EXCHANGE_FORBIDDEN = Reason("exchange_forbidden", "unauthorized_client", 400,
    "The client may not exchange tokens like this")
TOKEN_USE_UNKNOWN = Reason("token_use_unknown", "invalid_request", 400,
    "This requested_token_use is not supported here")
TOKEN_TYPE_UNKNOWN = Reason("token_type_unknown", "invalid_request", 400, "Unsupported token type: {type}")
ISSUER_UNTRUSTED = Reason("issuer_untrusted", "invalid_grant", 400,
    "The issuer of the assertion is not trusted here")

# Who is trusted, as administrators say it
TRUSTED_ISSUER_ABSENT = Reason("trusted_issuer_absent", "inexistent_trusted_issuer", 404,
    "The trusted issuer does not exist.")
TRUSTED_ISSUERS_MANY = Reason("trusted_issuers_many", "operation_not_supported", 400,
    "A tenant has at most {most} trusted issuers.")
# fmt: on
