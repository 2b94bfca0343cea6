"""How a portal words a refusal: four members, in the language of whoever is signed in."""

import tomllib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sekisho.model.user import User
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

LANGUAGES = ("en", "ja")
USUAL = "en"
LOCALE = Path(__file__).parent / "locale"
# The sentences of each language, by slug.
TEXTS: Mapping[str, Mapping[str, str]] = {
    language: tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
}
# What is not about tokens of a portal has a code of our own as well.
OTHERWISE = "PortalSTS1000"


def says(refused: Refused, _: Ask) -> Answer:
    """The document, whatever was refused."""
    reason, language = refused.reason, refused.words.get("language", USUAL)
    # A GUID of its own for each: support looks for it in the log and the audit.
    refused.trace = str(uuid.uuid4())
    is_ours = reason.error.startswith("PortalSTS")
    words = TEXTS[language]
    text = words.get(reason.slug if is_ours else "otherwise", words["otherwise"])
    body = {
        "ErrorId": reason.error if is_ours else OTHERWISE,
        "ErrorMessage": text.format_map(refused.words) if refused.words else text,
        "Timestamp": _american(datetime.now(UTC)),
        "CorrelationId": refused.trace,
    }
    return Answer(status=reason.status, json=body, headers=NO_STORE)


def in_words_of(refused: Refused, user: User | None, tenant: Tenant) -> Refused:
    """The same, in the language of the person, or else of the portal."""
    wishes = (user.locale if user else "", *tenant.policy.languages)
    languages = (wish.replace("_", "-").partition("-")[0].lower() for wish in wishes)
    language = next((each for each in languages if each in LANGUAGES), USUAL)
    refused.words = {**refused.words, "language": language}
    return refused


def _american(at: datetime) -> str:
    is_late, hour = divmod(at.hour, 12)
    return f"{at.month}/{at.day}/{at.year} {hour or 12}:{at:%M:%S} {'PM' if is_late else 'AM'}"
