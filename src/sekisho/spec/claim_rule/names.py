"""How a tenant's own claims may be called, so that they are nobody else's (RFC 7519 section 4.2)."""

import re

from sekisho.spec import claims
from sekisho.spec.pipeline import RESTRICTED
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import CLAIM_NAME_MALFORMED, CLAIM_NAME_RESTRICTED

LONGEST = 255
# Hosts that claims of Auth0 itself begin with, and what is below them.
_ELSEWHERE = ("auth0.com", "webtask.io", "webtask.run")
# What tokens of ours say besides.
_OURS = frozenset(("scope", "scopes", "generation"))
# fmt: off
# What tokens in Entra's words say of who somebody is and what they may.
_ENTRA = frozenset((
    "acrs", "aio", "app_displayname", "appid", "appidacr", "azpacr", "hasgroups", "idtyp", "ipaddr", "oid",
    "onprem_sid", "scp", "tid", "unique_name", "upn", "uti", "ver", "wids", "xms_cc",
))
# fmt: on
_RESERVED = frozenset(name.casefold() for name in RESTRICTED | _OURS | _ENTRA)
_STANDARD = frozenset(claims.SUPPORTED)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_REST = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"
# In one spelling only: two that mean the same address would be two claims.
_URL = re.compile(rf"https?://({_LABEL}(?:\.{_LABEL})*)(?::[1-9][0-9]{{0,4}})?(?:[/?#]{_REST})?")
_URN = re.compile(rf"urn:([a-z0-9][a-z0-9-]{{0,30}}[a-z0-9]):(?=[^/?#]){_REST}")  # RFC 8141 section 2
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def is_namespaced(claim: str) -> bool:
    """It says whose it is."""
    return ":" in claim


def is_standard(claim: str) -> bool:
    """One of OpenID Connect's: it is told where a scope asks for it. OpenID Connect Core 1.0 section 5.4."""
    return claim in _STANDARD


def is_reserved(claim: str) -> bool:
    """It is the server's or a protocol's, however it is spelt."""
    return claim.casefold() in _RESERVED


def claim_is_free(claim: str) -> None:
    """An absolute URL or a URN of one's own, or a plain name that nobody else uses."""
    shown = {"claim": claim[:LONGEST]}
    if len(claim) > LONGEST or not any(shape.fullmatch(claim) for shape in (_URL, _URN, _PLAIN)):
        raise Refused(CLAIM_NAME_MALFORMED, words=shown)
    if is_reserved(claim) or _is_respelt(claim) or _is_elsewhere(claim):
        raise Refused(CLAIM_NAME_RESTRICTED, words=shown)


def _is_respelt(claim: str) -> bool:
    """Email is not email, and a reader that ignores case would believe it."""
    return claim not in _STANDARD and claim.casefold() in _STANDARD


def _is_elsewhere(claim: str) -> bool:
    if urn := _URN.fullmatch(claim):
        return urn[1] == "auth0"
    url = _URL.fullmatch(claim)
    return url is not None and f".{url[1]}".endswith(tuple(f".{host}" for host in _ELSEWHERE))
