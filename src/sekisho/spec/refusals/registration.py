"""Why a registration, or what came of one, is refused: the catalogue's part for software statements."""

from sekisho.spec.refusal import Reason

# fmt: off
# A client registers itself (RFC 7591 section 3.2.2)
STATEMENT_INVALID = Reason("statement_invalid", "invalid_software_statement", 400,
    "The software statement is not valid")
STATEMENT_UNAPPROVED = Reason("statement_unapproved", "unapproved_software_statement", 400,
    "The software statement is not approved here")
REDIRECT_UNCOVERED = Reason("redirect_uncovered", "invalid_redirect_uri", 400,
    "The redirect_uri belongs to none of the application's domains and schemes")
DEVICE_MALFORMED = Reason("device_malformed", "invalid_request", 400,
    "X-Device-Info is not Base64 of a JSON object that names the device")
REGISTRATION_ENDED = Reason("registration_ended", "invalid_client", 401, "Client authentication failed")

# At the gate of a protected API; only the gate tells these apart (RFC 6750 section 3.1)
TOKEN_CLIENT_GONE = Reason("token_client_gone", "invalid_token", 401, "Invalid token")
TOKEN_SECRET_REPLACED = Reason("token_secret_replaced", "invalid_token", 401, "Invalid token")
TOKEN_STATEMENT_ENDED = Reason("token_statement_ended", "invalid_token", 401, "Invalid token")
TOKEN_CHANNEL = Reason("token_channel", "insufficient_scope", 403,
    "The application is not registered for this service provider")
CHANNEL_MISSING = Reason("channel_missing", "invalid_request", 400, "The address names no service provider")

# Administration
APPLICATION_ABSENT = Reason("application_absent", "inexistent_registered_application", 404,
    "The registered application does not exist.")
APPLICATION_UNPUBLISHED = Reason("application_unpublished", "inexistent_software_statement", 404,
    "The registered application is not published yet.")
APPLICATION_FIXED = Reason("application_fixed", "operation_not_supported", 400,
    "A published application does not change: make a new one for a new release.")
APPLICATION_REVOKED = Reason("revoked_application", "operation_not_supported", 400,
    "The registered application was revoked.")
REGISTRATION_DECIDES = Reason("registration_decides", "operation_not_supported", 400,
    "The client registered itself, which decides on: {field}")
STATEMENT_ABSENT = Reason("statement_absent", "inexistent_software_statement", 404,
    "The software statement does not exist.")
# fmt: on
