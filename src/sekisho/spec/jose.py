"""Compact JWS, read with suspicion before any signature is looked at (RFC 7515, RFC 7519, RFC 8725)."""

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_EXPIRED, TOKEN_INVALID

MOST_CHARACTERS = 16_384
MOST_DEPTH = 16
MOST_TEXT = 2_048
MOST_KID = 256
MOST_DIGITS = 19
LAST_INSTANT = 253_402_300_799
SIGNATURES = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
HMACS = frozenset({"HS256", "HS384", "HS512"})

Members = Mapping[str, object]
Rule = Callable[[Members], None]
T = TypeVar("T")

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Compact:
    """A well-formed compact JWS over claims. Nothing in it is true until its signature was verified."""

    header: Members
    payload: Members
    signing_input: bytes
    signature: bytes

    @property
    def alg(self) -> str:
        """The algorithm it names; one of those that were allowed."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str:
        """The key it names; empty where it names none."""
        return str(self.header.get("kid", ""))

    @property
    def typ(self) -> str:
        """Its media type, without the optional prefix and in lower case (RFC 7515 section 4.1.9)."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")


def encode(raw: bytes) -> bytes:
    """Base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(raw, newline=False).translate(_TO_URL).rstrip(b"=")


def decode(segment: bytes) -> bytes:
    """The octets of a segment, or ValueError: octets have exactly one spelling (RFC 4648 section 3.5)."""
    raw = a2b_base64(segment.translate(_FROM_URL) + b"==")
    if encode(raw) != segment:
        raise ValueError("no canonical base64url")
    return raw


def members(raw: bytes) -> dict[str, object]:
    """A JSON object that every reader reads alike, or ValueError (RFC 7493; RFC 7515 and 7519, section 4)."""
    try:
        text = raw.decode()
        value = _JSON.decode(text)
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - it is what came that is wrong, not our call
    if "\\u" in text or text.count("{") + text.count("[") > MOST_DEPTH:
        _is_sound(value)
    return value


def read_compact(text: str, allowed_algs: Collection[str], rules: tuple[Rule, ...] | None = None) -> Compact:
    """A compact JWS taken apart; `rules` are those of its header, our own tokens' unless told otherwise."""
    head, body, tail = _segments(text)
    header = _read(head, "header", members)
    alg_is_allowed(header, allowed_algs)
    for rule in OURS if rules is None else rules:
        rule(header)
    payload = _read(body, "payload", members)
    claims_are_typed(payload)
    signature = _read(tail, "signature", bytes)
    if not signature:
        raise _invalid("the signature is empty")
    return Compact(header, payload, head + b"." + body, signature)


def alg_is_allowed(header: Members, allowed: Collection[str]) -> None:
    """It is one that this use allows: never none, HMAC only where nothing else is. RFC 8725 section 3.1."""
    alg = header.get("alg")
    known = SIGNATURES if SIGNATURES.intersection(allowed) else HMACS
    if not isinstance(alg, str) or alg not in allowed or alg not in known:
        raise _invalid(f"alg {alg!r:.40} is not allowed here")


def nothing_is_critical(header: Members) -> None:
    """No extension is understood, so none may be critical. RFC 7515 section 4.1.11."""
    if "crit" in header:
        raise _invalid("the header has crit, and no extension is understood")


def payload_is_encoded(header: Members) -> None:
    """The payload is always base64url: unencoded payloads are for detached content. RFC 7797 section 3."""
    if "b64" in header:
        raise _invalid("the header has b64")


def header_is_of_a_signature(header: Members) -> None:
    """What is encrypted or compressed is not a JWS. RFC 7516 section 4.1."""
    for name in ("enc", "zip"):
        if name in header:
            raise _invalid(f"the header has {name}, which belongs to encryption")


