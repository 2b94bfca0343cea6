"""Which version a change is made to: entity tags and If-Match (RFC 9110 sections 8.8.3 and 13.1.1)."""

import re

from sekisho.spec.http import Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import HEADER_INVALID

LONGEST = 400
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
# The same for the description (ECMA-262), in ASCII and without weak ones.
PATTERN = r'^"[!#-~]*"([ \t]*,[ \t]*"[!#-~]*")*$'
# Our own tags are numbers; every other one is a tag of nothing that we ever had.
_OURS = re.compile(r'"([1-9][0-9]{0,14})"')


def tag(version: int) -> Pairs:
    """The header that names a version."""
    return (("etag", f'"{version}"'),)


def versions(ask: Ask) -> frozenset[int] | None:
    """The versions that a change may be made to; None for any. A weak tag never matches, so it is refused."""
    header = ask.headers.get("if-match", "*").strip()
    if header == "*":
        return None
    if len(header) > LONGEST or not _TAGS.fullmatch(header):
        raise _invalid("If-Match is neither * nor a list of entity tags")
    if header.startswith("W/") or re.search(r'[, \t]W/"', header):
        raise _invalid("If-Match has a weak entity tag")
    return frozenset(map(int, _OURS.findall(header)))


def _invalid(problem: str) -> Refused:
    return Refused(HEADER_INVALID, words={"problem": f"'{problem}'"})
