"""Why a portal gives no token: the vendor's three codes, and ours from 1001."""

from sekisho.spec.refusal import Reason

# fmt: off
CLIENT_UNREGISTERED = Reason("portal_client_unregistered", "PortalSTS0001", 400,
    "Client id is not registered: {client_id}")
RESPONSE_UNSUPPORTED = Reason("portal_response_unsupported", "PortalSTS0007", 400,
    "The response type is not supported: {response_type}")
CERTIFICATE_ABSENT = Reason("portal_certificate_absent", "PortalSTS0018", 500,
    "The certificate of the implicit grant flow was not found, or has expired")
REDIRECT_MISSING = Reason("portal_redirect_missing", "PortalSTS1001", 400, "redirect_uri is missing")
REDIRECT_UNREGISTERED = Reason("portal_redirect_unregistered", "PortalSTS1002", 400,
    "redirect_uri is not registered for this client")
CLIENT_MISSING = Reason("portal_client_missing", "PortalSTS1003", 400, "client_id is missing")
CLIENT_MALFORMED = Reason("portal_client_malformed", "PortalSTS1004", 400,
    "client_id has to consist of at most 36 letters, digits and hyphens")
STATE_MALFORMED = Reason("portal_state_malformed", "PortalSTS1005", 400,
    "state is longer than 20 characters, or has some that no header carries")
NONCE_MALFORMED = Reason("portal_nonce_malformed", "PortalSTS1006", 400,
    "nonce is longer than 20 characters")
PARAMETER_REPEATED = Reason("portal_parameter_repeated", "PortalSTS1007", 400,
    "The parameter was sent more than once: {name}")
PORTAL_OFF = Reason("portal_off", "PortalSTS1008", 404, "The implicit grant flow is switched off")
PORTAL_WAY_OFF = Reason("portal_way_off", "PortalSTS1009", 404, "This way to a token is switched off")

# The portal's own pages
SITE_UNREACHABLE = Reason("site_unreachable", "temporarily_unavailable", 502,
    "The server of this portal's pages could not be reached")
SITE_SLOW = Reason("site_slow", "temporarily_unavailable", 504,
    "The server of this portal's pages did not answer in time")
SITE_OVERSIZED = Reason("site_oversized", "server_error", 500,
    "What is at this address is larger than this server passes on")

# Administration
SETTING_ABSENT = Reason("setting_absent", "inexistent_site_setting", 404, "The site setting does not exist.")
CERTIFICATE_UNUSABLE = Reason("certificate_unusable", "unusable_certificate", 400,
    "The certificate cannot be used: {problem}")
CERTIFICATE_UNKNOWN = Reason("certificate_unknown", "inexistent_certificate", 404,
    "The certificate does not exist.")
CERTIFICATE_BOUND = Reason("certificate_bound", "operation_not_supported", 400,
    "The portal signs with this certificate: change the site setting first.")
# fmt: on
