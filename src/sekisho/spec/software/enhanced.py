"""The error document of protected APIs: each code with what a client does about it, and its status."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

Action = Literal["none", "application-registration", "retry"]

HELP = "/help/adobe-pass"
# Everything that may stand in a header as it is.
PLAIN = "!#$&'()*+,/:;=?@[]^`{|}"


class Problem(msgspec.Struct, frozen=True):
    """One kind of error. Clients act on `action` and `code`; `message` may be shown to people."""

    code: str
    status: int
    action: Action
    message: str


# fmt: off
_ALL = (
    # The token; only where no other token of the same client helps does the client register again
    Problem("missing_access_token", 401, "none", "This request needs an access token."),
    Problem("invalid_access_token", 401, "none", "The access token is not valid, or not any more."),
    Problem("invalid_access_token_client_application", 401, "application-registration",
        "The application that the access token was given to may not call this any more."),
    Problem("invalid_access_token_service_provider", 401, "application-registration",
        "The application may not act for this service provider."),
    # The request
    Problem("invalid_parameter_service_provider", 400, "none", "The address names no service provider."),
    Problem("invalid_parameter_mvpd", 400, "none", "The MVPD is not known here."),
    Problem("invalid_parameter_code", 400, "none", "The code is not known here."),
    Problem("invalid_parameter_resources", 400, "none", "The resources are missing or malformed."),
    Problem("invalid_header_device_info", 400, "none", "X-Device-Info does not describe the device."),
    Problem("invalid_request", 400, "none", "The request could not be understood."),
    Problem("not_found", 404, "none", "There is nothing at this address."),
    Problem("method_not_allowed", 405, "none", "This address does not take this method."),
    # One resource among several, inside an answer that is a success
    Problem("preauthorization_denied_by_mvpd", 403, "none", "The MVPD does not offer this to the viewer."),
    Problem("authorization_denied_by_mvpd", 403, "none", "The MVPD does not offer this to the viewer."),
    # Ourselves
    Problem("internal_server_error", 500, "none", "Something went wrong on the server."),
    Problem("temporarily_unavailable", 503, "retry", "The server cannot answer just now."),
)
# fmt: on
PROBLEMS: Mapping[str, Problem] = {problem.code: problem for problem in _ALL}

# What registration and token endpoint say instead; always with status 400.
REGISTRATION = (
    "invalid_request",
    "invalid_redirect_uri",
    "invalid_software_statement",
    "unapproved_software_statement",
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
)


def in_header(channel: str) -> str:
    """A service provider as it stands in a header: it may be called anything."""
    return quote(channel, safe=PLAIN)
