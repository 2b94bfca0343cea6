"""Auth0's two pipelines: what a client of the older one gets, attributes by their bare names among it."""

import re
from collections.abc import Collection, Mapping

from sekisho.spec import claims

# No scope and no rule of a tenant ever says these: they are the server's, or a protocol's.
# fmt: off
RESTRICTED = frozenset((
    "acr", "act", "active", "amr", "at_hash", "ath", "attest", "aud", "auth_time", "authorization_details",
    "azp", "c_hash", "client_id", "cnf", "cty", "dest", "entitlements", "events", "exp", "groups", "gty",
    "htm", "htu", "iat", "internalService", "iss", "jcard", "jku", "jti", "jwe", "jwk", "kid", "may_act",
    "mky", "nbf", "nonce", "object_id", "org_id", "org_name", "orig", "origid", "permissions", "roles",
    "rph", "s_hash", "sid", "sip_callid", "sip_cseq_num", "sip_date", "sip_from_tag", "sip_via_branch",
    "sub", "sub_jwk", "toe", "txn", "typ", "uuid", "vot", "vtm", "x5t#S256",
))
# fmt: on
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# What a full profile has beside the standard claims.
WHOLE = ("user_metadata", "app_metadata", "identities", "clientID", "user_id")
# What keeps its meaning wherever it is asked for.
_OURS = frozenset((*claims.SUPPORTED, *WHOLE))


def is_legacy(*, conformant: bool, audience: str) -> bool:
    """The older pipeline: of a client that stayed with it, for a request that names no API."""
    return not conformant and not audience


def is_attribute(scope: str) -> bool:
    """A scope that asks for an attribute of a person by its bare name."""
    return _ATTRIBUTE.fullmatch(scope) is not None and scope not in RESTRICTED


def attributes(known: Mapping[str, object], scopes: Collection[str]) -> dict[str, object]:
    """What the older pipeline tells of a person: standard claims, attributes by name, or the whole profile.

    An attribute is looked for at the root, then in what users say, then in what applications keep; only
    plain values are told so. What a document gives a meaning to is looked for at the root only: nobody says
    of themselves that their number is verified.
    """
    told = claims.of_scopes(known, scopes)
    for name in scopes:
        if name not in claims.SCOPES and is_attribute(name):
            places = (known,) if name in _OURS else _places(known)
            value = next((found for place in places if (found := place.get(name)) is not None), None)
            if isinstance(value, (str, bool, int, float)):
                told[name] = value
    if "profile" in scopes:
        told |= {name: known[name] for name in WHOLE if known.get(name)}
    return told


def _places(known: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    inner = (known.get("user_metadata"), known.get("app_metadata"))
    return (known, *(place for place in inner if isinstance(place, Mapping)))