def names_are_sane(header: Members) -> None:
    """`kid` and `typ` are short texts, good for look-ups and logs. RFC 7515 sections 4.1.4 and 4.1.9."""
    for name in ("kid", "typ"):
        value = header.get(name, name)
        if not is_text(value) or len(str(value)) > MOST_KID:
            raise _invalid(f"{name} is not a text of 1 to {MOST_KID} characters")


def key_is_not_in_header(header: Members) -> None:
    """A token of ours never brings its own key or says where to fetch it. RFC 8725 section 3.10."""
    for name in ("jwk", "jku", "x5u", "x5c"):
        if name in header:
            raise _invalid(f"the header has {name}; keys are found by kid alone")


STRANGERS = (nothing_is_critical, payload_is_encoded, header_is_of_a_signature, names_are_sane)
OURS = (*STRANGERS, key_is_not_in_header)


def is_text(value: object) -> bool:
    """Something to look up or show: not empty, not endless, no control characters."""
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT and not _CONTROL.search(value)


def is_instant(value: object) -> bool:
    """A NumericDate a calendar could hold (RFC 7519 section 2); true and NaN are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LAST_INSTANT


def is_audience(value: object) -> bool:
    """One name or a list of names (RFC 7519 section 4.1.3)."""
    return is_text(value) or (isinstance(value, list) and bool(value) and all(map(is_text, value)))


CLAIMS: Mapping[str, Callable[[object], bool]] = {
    "iss": is_text,
    "sub": is_text,
    "aud": is_audience,
    "jti": is_text,
    "exp": is_instant,
    "nbf": is_instant,
    "iat": is_instant,
}


def claims_are_typed(claims: Members) -> None:
    """Registered claims have the types of their definition. RFC 7519 section 4.1."""
    for name, holds in CLAIMS.items():
        if name in claims and not holds(claims[name]):
            raise _invalid(f"the claim {name} has the wrong type or size")


def times_hold(claims: Members, now: float, leeway: float = 0) -> None:
    """It has an expiry that lies ahead, and begins no later than now. RFC 7519 sections 4.1.4 to 4.1.6."""
    claims_are_typed(claims)
    expires = claims.get("exp")
    if not isinstance(expires, int | float):
        raise _invalid("there is no exp: it would be good for ever")
    if now >= expires + leeway:
        raise Refused(TOKEN_EXPIRED, debug=f"exp {expires} was {now - expires:.0f} s ago")
    for name in ("nbf", "iat"):
        begins = claims.get(name)
        if isinstance(begins, int | float) and begins - leeway > now:
            raise _invalid(f"{name} {begins} lies {begins - now:.0f} s ahead")


def _invalid(why: str) -> Refused:
    return Refused(TOKEN_INVALID, debug=why)


def _segments(text: str) -> tuple[bytes, bytes, bytes]:
    if len(text) > MOST_CHARACTERS:
        raise _invalid(f"{len(text)} characters, more than {MOST_CHARACTERS}")
    try:
        head, body, tail = text.encode("ascii").split(b".")
    except ValueError:
        raise _invalid("not three ASCII segments: only a compact JWS is read") from None
    return head, body, tail


def _read(segment: bytes, what: str, reader: Callable[[bytes], T]) -> T:
    try:
        return reader(decode(segment))
    except ValueError as wrong:
        raise _invalid(f"the {what} cannot be read: {wrong}") from wrong


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError("a number beyond all bounds")
    return value


def _is_sound(value: object, depth: int = 1) -> None:
    """Bounded depth; no text that a database or UTF-8 could not hold (NUL, half a surrogate pair)."""
    if depth > MOST_DEPTH and isinstance(value, dict | list):
        raise ValueError("nested too deeply")
    # Half a pair does not encode, and UnicodeEncodeError is a ValueError.
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("a text with a NUL")
    if isinstance(value, dict):
        value = [*value, *value.values()]
    for inner in value if isinstance(value, list) else ():
        _is_sound(inner, depth + 1)


_JSON = json.JSONDecoder(
    object_pairs_hook=_distinct, parse_int=_whole, parse_float=_real, parse_constant=_real
)
