"""The `claims` parameter: what a client can handle, and what a challenge told it to ask for."""

from collections.abc import Mapping
from typing import Any

import msgspec

from sekisho.spec import document
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import CLAIMS_MALFORMED

CAPABLE = "cp1"
LONGEST = 8_192
MOST = 100
# The two spellings of "these policies have to be satisfied".
POLICIES = ("polids", "capolids")
# What some clients write as a number, and others as a text.
NUMBERS = ("nbf",)


class Challenge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Policies to satisfy, authentication contexts, the moment after which somebody has to have signed in.

    `is_capable`: the client understands challenges.
    """

    policies: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    not_before: float = 0
    is_capable: bool = False


NONE = Challenge()


def read(text: str | None) -> Challenge:
    """What the parameter asks for that we know; what is not essential and unknown is nobody's loss."""
    if not text:
        return NONE
    if len(text) > LONGEST:
        raise _malformed(f"{len(text)} characters, more than {LONGEST}")
    try:
        members = document.parse(text.encode())
    except (Refused, UnicodeEncodeError) as wrong:
        raise _malformed("it is no JSON object") from wrong
    asked = members.get("access_token")
    asked = {} if asked is None else asked
    if not isinstance(asked, Mapping):
        raise _malformed("access_token is no object")
    policies = tuple(value for name in POLICIES for value in _values(asked, name))
    capabilities = {value.casefold() for value in _values(asked, "xms_cc")}
    return Challenge(
        policies=tuple(dict.fromkeys(policies)),
        contexts=tuple(dict.fromkeys(_values(asked, "acrs"))),
        not_before=_moment(asked),
        is_capable=CAPABLE in capabilities,
    )


def text(asked: Challenge) -> str:
    """A challenge as an error carries it, and as a client sends it back: JSON within a text."""
    told: dict[str, object] = {}
    if asked.policies:
        told["polids"] = {"essential": True, "values": list(asked.policies)}
    if asked.contexts:
        told["acrs"] = {"essential": True, **_one_or_several(asked.contexts)}
    if asked.not_before:
        told["nbf"] = {"essential": True, "value": f"{asked.not_before:.0f}"}
    return msgspec.json.encode({"access_token": told}).decode()


def _one_or_several(values: tuple[str, ...]) -> dict[str, object]:
    return {"value": values[0]} if len(values) == 1 else {"values": list(values)}


def _values(asked: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The value or values of a claim, unless said to be dispensable (OpenID Connect Core 1.0, 5.5.1)."""
    said = asked.get(name)
    if said is None:
        return ()
    if not isinstance(said, Mapping):
        raise _malformed(f"{name} is no object")
    if said.get("essential") is False:
        return ()
    found = said.get("values", [said["value"]] if "value" in said else [])
    if isinstance(found, list) and name in NUMBERS:
        found = [str(each) if type(each) is int else each for each in found]
    if not isinstance(found, list) or len(found) > MOST or not all(isinstance(each, str) for each in found):
        raise _malformed(f"{name} has no list of texts")
    return tuple(each for each in found if each)


def _moment(asked: Mapping[str, Any]) -> float:
    """Seconds since 1970."""
    for value in _values(asked, "nbf"):
        if not value.isascii() or not value.isdigit() or len(value) > len("9999999999"):
            raise _malformed("nbf is no time")
        return float(value)
    return 0


def _malformed(why: str) -> Refused:
    return Refused(CLAIMS_MALFORMED, debug=why, seen=contrast("claims", "a claims request", why))
