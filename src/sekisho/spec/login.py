"""Login names: one canonical form, by which users are found, counted and told apart."""

import unicodedata

import idna

from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import LOGIN_MALFORMED

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
# What a Japanese keyboard types where others type a space.
SPACES = " \u3000"
# Letters, marks and signs that nobody sees; whatever has no category of its own for that.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)


def canonical(text: str) -> str:
    """The form of a login name that decides; the form of that is itself. No form is that of a user_id.

    A name loses case and compatibility variants (Unicode NFKC and case folding), a domain becomes its
    A-labels (RFC 5890 section 2.3.2.1).
    """
    if len(text) > LONGEST:
        raise Refused(LOGIN_MALFORMED, debug="it is too long")
    local, at, domain = unicodedata.normalize("NFKC", text.strip(SPACES)).rpartition("@")
    plain = f"{_folded(local)}@{_host(domain)}" if at else _folded(domain)
    if not plain or len(plain) > LONGEST or plain.startswith("@") or plain.count("@") != len(at):
        raise Refused(LOGIN_MALFORMED, debug="it is empty, too long, or no address")
    if not all(map(_is_visible, plain)) or ("|" in plain and not at):
        raise Refused(LOGIN_MALFORMED, debug="it has characters that a login name does not have")
    return plain


def beginning(text: str) -> str:
    """How the canonical form of an address begins that begins like this."""
    return _folded(unicodedata.normalize("NFKC", text.strip(SPACES)))


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.casefold())
    return text if folded == text else _folded(folded)


def _host(domain: str) -> str:
    try:
        host = idna.encode(domain, uts46=True).decode()
    except UnicodeError as error:
        raise Refused(LOGIN_MALFORMED, debug="its domain is no domain") from error
    if host.endswith("."):
        raise Refused(LOGIN_MALFORMED, debug="its domain ends with a dot")
    return host


def _is_visible(letter: str) -> bool:
    """Neither space nor control nor format character, and known to Unicode: its folding never changes."""
    return unicodedata.category(letter)[0] not in "CZ" and letter not in _BLANK
