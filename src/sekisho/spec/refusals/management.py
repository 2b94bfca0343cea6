"""Why the management API refuses something: the catalogue's part for administration."""

from sekisho.spec.refusal import Reason

# fmt: off
BODY_INVALID = Reason("body_invalid", "invalid_body", 400, "Payload validation error: {problem}")
QUERY_INVALID = Reason("query_invalid", "invalid_query_string", 400, "Query validation error: {problem}")
HEADER_INVALID = Reason("header_invalid", "invalid_header", 400, "Header validation error: {problem}")
NOT_SUPPORTED = Reason("not_supported", "operation_not_supported", 400,
    "{field}: this server does not enforce it yet; leave the default")
CLIENT_ABSENT = Reason("client_absent", "inexistent_client", 404, "The client does not exist.")
API_ABSENT = Reason("api_absent", "inexistent_resource_server", 404, "The resource server does not exist.")
GRANT_ABSENT = Reason("grant_absent", "inexistent_client_grant", 404, "The grant does not exist.")
CREDENTIAL_ABSENT = Reason("credential_absent", "inexistent_credential", 404,
    "The credential does not exist.")
CREDENTIAL_BOUND = Reason("credential_bound", "operation_not_supported", 400,
    "The client authenticates with this credential: take it out of client_authentication_methods first.")
CREDENTIALS_MANY = Reason("credentials_many", "operation_not_supported", 400,
    "A client has at most {most} credentials.")
SECRET_UNUSED = Reason("secret_unused", "operation_not_supported", 400,
    "The client does not authenticate with a secret.")
LOG_ABSENT = Reason("log_absent", "inexistent_log", 404, "The log does not exist.")
TENANT_ABSENT = Reason("tenant_absent", "inexistent_tenant", 404, "The tenant does not exist.")
ALREADY_EXISTS = Reason("already_exists", "conflict", 409, "{what} already exists.")
VERSION_STALE = Reason("version_stale", "precondition_failed", 412,
    "It was changed by somebody else in the meantime.")
SYSTEM_API = Reason("system_api", "operation_not_supported", 400,
    "The API of the system cannot be changed like this.")
SYSTEM_CLIENT = Reason("system_client", "operation_not_supported", 400,
    "The client of the system cannot be changed or deleted.")
CLIENT_ABOVE = Reason("client_above", "access_denied", 403,
    "This can be changed only by an administrator who may do all that the client may.")
SLUG_RESERVED = Reason("slug_reserved", "invalid_body", 400, "The slug '{slug}' is reserved or malformed.")
DOMAIN_MALFORMED = Reason("domain_malformed", "invalid_body", 400, "The domain '{domain}' is malformed.")
KEY_ABSENT = Reason("key_absent", "inexistent_signing_key", 404, "The signing key does not exist.")
KEY_BOUND = Reason("key_bound", "operation_not_supported", 409, "{problem}")
# fmt: on
