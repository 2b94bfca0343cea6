"""Which API a token request asks for (RFC 8707 section 2, RFC 8693 section 2.1)."""

from sekisho.spec.contrast import absent, contrast
from sekisho.spec.http import Pairs, every
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.protocol import AUDIENCE_AMBIGUOUS, AUDIENCE_UNKNOWN

LONGEST = 600


def one(form: Pairs, usual: str) -> str:
    """The one API that is named, by whichever word; the usual one where none is."""
    asked = set(every(form, "audience")) | set(every(form, "resource"))
    if len(asked) > 1:
        raise Refused(AUDIENCE_AMBIGUOUS, seen=contrast("audience", "one API", " ".join(sorted(asked))))
    audience = asked.pop() if asked else usual
    if not audience:
        raise Refused(MISSING_PARAMETER, words={"name": "audience"}, seen=absent("audience"))
    if len(audience) > LONGEST or "\0" in audience:
        debug = f"{len(audience)} characters"
        raise Refused(AUDIENCE_UNKNOWN, words={"audience": audience[:64]}, debug=debug)
    return audience
