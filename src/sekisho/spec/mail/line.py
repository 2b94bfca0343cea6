"""What may stand in one line of a mail: an address, and words (RFC 5321, RFC 5322, RFC 6531)."""

import re
import unicodedata

import idna

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL = 64
LONGEST_LINE = 200
# A local part without quotes, which nobody who signs up needs (RFC 5321 section 4.1.2, RFC 6531).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+")


def address_is_plain(text: str) -> bool:
    """One address and nothing else: no second one, no name, no comment, no quotes, no line break."""
    local, at, domain = text.rpartition("@")
    atoms = local.split(".")
    if not at or len(text) > LONGEST or len(local) > LONGEST_LOCAL or not all(map(_LOCAL.fullmatch, atoms)):
        return False
    return all(unicodedata.category(letter)[0] not in "CZ" for letter in local) and bool(host_of(domain))


def host_of(domain: str) -> str:
    """A domain in the letters that mail servers know (RFC 5890); empty where it is none."""
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return ""


def one_line(text: str) -> str:
    """Words in one line, of letters that can be seen and none that change the direction of others."""
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(shown.split())[:LONGEST_LINE]
