"""How the face words a refusal: one code, and never why."""

from collections.abc import Mapping

from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import INTERNAL, RATE_LIMITED, Refused

KIND = "application/json;charset=UTF-8"
ALWAYS = 400
# What these say is not about the parameters; everything else is 400 here, a wrong secret too.
KEPT = frozenset((404, 405, 421))
# The vendor's clients know no other codes, and what they do depends on the code.
CODES: Mapping[str, str] = {"invalid_target": "unauthorized_client"}
# Those clients look at the status first, because the vendor's edge answers with a page.
THROTTLED = (
    b"<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n"
    b"<body>\r\n<center><h1>429 Too Many Requests</h1></center>\r\n</body>\r\n</html>\r\n"
)


def says(refused: Refused, ask: Ask) -> Answer:
    """`error` alone, in JSON; a page where somebody asked too often."""
    reason = refused.reason
    if reason.status == RATE_LIMITED.status:
        return Answer(status=reason.status, body=THROTTLED, kind="text/html", headers=NO_STORE)
    is_kept = reason.status in KEPT or reason.status >= INTERNAL.status
    code = {"error": CODES.get(reason.error, reason.error)}
    return Answer(status=reason.status if is_kept else ALWAYS, json=code, kind=KIND, headers=NO_STORE)
