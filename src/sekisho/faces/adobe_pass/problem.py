"""How protected APIs word a refusal: the enhanced error document; a bare code where the API is old."""

import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from sekisho.faces.adobe_pass import original
from sekisho.faces.adobe_pass.says import KIND, THROTTLED
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs
from sekisho.spec.refusal import MALFORMED_REQUEST, RATE_LIMITED, Refused
from sekisho.spec.refusals.protocol import TOKEN_MISSING
from sekisho.spec.software.enhanced import HELP, PROBLEMS, Problem

XML = "application/xml;charset=UTF-8"
CHALLENGE = 401

# By slug where it decides; by status otherwise.
CODES: Mapping[str, str] = {
    "token_missing": "missing_access_token",
    "token_invalid": "invalid_access_token",
    "token_expired": "invalid_access_token",
    "token_audience": "invalid_access_token",
    "token_client_gone": "invalid_access_token_client_application",
    "token_secret_replaced": "invalid_access_token_client_application",
    "token_statement_ended": "invalid_access_token_client_application",
    "scope_insufficient": "invalid_access_token_client_application",
    "token_channel": "invalid_access_token_service_provider",
    "channel_missing": "invalid_parameter_service_provider",
    "device_malformed": "invalid_header_device_info",
}
BY_STATUS: Mapping[int, str] = {
    404: "not_found",
    405: "method_not_allowed",
    500: "internal_server_error",
    503: "temporarily_unavailable",
}
# What the old clients know: 401 fetches another token, 403 invalid_client registers anew, 400 stops.
OLD: Mapping[str, tuple[int, str]] = {
    "token_missing": (401, "access_denied"),
    "token_invalid": (401, "access_denied"),
    "token_expired": (401, "access_denied"),
    "token_audience": (401, "access_denied"),
    "token_client_gone": (403, "invalid_client"),
    "token_secret_replaced": (403, "invalid_client"),
    "token_statement_ended": (403, "invalid_client"),
    # Another registration of the same application would not help.
    "scope_insufficient": (403, "access_denied"),
    "token_channel": (403, "access_denied"),
}
OLD_BY_STATUS: Mapping[int, str] = {404: "not_found", 500: "server_error", 503: "temporarily_unavailable"}


class Problematic(Refused):
    """What the sample API refuses: a parameter whose code no other door has words for."""

    def __init__(self, code: str, debug: str) -> None:
        super().__init__(MALFORMED_REQUEST, debug=debug)
        self.problem = PROBLEMS[code]


def says(refused: Refused, ask: Ask) -> Answer:
    """The document with the trace by which the log and the audit know this refusal."""
    reason = refused.reason
    if reason.status == RATE_LIMITED.status:
        return Answer(status=reason.status, body=THROTTLED, kind="text/html", headers=NO_STORE)
    refused.trace = str(uuid.uuid4())
    found = problem(refused)
    if not original.is_old(ask):
        told = document(found, ask, refused.trace)
        headers = (*NO_STORE, *_challenge(refused, found.status, ask))
        return Answer(status=found.status, json=told, kind=KIND, headers=headers)
    status, error = OLD.get(reason.slug, (found.status, OLD_BY_STATUS.get(found.status, "invalid_request")))
    headers = (*NO_STORE, ("vary", "accept"), *_challenge(refused, status, ask))
    if _reads_xml(ask):
        body = _xml({**document(found, ask, refused.trace), "status": status})
        return Answer(status=status, body=body, kind=XML, headers=headers)
    return Answer(status=status, json={"error": error}, kind=KIND, headers=headers)


def problem(refused: Refused) -> Problem:
    """What kind of error it is."""
    if isinstance(refused, Problematic):
        return refused.problem
    reason = refused.reason
    return PROBLEMS[CODES.get(reason.slug) or BY_STATUS.get(reason.status, "invalid_request")]


def document(found: Problem, ask: Ask, trace: str) -> dict[str, object]:
    """All members of the document; flat, also inside one item of several."""
    return {
        "action": found.action,
        "status": found.status,
        "code": found.code,
        "message": found.message,
        "helpUrl": f"{ask.root}{HELP}#{found.code}",
        "trace": trace,
    }


def _challenge(refused: Refused, status: int, ask: Ask) -> Pairs:
    """RFC 6750 section 3: who sent no token is told the scheme and nothing else."""
    if status != CHALLENGE:
        return ()
    error = "" if refused.reason == TOKEN_MISSING else f', error="{refused.reason.error}"'
    return (("www-authenticate", f'Bearer realm="{ask.root}/"{error}'),)


def _reads_xml(ask: Ask) -> bool:
    """The first of the two that is wished for; JSON for those who do not care."""
    kinds = [part.partition(";")[0].strip().lower() for part in ask.headers.get("accept", "").split(",")]
    wished = [kind.rpartition("/")[2] for kind in kinds if kind in _KINDS]
    return bool(wished) and wished[0] == "xml"


_KINDS = frozenset(("application/json", "application/xml", "text/xml", "*/*"))


def _xml(members: Mapping[str, object]) -> bytes:
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<error>{inner}</error>\n'.encode()
