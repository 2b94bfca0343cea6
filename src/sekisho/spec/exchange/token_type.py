"""The request for a token exchange: what is shown, and what kind of token it is (RFC 8693 section 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sekisho.spec.contrast import absent, contrast
from sekisho.spec.http import Pairs, one
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.exchange import SUBJECT_MALFORMED, TOKEN_TYPE_UNKNOWN

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
TAKEN = (ACCESS_TOKEN, JWT)
# SAML assertions as what is asked for (RFC 8693 section 3).
SamlKind = Literal["saml2", "saml1"]
SAML: Mapping[str, SamlKind] = {
    "urn:ietf:params:oauth:token-type:saml2": "saml2",
    "urn:ietf:params:oauth:token-type:saml1": "saml1",
}
# A compact JWS has two dots (RFC 7515 section 7.1).
_DOTS = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """The token of the person, that of who acts where it is shown, and the type that is asked for."""

    subject: str
    actor: str | None
    requested: str


def read(form: Pairs) -> Wish:
    """What the parameters say."""
    subject = _token(form, "subject_token")
    if subject is None:
        raise _missing("subject_token")
    actor = _token(form, "actor_token")
    requested = one(form, "requested_token_type") or ACCESS_TOKEN
    type_is_known("requested_token_type", requested)
    return Wish(subject, actor, requested)


def type_is_known(name: str, kind: str) -> None:
    """It is an access token, or an access token that is a JWT. Section 3."""
    if kind not in TAKEN:
        seen = contrast(name, " ".join(TAKEN), kind)
        raise Refused(TOKEN_TYPE_UNKNOWN, words={"type": kind[:128]}, seen=seen)


def can_be_made(requested: str, *, is_opaque: bool) -> None:
    """An API whose tokens are opaque has no JWT to give. Section 2.2.1."""
    if requested == JWT and is_opaque:
        seen = contrast("requested_token_type", ACCESS_TOKEN, JWT)
        raise Refused(TOKEN_TYPE_UNKNOWN, words={"type": JWT}, seen=seen)


def _token(form: Pairs, name: str) -> str | None:
    """A token comes with its type, or neither of them does. Section 2.1."""
    text, kind = one(form, name), one(form, f"{name}_type")
    if text is None and kind is None:
        return None
    if text is None or kind is None:
        raise _missing(name if text is None else f"{name}_type")
    type_is_known(f"{name}_type", kind)
    if kind == JWT and text.count(".") != _DOTS:
        raise Refused(SUBJECT_MALFORMED, debug=f"{name} is said to be a JWT and is none")
    return text


def _missing(name: str) -> Refused:
    return Refused(MISSING_PARAMETER, words={"name": name}, seen=absent(name))
