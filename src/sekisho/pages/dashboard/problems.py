"""What was wrong with a form, in the words of a page: which field, which rule, with what value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, VERSION_STALE

_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_INDEX = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r"'([^']*)'(?![a-z])")
# A type that would have been fine as well, the type that came, what is left of a pattern with quotes in it.
_CAME = re.compile(r" \| null\b|, got .*|(?<=matching regex ).*")
_NUMBER = re.compile(r"-?[0-9][0-9_.]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence by its key, with its words; the sentence of the rule itself for where no page has one."""

    key: str
    words: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def of_refusal(refused: Refused) -> dict[str, Problem]:
    """By field; what is about no field alone has no name."""
    if refused.reason is BODY_INVALID and "said" in refused.words:
        return {refused.words["field"]: said(refused.words["said"])}
    return {"": Problem(f"why.{refused.reason.slug}.title", refused.words, refused.text)}


def is_stale(refused: Refused) -> bool:
    """Somebody else was faster."""
    return refused.reason is VERSION_STALE


def of_conversion(error: msgspec.ValidationError) -> Refused:
    """A value that is none of its type, at the field that it was typed into."""
    text = str(error)
    place = _PLACE.search(text)
    name = _INDEX.sub("", place[1]) if place else ""
    return metadata.problem(name, _PLACE.sub("", text).replace("`", ""))


def said(text: str) -> Problem:
    """A rule's own sentence: its key is what is left without the value that it names and its numbers."""
    rule, _, value = text.partition(": ")
    quoted = _QUOTED.search(rule)
    number = _NUMBER.search(_QUOTED.sub("", rule))
    told = value or (quoted[1] if quoted else "")
    words = {"value": told, "number": number[0].removesuffix(".0") if number else ""}
    return Problem(f"invalid.{key_of(rule)}", words, text)


def key_of(rule: str) -> str:
    """The letters of a sentence, without what came."""
    plain = _CAME.sub("", _QUOTED.sub("", rule)).replace("<=", "at most").replace(">=", "at least")
    return "_".join(re.findall(r"[a-z]+", plain.lower()))
