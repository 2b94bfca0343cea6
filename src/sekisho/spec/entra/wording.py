"""How a refusal is worded in Entra's dialect: a number, a sentence of ours, and names to find it again by."""

import re
from datetime import UTC, datetime

import msgspec

from sekisho.spec.entra.codes import CODES, MALFORMED, OTHERWISE, Code
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PERSON_DECLINED
from sekisho.spec.refusals.entra import ADMIN_NEEDED

# What `error_description` may be made of (RFC 6749 section 5.2).
_OUTSIDE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
LONGEST = 400


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a refusal is found by: two GUIDs and the time; and where its number is explained."""

    trace: str
    correlation: str
    at: float
    root: str

    @property
    def timestamp(self) -> str:
        """A blank between date and time, as the dialect has it."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def code(refused: Refused) -> Code:
    """The number of a refusal, its error and status filled in."""
    reason = refused.reason
    found = CODES.get(reason.slug) or OTHERWISE.get(reason.error, MALFORMED)
    return found._replace(error=found.error or reason.error, status=found.status or reason.status)


def body(refused: Refused, told: Told) -> dict[str, object]:
    """The document of a JSON endpoint."""
    found = code(refused)
    document: dict[str, object] = {
        "error": found.error,
        "error_description": _described(refused, found, told),
        "error_codes": [found.number],
        "timestamp": told.timestamp,
        "trace_id": told.trace,
        "correlation_id": told.correlation,
        **({"error_uri": _explained(found, told)} if told.root else {}),
    }
    if found.suberror:
        document["suberror"] = found.suberror
    # What to ask the person for: a text, to be passed on as it is.
    if claims := refused.words.get("claims"):
        document["claims"] = claims
    return document


def brief(refused: Refused) -> dict[str, object]:
    """What of the document says why, without the names that only an answer has."""
    found = code(refused)
    told: dict[str, object] = {
        "error": found.error,
        "suberror": found.suberror,
        "error_codes": [found.number],
    }
    described = f"AADSTS{found.number}: {text(refused)}"
    told |= {"error_description": described, "claims": refused.words.get("claims")}
    return {name: value for name, value in told.items() if value}


def pairs(refused: Refused, told: Told) -> Pairs:
    """The same in an answer to an application's own address, where no grant could be invalid."""
    found = code(refused)
    if found.error == "invalid_grant":
        is_about_consent = found.suberror == "consent_required"
        found = found._replace(error=found.suberror if is_about_consent else "access_denied")
    said = (
        ("error", found.error),
        ("error_description", _described(refused, found, told)),
        ("error_uri", _explained(found, told)),
    )
    return (*said, ("error_subcode", "cancel")) if refused.reason is PERSON_DECLINED else said


def pairs_of_administrators(refused: Refused, told: Told, *, is_older: bool) -> Pairs:
    """The same of an administrator's consent: a no has a name of its own there, and so has the answer."""
    found = code(refused)
    if refused.reason in (PERSON_DECLINED, ADMIN_NEEDED):
        found = found._replace(error="permission_denied" if is_older else "consent_required")
    said = (("error", found.error), ("error_description", _described(refused, found, told)))
    return said if is_older else (("admin_consent", "True"), *said)


def text(refused: Refused) -> str:
    """Our sentence, within the characters that the specification allows."""
    return _OUTSIDE.sub("?", refused.text)[:LONGEST]


def _described(refused: Refused, found: Code, told: Told) -> str:
    lines = (
        f"AADSTS{found.number}: {text(refused)}",
        f"Trace ID: {told.trace}",
        f"Correlation ID: {told.correlation}",
        f"Timestamp: {told.timestamp}",
    )
    return "\r\n".join(lines)


def _explained(found: Code, told: Told) -> str:
    return f"{told.root}/error?code={found.number}"
