"""What a SAML 2.0 assertion has to say by which somebody else vouches for a person (RFC 7522 section 3)."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.exchange import (
    SUBJECT_AUDIENCE,
    SUBJECT_EXPIRED,
    SUBJECT_MALFORMED,
    SUBJECT_UNTRUSTED,
)
from sekisho.spec.saml import names

LEEWAY = 10
# So far ahead an assertion may end, and so long a token lives that was given for one.
AHEAD = 3_600
LONGEST_NAME = 600
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """How who shows it proves to be meant (saml-core-2.0-os section 2.4.1)."""

    method: str
    recipient: str = ""
    begins: float | None = None
    ends: float | None = None
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Who says it of whom, for whom; `audiences` are those of each restriction, all of which have to hold.

    `others` are conditions of kinds that are not known here.
    """

    id: str
    issuer: str
    name: str
    audiences: tuple[tuple[str, ...], ...]
    begins: float | None
    ends: float | None
    others: tuple[str, ...]
    confirmations: tuple[Confirmation, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose certificate signed it, our own names, and the time."""

    issuer: str
    names: Collection[str]
    now: float


def hold(shown: Shown, expected: Expected) -> None:
    """Everything that has to hold, once it is known who signed it."""
    for rule in RULES:
        rule(shown, expected)


def issuer_is_who_signed(shown: Shown, expected: Expected) -> None:
    """What is signed names the issuer whose certificates were tried. RFC 7522 section 3, item 1."""
    if shown.issuer != expected.issuer:
        raise _off(SUBJECT_UNTRUSTED, "Issuer", expected.issuer, shown.issuer)


def it_names_somebody(shown: Shown, expected: Expected) -> None:
    """An id, by which it is known again, and a person. RFC 7522 section 3, items 1 and 3."""
    for what, text in (("ID", shown.id), ("Issuer", shown.issuer), ("NameID", shown.name)):
        if not text or len(text) > LONGEST_NAME:
            raise Refused(SUBJECT_MALFORMED, debug=f"{what} is missing or too long")


def conditions_are_understood(shown: Shown, expected: Expected) -> None:
    """What is not understood does not hold. saml-core-2.0-os section 2.5.1.1."""
    if shown.others:
        raise Refused(SUBJECT_MALFORMED, debug=f"conditions of other kinds: {' '.join(shown.others)}")


def audience_is_us_alone(shown: Shown, expected: Expected) -> None:
    """Whoever else it were for could show it here. RFC 7522 section 3, item 2."""
    if len(shown.audiences) != 1 or not _is_one_of(shown.audiences[0], expected.names):
        came = " ".join(each for restriction in shown.audiences for each in restriction)
        raise _off(SUBJECT_AUDIENCE, "Audience", " ".join(sorted(expected.names)), came)


def somebody_may_bear_it_here(shown: Shown, expected: Expected) -> None:
    """One confirmation by bearer, for our token endpoint and in time. RFC 7522 section 3, items 5 and 6."""
    bearers = [each for each in shown.confirmations if each.method == names.BEARER2]
    here = [each for each in bearers if each.recipient in expected.names]
    if not here:
        came = " ".join(each.recipient for each in bearers)
        raise _off(SUBJECT_AUDIENCE, "Recipient", " ".join(sorted(expected.names)), came)
    # It answers no request of ours, so one that says it does is for another use of its issuer's.
    if not any(_is_good(each, expected.now) for each in here):
        raise _off(SUBJECT_EXPIRED, "SubjectConfirmationData", "in time, and without InResponseTo", "neither")


def life_is_short(shown: Shown, expected: Expected) -> None:
    """It ends, not yet and within the hour. RFC 7522 section 3, item 4."""
    left = ends_of(shown) - expected.now
    if not -LEEWAY < left <= AHEAD + LEEWAY:
        wanted = f"a time that lies ahead, by at most {AHEAD} s"
        raise _off(SUBJECT_EXPIRED, "NotOnOrAfter", wanted, f"{left:.0f} s ahead")


def life_has_begun(shown: Shown, expected: Expected) -> None:
    """It is not used before its time. saml-core-2.0-os section 2.5.1.2."""
    if shown.begins is not None and shown.begins > expected.now + LEEWAY:
        ahead = f"{shown.begins - expected.now:.0f} s ahead"
        raise _off(SUBJECT_EXPIRED, "NotBefore", "not ahead of now", ahead)


RULES: tuple[Callable[[Shown, Expected], None], ...] = (
    issuer_is_who_signed,
    it_names_somebody,
    conditions_are_understood,
    audience_is_us_alone,
    somebody_may_bear_it_here,
    life_is_short,
    life_has_begun,
)


def once(shown: Shown) -> tuple[str, float]:
    """What tells this assertion from others of its issuer, and until when to remember it. Item 7."""
    return sha256(shown.id.encode()).hexdigest(), ends_of(shown) + LEEWAY


def ends_of(shown: Shown) -> float:
    """When it ends: by its conditions or by the last of its confirmations, whichever is sooner."""
    last = max((each.ends or 0 for each in shown.confirmations), default=0)
    return last if shown.ends is None else min(shown.ends, last)


def read_moment(text: str) -> float:
    """A time in UTC. saml-core-2.0-os section 1.3.3."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"no time in UTC: {text[:40]}")
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp()


def _is_one_of(audiences: tuple[str, ...], own: Collection[str]) -> bool:
    return len(audiences) == 1 and audiences[0] in own


def _is_good(confirmation: Confirmation, now: float) -> bool:
    ends, begins = confirmation.ends, confirmation.begins
    is_over = ends is None or ends <= now - LEEWAY
    return not (is_over or confirmation.request or (begins is not None and begins > now + LEEWAY))


def _off(reason: Reason, name: str, expected: str, got: str) -> Refused:
    seen = contrast(name, expected, got)
    return Refused(reason, debug=f"{name}: expected {seen.expected}, came {seen.got}", seen=seen)
