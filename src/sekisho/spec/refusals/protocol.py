"""What clients and the tokens that they show are refused."""

from sekisho.spec.refusal import Reason

# fmt: off
# How a client proves itself (RFC 6749 section 2.3)
CLIENT_AUTH_MISSING = Reason("client_auth_missing", "invalid_client", 401,
    "Client authentication is required")
CLIENT_AUTH_AMBIGUOUS = Reason("client_auth_ambiguous", "invalid_request", 400,
    "More than one client authentication method was used")
CLIENT_AUTH_FAILED = Reason("client_auth_failed", "invalid_client", 401, "Client authentication failed")
CLIENT_AUTH_METHOD = Reason("client_auth_method", "invalid_client", 401,
    "The client does not use this authentication method")
CLIENT_SECRET_EXPIRED = Reason("client_secret_expired", "invalid_client", 401, "Client authentication failed")
CLIENT_DISABLED = Reason("client_disabled", "invalid_client", 401, "Client authentication failed")

# How a client's assertion fails (RFC 7521 section 4.2.1, RFC 7523 section 3)
ASSERTION_TYPE = Reason("assertion_type", "invalid_client", 401, "Unsupported client_assertion_type")
ASSERTION_MALFORMED = Reason("assertion_malformed", "invalid_client", 401, "Malformed client assertion")
ASSERTION_ALGORITHM = Reason("assertion_algorithm", "invalid_client", 401, "Assertion: algorithm not allowed")
ASSERTION_SUBJECT = Reason("assertion_subject", "invalid_client", 401, "iss and sub have to be the client_id")
ASSERTION_AUDIENCE = Reason("assertion_audience", "invalid_client", 401, "The assertion is for somebody else")
ASSERTION_EXPIRED = Reason("assertion_expired", "invalid_client", 401, "The client assertion has expired")
ASSERTION_EARLY = Reason("assertion_early", "invalid_client", 401, "The client assertion is not valid yet")
ASSERTION_LIFETIME = Reason("assertion_lifetime", "invalid_client", 401, "exp is missing or too far ahead")
ASSERTION_JTI = Reason("assertion_jti", "invalid_client", 401, "A jti of at most 64 characters is needed")
ASSERTION_KEY_UNKNOWN = Reason("assertion_key_unknown", "invalid_client", 401, "No such key of this client")
ASSERTION_SIGNATURE = Reason("assertion_signature", "invalid_client", 401, "Wrong signature of the assertion")
ASSERTION_REPLAYED = Reason("assertion_replayed", "invalid_client", 401, "The assertion was used before")

# What a client may ask for
GRANT_TYPE_UNKNOWN = Reason("grant_type_unknown", "unsupported_grant_type", 400,
    "Unsupported grant type: {grant_type}")
GRANT_TYPE_NOT_ALLOWED = Reason("grant_type_not_allowed", "unauthorized_client", 400,
    "Grant type '{grant_type}' not allowed for the client.")
LEGACY_OFF = Reason("legacy_off", "access_denied", 403, "This tenant has switched {flag} off")
LEGACY_CONFORMANT = Reason("legacy_conformant", "unauthorized_client", 403,
    "This endpoint is for clients that are not OIDC conformant")
CLIENT_IS_PUBLIC = Reason("client_is_public", "unauthorized_client", 400,
    "A client without credentials cannot use this grant type")
AUDIENCE_UNKNOWN = Reason("audience_unknown", "invalid_target", 400, "Service not found: {audience}")
AUDIENCE_AMBIGUOUS = Reason("audience_ambiguous", "invalid_target", 400,
    "A token is for one API: ask for one audience or resource")
CLIENT_GRANT_MISSING = Reason("client_grant_missing", "invalid_target", 400,
    "Client is not authorized to access '{audience}'. You need to create a 'client-grant' for this API.")
GRANT_LOST = Reason("grant_lost", "invalid_grant", 400,
    "What the request relied on was revoked in the meantime")
TOKEN_OF_ANOTHER = Reason("token_of_another", "unauthorized_client", 400,
    "The token was not issued to this client")
SCOPE_MALFORMED = Reason("scope_malformed", "invalid_scope", 400, "The scope is malformed")

# Bearer tokens at our own APIs (RFC 6750)
TOKEN_MISSING = Reason("token_missing", "invalid_token", 401, "Missing authentication")
TOKEN_INVALID = Reason("token_invalid", "invalid_token", 401, "Invalid token")
TOKEN_EXPIRED = Reason("token_expired", "invalid_token", 401, "Expired token")
TOKEN_AUDIENCE = Reason("token_audience", "invalid_token", 401, "Bad audience: {audience}")
SCOPE_INSUFFICIENT = Reason("scope_insufficient", "insufficient_scope", 403,
    "Insufficient scope, expected any of: {scopes}")

# What we fetch; neither sentence says what a name stands for, or what is there
FETCH_REFUSED = Reason("fetch_refused", "invalid_request", 400,
    "This server does not fetch from there: {problem}")
FETCH_FAILED = Reason("fetch_failed", "invalid_request", 400, "A document could not be fetched")
# fmt: on
