"""Every way to say no: one exception, and what any endpoint may refuse; the rest is in refusals/."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.spec.contrast import Contrast


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused: our slug, the wire's error code and status, and a terse public sentence."""

    slug: str
    error: str
    status: int
    text: str


class Refused(Exception):
    """A rule did not hold. `debug` is for the log and the client's owner, never for the wire.

    `words` fill the public sentence, `headers` go with any wording of it, `seen` goes with `debug`.
    `extra` goes with the answer to a program and nowhere else: it may open something.
    Who words it may give it a name, `trace`, by which it is found again in the log and the audit.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        debug: str = "",
        words: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seen: Contrast | None = None,
    ) -> None:
        super().__init__(reason.slug)
        self.reason = reason
        self.debug = debug
        self.words = words or {}
        self.headers = headers or {}
        self.seen = seen
        self.trace = ""
        self.extra: Mapping[str, object] = {}

    @property
    def text(self) -> str:
        """The public sentence with its words filled in."""
        return self.reason.text.format_map(self.words) if self.words else self.reason.text


# fmt: off
# The request as such
MISSING_PARAMETER = Reason("missing_parameter", "invalid_request", 400, "Missing required parameter: {name}")
REPEATED_PARAMETER = Reason("repeated_parameter", "invalid_request", 400,
    "Parameter was sent more than once: {name}")
MALFORMED_REQUEST = Reason("malformed_request", "invalid_request", 400, "The request could not be read")
UNSUPPORTED_BODY = Reason("unsupported_body", "invalid_request", 415,
    "The content type of the body is not supported")
REQUEST_TOO_LARGE = Reason("request_too_large", "invalid_request", 413, "The request is too large")
NOT_FOUND = Reason("not_found", "not_found", 404, "There is nothing at this address")
METHOD_NOT_ALLOWED = Reason("method_not_allowed", "invalid_request", 405,
    "This address does not take this method")
HOST_UNKNOWN = Reason("host_unknown", "invalid_request", 421, "This server does not answer for this host")
REQUEST_TIMEOUT = Reason("request_timeout", "invalid_request", 408, "The request did not arrive in time")
RATE_LIMITED = Reason("rate_limited", "too_many_requests", 429,
    "Too many requests; the Retry-After header says when to come back")

# Ourselves
OVERLOADED = Reason("overloaded", "temporarily_unavailable", 503, "The server is busy; try again shortly")
STORE_UNAVAILABLE = Reason("store_unavailable", "temporarily_unavailable", 503,
    "The server cannot reach its database; try again shortly")
INTERNAL = Reason("internal", "server_error", 500, "Something went wrong on the server")
# fmt: on
