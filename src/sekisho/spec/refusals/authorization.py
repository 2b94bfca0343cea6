"""Why an authorization request is refused: the catalogue's part for what people take part in."""

from sekisho.spec.refusal import Reason

# fmt: off
# Nobody is redirected while it is not certain where to (RFC 6749 section 4.1.2.1)
CLIENT_UNKNOWN = Reason("client_unknown", "invalid_request", 400, "Unknown client: {client_id}")
REDIRECT_MISMATCH = Reason("redirect_mismatch", "invalid_request", 400,
    "Callback URL mismatch: the redirect_uri is not one that the application registered")
PUSHED_UNKNOWN = Reason("pushed_unknown", "invalid_request", 400,
    "The request_uri is unknown, was used, or has expired")
FLOW_LOST = Reason("flow_lost", "invalid_request", 400,
    "This sign-in was finished or has expired, or began in another browser")
FORM_FORGED = Reason("form_forged", "invalid_request", 400,
    "The form did not come from the page that it belongs to; open the page again")

# The request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1)
RESPONSE_TYPE_UNKNOWN = Reason("response_type_unknown", "unsupported_response_type", 400,
    "Unsupported response type: {response_type}")
RESPONSE_MODE_UNKNOWN = Reason("response_mode_unknown", "invalid_request", 400,
    "Unsupported response mode: {response_mode}")
WEB_ORIGIN_UNLISTED = Reason("web_origin_unlisted", "invalid_request", 400,
    "response_mode web_message needs the origin of redirect_uri among the client's web origins.")
RESPONSE_MODE_UNFIT = Reason("response_mode_unfit", "invalid_request", 400,
    "Tokens do not travel in a query: use fragment or form_post")
OPENID_MISSING = Reason("openid_missing", "invalid_scope", 400,
    "An ID token is for requests with the scope openid")
RESPONSE_TYPE_NOT_ALLOWED = Reason("response_type_not_allowed", "unauthorized_client", 400,
    "Grant type '{grant_type}' not allowed for the client.")
PROMPT_INCOHERENT = Reason("prompt_incoherent", "invalid_request", 400,
    "prompt is unknown, or has none beside other values")
NUMBER_MALFORMED = Reason("number_malformed", "invalid_request", 400, "{name} is not a number of seconds")
PARAMETER_LONG = Reason("parameter_long", "invalid_request", 400, "{name} is too long")
CHALLENGE_MISSING = Reason("challenge_missing", "invalid_request", 400,
    "A code_challenge with code_challenge_method=S256 is needed")
CHALLENGE_MALFORMED = Reason("challenge_malformed", "invalid_request", 400,
    "code_challenge has to be a base64url SHA-256, code_challenge_method S256")
AUDIENCE_REFUSED = Reason("audience_refused", "access_denied", 400, "Service not found: {audience}")
REQUEST_OBJECT = Reason("request_object", "request_not_supported", 400,
    "Request objects are not supported")
REQUEST_BY_REFERENCE = Reason("request_by_reference", "request_uri_not_supported", 400,
    "Only request URIs of this server are supported")
HINT_INVALID = Reason("hint_invalid", "invalid_request", 400,
    "id_token_hint is not an ID token of this server")

# Pushed authorization requests (RFC 9126)
PUSHING_OFF = Reason("pushing_off", "invalid_request", 400,
    "Pushed Authorization Requests are not enabled")
PUSHING_REQUIRED = Reason("pushing_required", "invalid_request", 400,
    "Pushed Authorization Requests are required for this client")
PUSHED_NESTED = Reason("pushed_nested", "invalid_request", 400,
    "A pushed request cannot have a request_uri")

# What only the person could cure (OpenID Connect Core 1.0 section 3.1.2.6)
LOGIN_REQUIRED = Reason("login_required", "login_required", 400, "Login required")
CONSENT_REQUIRED = Reason("consent_required", "consent_required", 400, "Consent required")
PERSON_DECLINED = Reason("person_declined", "access_denied", 400, "The user declined")
PERSON_BLOCKED = Reason("person_blocked", "access_denied", 400, "user is blocked")

# Signing out (OpenID Connect RP-Initiated Logout 1.0)
LOGOUT_MISMATCH = Reason("logout_mismatch", "invalid_request", 400,
    "The post_logout_redirect_uri is not one that the application registered")
RETURN_MISMATCH = Reason("return_mismatch", "invalid_request", 400,
    "The returnTo is not one of the allowed logout URLs")
SIGN_OUT_EMBEDDED = Reason("sign_out_embedded", "invalid_request", 400,
    "Signing out takes the whole window: nothing inside a page can do it")

# People who showed their password to a page of an application (Auth0's cross-origin authentication)
TICKET_INVALID = Reason("login_ticket_invalid", "access_denied", 400, "Unknown or invalid login ticket.")

# Codes and refresh tokens (RFC 6749 sections 4.1.3 and 6)
CODE_INVALID = Reason("code_invalid", "invalid_grant", 400, "Invalid authorization code")
CODE_REDIRECT = Reason("code_redirect", "invalid_grant", 400,
    "The redirect_uri is not the one that the code was asked for with")
CODE_VERIFIER = Reason("code_verifier", "invalid_grant", 400, "Failed to verify code verifier")
REFRESH_INVALID = Reason("refresh_invalid", "invalid_grant", 400, "Unknown or invalid refresh token.")
GRANT_BLOCKED = Reason("grant_blocked", "invalid_grant", 400, "user is blocked")
SCOPE_WIDENED = Reason("scope_widened", "invalid_scope", 400,
    "The scope is more than the refresh token stands for")
# fmt: on
