"""What is refused in Entra's words: tenants by name, scopes that name their resource, consent."""

from sekisho.spec.refusal import Reason

# fmt: off
# The tenant in the path
DIRECTORY_ABSENT = Reason("directory_absent", "invalid_tenant", 400, "Tenant '{name}' not found")
TENANT_ALIAS = Reason("tenant_alias", "invalid_request", 400,
    "This grant needs the address of one tenant, not /{name}")
SINGLE_TENANT = Reason("single_tenant", "invalid_request", 400,
    "The application is for one tenant: use its own address instead of /{name}")
INSTANCE_UNKNOWN = Reason("instance_unknown", "invalid_instance", 400, "Unknown authority host")

# Resources and scopes
RESOURCE_ABSENT = Reason("resource_absent", "invalid_resource", 400,
    "There is no application '{resource}' in this tenant")
RESOURCE_MANY = Reason("resource_many", "invalid_request", 400,
    "A token is for one resource: ask for scopes of one only")
RESOURCE_PARAMETER = Reason("resource_parameter", "invalid_request", 400,
    "This endpoint takes scope instead of resource")
RESOURCE_SCOPE_UNKNOWN = Reason("resource_scope_unknown", "invalid_scope", 400,
    "The resource has no scope '{scope}'")
DEFAULT_MIXED = Reason("default_mixed", "invalid_scope", 400,
    ".default stands alone: no other scope of a resource goes with it")
DEFAULT_NEEDED = Reason("default_needed", "invalid_scope", 400,
    "An application asks in its own name for a resource with /.default")

# Who agreed, and who has to be assigned
NOT_CONSENTED = Reason("not_consented", "invalid_grant", 400,
    "Neither the user nor an administrator has consented to '{client}' for '{resource}'")
ADMIN_NEEDED = Reason("admin_needed", "access_denied", 400,
    "Only an administrator can consent to what the application asks for")
NOT_ASSIGNED = Reason("not_assigned", "invalid_grant", 400,
    "'{principal}' is not assigned to '{resource}'")
NAME_MISSING = Reason("name_missing", "invalid_grant", 400,
    "What the resource knows people by is not known of the user: {source}")

# Reply URLs of a type, and answers in the front channel
TYPE_GATED = Reason("type_gated", "unsupported_response_type", 400,
    "The application does not allow '{word}' in the answer")
ORIGIN_MISSING = Reason("origin_missing", "invalid_request", 400,
    "A code for a single-page application is redeemed by its page, with an Origin header")
ORIGIN_UNFIT = Reason("origin_unfit", "invalid_request", 400,
    "Only a code for a single-page application is redeemed by a page")
ORIGIN_NEEDS_CHALLENGE = Reason("origin_needs_challenge", "invalid_request", 400,
    "A page redeems only a code that was asked for with a code_challenge")
PROOF_UNFIT = Reason("proof_unfit", "invalid_client", 401,
    "A public client shows neither secret nor assertion")
PROOF_MISSING = Reason("proof_missing", "invalid_client", 401,
    "The application has to show a secret or an assertion")

# Administration
PERMISSION_ENABLED = Reason("permission_enabled", "operation_not_supported", 400,
    "'{permission}' is enabled: disable it first, and delete it then.")
SAML_ABSENT = Reason("saml_absent", "inexistent_saml_settings", 404,
    "Nothing was said of the SAML assertions of this application.")
ASSIGNMENT_ABSENT = Reason("assignment_absent", "inexistent_app_role_assignment", 404,
    "The assignment does not exist.")
# fmt: on
