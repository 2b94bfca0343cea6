"""What a rule expected and what came, fit to be remembered: for whoever has to find out why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import starmap, takewhile
from operator import eq

LONGEST = 256
WITHHELD = "(withheld)"
# Parameters whose values open something, or tell of a person.
# fmt: off
SECRET = frozenset((
    "access_token", "actor_token", "assertion", "auth_req_id", "authorization", "client_assertion",
    "client_secret", "co_verifier", "code", "code_verifier", "cookie", "device_code", "id_token",
    "id_token_hint", "login_ticket", "logout_token", "mfa_token", "oob_code", "otp", "password",
    "recovery_code", "refresh_token", "registration_access_token", "request", "request_uri",
    "signing_secret", "software_statement", "state", "subject_token", "token", "user_code",
))
# fmt: on
# What an address may have with it: a secret by its name, a password before the host; a token anywhere.
_NAMED = re.compile(rf"([?&#;](?:{'|'.join(sorted(SECRET))})=)[^&#;]+", re.IGNORECASE)
_USER = re.compile(r"(//[^/?#@:]*:)[^/?#@]*@")
_TOKEN = re.compile(r"eyJ[\w-]*+(?:\.[\w-]*+)+")
_LOOKED_AT = 1_024  # more is cut off unread, so that nobody makes this slow


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two short texts about one parameter. Nothing came where `got` is empty."""

    name: str
    expected: str
    got: str


def contrast(name: str, expected: str, got: str) -> Contrast:
    """Taken down where the rule fails: what may be a secret is withheld here and goes no further."""
    is_token = got.startswith("eyJ") and "." in got  # a JOSE object, in whichever parameter it came
    shown = WITHHELD if name.lower() in SECRET or is_token else _open(got[:_LOOKED_AT])[:LONGEST]
    return Contrast(name[:LONGEST], expected[:LONGEST], shown)


def absent(name: str, expected: str = "a value") -> Contrast:
    """Something had to come, and did not."""
    return Contrast(name[:LONGEST], expected[:LONGEST], "")


def repeated(name: str) -> Contrast:
    """Something came more than once; no value of it is taken down."""
    return Contrast(name[:LONGEST], "once", "more than once")


def plain(text: str) -> str:
    """A sentence with what was sent in it: taken down without what may be a secret."""
    return _open(text[:_LOOKED_AT])[:LONGEST]


def nearest(got: str, known: Iterable[str]) -> str:
    """Of what would have been right the one that has most in common with what came; empty for none."""
    came = got[:LONGEST].casefold()
    return max(known, key=lambda each: _shared(each[:LONGEST].casefold(), came), default="")


def _shared(one: str, other: str) -> int:
    """How many characters they have in common at the beginning, and behind that at the end."""
    begins = _same(one, other)
    return begins + _same(one[begins:][::-1], other[begins:][::-1])


def _same(one: str, other: str) -> int:
    return sum(takewhile(bool, starmap(eq, zip(one, other, strict=False))))


def _open(text: str) -> str:
    """The text without the secrets that it carries along."""
    plain = _USER.sub(rf"\1{WITHHELD}@", _NAMED.sub(rf"\1{WITHHELD}", text))
    return _TOKEN.sub(WITHHELD, plain)
