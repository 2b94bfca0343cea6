"""What a page of a portal asks for, parameter by parameter; each rule names its error."""

import re
from collections.abc import Collection
from urllib.parse import quote

import msgspec

from sekisho.spec.contrast import WITHHELD, absent, contrast, nearest, repeated
from sekisho.spec.http import Pairs, every
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import (
    CLIENT_MALFORMED,
    CLIENT_MISSING,
    CLIENT_UNREGISTERED,
    NONCE_MALFORMED,
    PARAMETER_REPEATED,
    REDIRECT_MISSING,
    REDIRECT_UNREGISTERED,
    RESPONSE_UNSUPPORTED,
    STATE_MALFORMED,
)

NAMES = ("client_id", "redirect_uri", "state", "nonce", "response_type")
LONGEST_ECHO = 20
_SHORT = f"at most {LONGEST_ECHO} characters"
_CLIENT = re.compile(r"[A-Za-z0-9-]{1,36}")
_PRINTABLE = re.compile(r"[ -~]*")
# The vendor's script takes the fragment apart without decoding it.
LITERAL = "@$!'()*,;:/?-._~"


class PortalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters, each of them there once or not at all."""

    client_id: str | None = None
    redirect_uri: str | None = None
    state: str | None = None
    nonce: str | None = None
    response_type: str | None = None


def read(pairs: Pairs) -> PortalRequest:
    """The parameters by their names; nothing else is looked at."""
    found: dict[str, str] = {}
    for name in NAMES:
        values = every(pairs, name)
        if len(values) > 1:
            raise Refused(PARAMETER_REPEATED, words={"name": name}, seen=repeated(name))
        if values:
            found[name] = values[0]
    return PortalRequest(**found)


def client_is_named(request: PortalRequest) -> None:
    """The endpoint that redirects needs to know for whom."""
    if not request.client_id:
        raise Refused(CLIENT_MISSING, seen=absent("client_id"))


def client_is_registered(request: PortalRequest, registered: Collection[str]) -> None:
    """Letters, digits and hyphens, at most 36 of them, as the portal lists it."""
    if not request.client_id:
        return
    if not _CLIENT.fullmatch(request.client_id):
        seen = contrast("client_id", "at most 36 letters, digits and hyphens", request.client_id)
        raise Refused(CLIENT_MALFORMED, seen=seen)
    if request.client_id not in registered:
        seen = contrast("client_id", "; ".join(registered), request.client_id)
        raise Refused(CLIENT_UNREGISTERED, words={"client_id": request.client_id}, seen=seen)


def redirect_is_named(request: PortalRequest) -> None:
    """The endpoint that redirects needs to know where to."""
    if not request.redirect_uri:
        raise Refused(REDIRECT_MISSING, seen=absent("redirect_uri"))


def redirect_is_registered(request: PortalRequest, registered: Collection[str]) -> None:
    """Letter for letter one of those that this very client has; without a client it means nothing."""
    if request.client_id and request.redirect_uri and request.redirect_uri not in registered:
        seen = contrast("redirect_uri", nearest(request.redirect_uri, registered), request.redirect_uri)
        raise Refused(REDIRECT_UNREGISTERED, seen=seen)


def response_type_is_token(request: PortalRequest) -> None:
    """The one thing that is given here."""
    if request.response_type not in (None, "", "token"):
        seen = contrast("response_type", "token", request.response_type)
        raise Refused(RESPONSE_UNSUPPORTED, words={"response_type": request.response_type[:64]}, seen=seen)


def echoes_are_short(request: PortalRequest) -> None:
    """State and nonce have at most 20 characters."""
    if len(request.state or "") > LONGEST_ECHO:
        raise Refused(STATE_MALFORMED, seen=contrast("state", _SHORT, WITHHELD))
    if len(request.nonce or "") > LONGEST_ECHO:
        seen = contrast("nonce", _SHORT, f"{len(request.nonce or '')} characters")
        raise Refused(NONCE_MALFORMED, seen=seen)


def state_fits_a_header(request: PortalRequest) -> None:
    """What comes back in a header has nothing that ends one."""
    if not _PRINTABLE.fullmatch(request.state or ""):
        raise Refused(STATE_MALFORMED, seen=contrast("state", "printable ASCII", WITHHELD))


def literal(state: str) -> str:
    """A state as it stands in a fragment: what a fragment can hold stays as it is."""
    return quote(state, safe=LITERAL)
