"""Proof Key for Code Exchange (RFC 7636); only S256, as RFC 9700 section 2.1.1 wants it."""

import hashlib
import hmac
import re

from sekisho.spec.contrast import contrast
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import CHALLENGE_MALFORMED, CODE_VERIFIER

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge_is_sound(challenge: str, method: str) -> None:
    """A SHA-256 in base64url; `plain`, which is what a missing method means, is refused. Section 4.3."""
    if method != METHOD:
        seen = contrast("code_challenge_method", METHOD, method)
        raise Refused(CHALLENGE_MALFORMED, debug=f"the method is {method[:16]!r}", seen=seen)
    if not _CHALLENGE.fullmatch(challenge):
        # Some send the verifier here, or its plain text: only its length is told.
        seen = contrast("code_challenge", "43 characters of base64url", f"{len(challenge)} characters")
        raise Refused(CHALLENGE_MALFORMED, seen=seen)


def verifier_fits(verifier: str | None, challenge: str) -> None:
    """It hashes to the challenge; where there was none, none is sent. Section 4.6, RFC 9700 section 4.8.2."""
    if not challenge and verifier is None:
        return
    if not challenge:
        raise Refused(CODE_VERIFIER, debug="a verifier came for a code that has no challenge")
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise Refused(CODE_VERIFIER, debug="the verifier is missing or malformed")
    if not hmac.compare_digest(s256(verifier), challenge):
        raise Refused(CODE_VERIFIER, debug="the verifier does not hash to the challenge")


def s256(verifier: str) -> str:
    """The challenge of a verifier. Section 4.2."""
    return encode(hashlib.sha256(verifier.encode()).digest()).decode()
