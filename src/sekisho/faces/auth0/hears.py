"""How the face reads what a page or a program sends: a form, or JSON with more in it than texts."""

from sekisho.spec import document
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.http import NO_TEXT, Ask, one
from sekisho.spec.refusal import MALFORMED_REQUEST, MISSING_PARAMETER, UNSUPPORTED_BODY, Refused

JSON = "application/json"


def text(ask: Ask, name: str) -> str:
    """The one text that has to be there."""
    value = one(ask.form, name)
    if value == NO_TEXT:
        raise Refused(MALFORMED_REQUEST, debug=f"{name} is no text, or none that can be kept")
    if value is None:
        raise Refused(MISSING_PARAMETER, words={"name": name}, seen=absent(name))
    return value


def members(ask: Ask) -> dict[str, object]:
    """Everything that was said, whatever it is; nothing that is empty."""
    said = document.parse(ask.body) if _kind(ask) == JSON else dict(ask.form)
    return {name: value for name, value in said.items() if value not in (None, "")}


def is_json(ask: Ask) -> None:
    """A page of another origin cannot send it unless it was let in before (Fetch standard, CORS protocol)."""
    if _kind(ask) != JSON:
        raise Refused(UNSUPPORTED_BODY, seen=contrast("Content-Type", JSON, _kind(ask)))


def _kind(ask: Ask) -> str:
    return ask.headers.get("content-type", "").partition(";")[0].strip().lower()
