"""Letters become mails: the words of a language, as plain text and as simple HTML that say the same."""

from collections.abc import Mapping

from sekisho.mail.letter import Letter
from sekisho.mail.message import Mail
from sekisho.pages.press import drafted, worded

MINUTE = 60
# The parts of a letter, in their order; a link or a code stands after the first.
LEAD, BUTTON, REST = "lead", "button", ("until", "ignore")


def printed(letter: Letter, at: float) -> Mail:
    """The mail, whose words are those of its moment: how long a link or a code is still good."""
    minutes = max(1, round((letter.expires_at - at) / MINUTE))
    words = {**letter.words, "house": letter.house, "minutes": str(minutes)}
    sheet = {"letter": letter, "words": words}
    return Mail(
        to=letter.to,
        house=letter.house,
        subject=_said(letter, "subject", words),
        text=_text(letter, words),
        html=drafted("mail/letter", sheet, letter.language),
        language=letter.language,
    )


def _text(letter: Letter, words: Mapping[str, str]) -> str:
    opens = f"    {letter.code}" if letter.code else letter.link
    rest = "\n".join(_said(letter, part, words) for part in REST)
    parts = (_said(letter, LEAD, words), opens, rest, letter.house)
    return "\n\n".join(filter(None, parts)) + "\n"


def _said(letter: Letter, part: str, words: Mapping[str, str]) -> str:
    return worded(f"letter.{letter.name}_{part}", words, letter.language)
