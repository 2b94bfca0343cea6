"""How pages word a refusal: a page for a browser, JSON for everybody else."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from sekisho.pages.reader import wishes
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import HOST_UNKNOWN, MISSING_PARAMETER, NOT_FOUND, Refused
from sekisho.spec.refusals.authorization import LOGOUT_MISMATCH, RETURN_MISMATCH, SIGN_OUT_EMBEDDED
from sekisho.spec.refusals.mail import RESET_INVALID, RESET_SPENT
from sekisho.spec.refusals.people import INVITATION_SPENT, SIGN_UP_OFF

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_VARIES = (("vary", "accept"),)
_PATH = re.compile(r"/[A-Za-z0-9/._~{}-]{0,63}")
# Where nothing was found, the path is only what somebody sent.
_LOST = frozenset((NOT_FOUND.slug, HOST_UNKNOWN.slug))
# Where somebody can go from here.
_GO_ON: Mapping[str, str] = {
    NOT_FOUND.slug: "start",
    INVITATION_SPENT.slug: "sign_in",
    SIGN_UP_OFF.slug: "sign_in",
    RESET_INVALID.slug: "sign_in",
    RESET_SPENT.slug: "sign_in",
    LOGOUT_MISMATCH.slug: "account",
    RETURN_MISMATCH.slug: "account",
    SIGN_OUT_EMBEDDED.slug: "account",
}
# The name of what is missing is ours: it was never sent.
_OURS = frozenset((MISSING_PARAMETER.slug,))


def says(refused: Refused, ask: Ask) -> Answer:
    """Code, terse description and correlation id; never what was sent, never what only we may know."""
    reason = refused.reason
    if not _reads_pages(ask):
        told = {"error": reason.error, "error_description": _description(refused)}
        return Answer(status=reason.status, json=told, headers=(*NO_STORE, *_VARIES))
    context = {
        "slug": reason.slug,
        "error": reason.error,
        "description": _description(refused),
        "at": datetime.now(UTC),
        "endpoint": _endpoint(refused, ask),
        "goes_on": _GO_ON.get(reason.slug, "") if ask.root else "",
    }
    return Answer(status=reason.status, page=("error", context), headers=_VARIES)


def _reads_pages(ask: Ask) -> bool:
    return any(wish.lower() == "text/html" for wish in wishes(ask.headers.get("accept", "")))


def _description(refused: Refused) -> str:
    """The public sentence; words that may come from the request are left out."""
    if refused.reason.slug in _OURS or not refused.words:
        return refused.text
    return refused.reason.text.format_map(dict.fromkeys(refused.words, "..."))


def _endpoint(refused: Refused, ask: Ask) -> str:
    """Which of our addresses refused, its variables by their names; empty where it may be none of ours."""
    if not ask.root or refused.reason.slug in _LOST:
        return ""
    names = {value: name for name, value in ask.names.items()}
    parts = (unquote(part) for part in ask.path.split("/"))
    path = "/".join(f"{{{names[part]}}}" if part in names else part for part in parts)
    return f"{ask.method} {path}" if ask.method in METHODS and _PATH.fullmatch(path) else ""
