"""How the face words a refusal: plain OAuth, sign-up, the page of an application, the older endpoints."""

from collections.abc import Mapping

from sekisho.oauth.says import says as oauth_says
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import INTERNAL, Reason, Refused
from sekisho.spec.refusals.people import (
    CONNECTION_UNKNOWN,
    ORIGIN_UNLISTED,
    PASSWORD_GUESSABLE,
    PASSWORD_MALFORMED,
    PASSWORD_PERSONAL,
    PASSWORD_SHORT,
    PASSWORD_WRONG,
    SIGN_UP_OFF,
    USER_BLOCKED,
    USER_UNKNOWN,
)
from sekisho.spec.refusals.protocol import TOKEN_INVALID

TEXT = "text/plain; charset=utf-8"
# What is no fault of who signs up keeps its status; all else is 400.
KEPT = frozenset((404, 405, 413, 415, 421, 429))
# Our reasons by the vendor's words: a code; the name of an error and what it says first.
CODES: Mapping[str, str] = {SIGN_UP_OFF.slug: "unauthorized"}
WEAK: Mapping[str, tuple[str, str]] = {
    PASSWORD_SHORT.slug: ("PasswordStrengthError", "Password is too weak"),
    PASSWORD_MALFORMED.slug: ("PasswordStrengthError", "Password is too weak"),
    PASSWORD_GUESSABLE.slug: ("PasswordDictionaryError", "Password is too common"),
    PASSWORD_PERSONAL.slug: ("PasswordNoUserInfoError", "Password contains user information"),
}
# The same of somebody who signs in at a page of an application: status and code.
AT_PAGES: Mapping[str, tuple[int, str]] = {
    **{reason.slug: (403, "access_denied") for reason in (USER_UNKNOWN, PASSWORD_WRONG)},
    USER_BLOCKED.slug: (403, "blocked_user"),
}


def says_to_new(refused: Refused, _: Ask) -> Answer:
    """At sign-up: a name, a code, a sentence; of a weak password, which rule it breaks."""
    reason = refused.reason
    is_kept = reason.status in KEPT or reason.status >= INTERNAL.status
    status = reason.status if is_kept else 400
    body: dict[str, object] = {
        "name": "BadRequestError",
        "code": CODES.get(reason.slug, reason.error),
        "description": refused.text,
        "statusCode": status,
    }
    if reason.slug in WEAK:
        body |= _weak(refused)
    return Answer(status=status, json=body, headers=NO_STORE)


def _weak(refused: Refused) -> dict[str, object]:
    name, message = WEAK[refused.reason.slug]
    told: dict[str, object] = {"name": name, "message": message}
    if name != "PasswordStrengthError":
        return {**told, "description": message}
    rule: dict[str, object] = {"message": refused.text.partition(": ")[2], "verified": False}
    if least := refused.words.get("least"):
        rule = {**rule, "code": "lengthAtLeast", "format": [int(least)]}
    return {**told, "description": {"rules": [rule], "verified": False}, "policy": rule["message"]}


def says_to_pages(refused: Refused, ask: Ask) -> Answer:
    """At the page of an application: JSON, and a line of text where the page itself is the matter."""
    reason = refused.reason
    if reason is ORIGIN_UNLISTED:
        return _line(reason.status, refused.text)
    status, error = AT_PAGES.get(reason.slug, (reason.status, reason.error))
    return oauth_says(_as(refused, Reason(reason.slug, error, status, reason.text)), ask)


def says_at_start(refused: Refused, ask: Ask) -> Answer:
    """Where a code is asked for: OAuth's shape, and the vendor's code for a connection."""
    if refused.reason is not CONNECTION_UNKNOWN:
        return oauth_says(refused, ask)
    reason = refused.reason
    return oauth_says(_as(refused, Reason(reason.slug, "bad.connection", reason.status, reason.text)), ask)


def says_to_older(refused: Refused, ask: Ask) -> Answer:
    """At /tokeninfo: one word for every token that is no good."""
    if refused.reason is TOKEN_INVALID:
        return _line(TOKEN_INVALID.status, "Unauthorized")
    return oauth_says(refused, ask)


def _as(refused: Refused, reason: Reason) -> Refused:
    return Refused(reason, words=refused.words)


def _line(status: int, text: str) -> Answer:
    return Answer(status=status, body=text.encode(), kind=TEXT, headers=NO_STORE)
