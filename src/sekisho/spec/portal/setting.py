"""Site settings: names that are compared without case, and what their texts mean."""

import re

ENABLED = "Connector/ImplicitGrantFlowEnabled"
LIFETIME = "ImplicitGrantFlow/TokenExpirationTime"
CLIENTS = "ImplicitGrantFlow/RegisteredClientId"
CERTIFICATE = "CustomCertificates/ImplicitGrantflow"
# These and the one below are ours: the vendor has no switch for them.
AUTHORIZE = "ImplicitGrantFlow/AuthorizeEnabled"
TOKEN_BY_GET = "ImplicitGrantFlow/TokenByGetEnabled"
CLIENT_REQUIRED = "ImplicitGrantFlow/ClientIdRequired"
_REDIRECTS = "ImplicitGrantFlow/{client_id}/RedirectUri"
_ENGAGEMENT = "ImplicitGrantFlow/{client_id}/EngagementAttributesAsText"

USUAL, SHORTEST, LONGEST = 900, 60, 3_600
_INTEGER = re.compile(r"[+-]?[0-9]{1,32}")
_REDIRECT_NAME = re.compile(r"implicitgrantflow/[a-z0-9-]{1,36}/redirecturi")
_THUMBPRINT = re.compile(r"[0-9a-f]{40}")


def redirects_of(client_id: str) -> str:
    """The setting that lists where the answers of a client may go."""
    return _REDIRECTS.format(client_id=client_id)


def engagement_of(client_id: str) -> str:
    """The setting that says whether a client gets `lp_sdes` as text: its validator splits arrays up."""
    return _ENGAGEMENT.format(client_id=client_id)


def canonical(name: str) -> str:
    """A name as it is compared."""
    return name.strip().casefold()


def is_of_redirects(name: str) -> bool:
    """It lists addresses that answers are sent to."""
    return _REDIRECT_NAME.fullmatch(canonical(name)) is not None


def is_on(text: str | None) -> bool:
    """On, unless it says false."""
    return (text or "").strip().casefold() != "false"


def is_wanted(text: str | None) -> bool:
    """Off, unless it says true."""
    return (text or "").strip().casefold() == "true"


def lifetime(text: str | None) -> int:
    """Seconds: kept between a minute and an hour; what is no whole number is a quarter of an hour."""
    plain = (text or "").strip()
    if not _INTEGER.fullmatch(plain):
        return USUAL
    return min(max(int(plain), SHORTEST), LONGEST)


def listed(text: str | None) -> tuple[str, ...]:
    """The items between semicolons, without blanks around them and without empty ones."""
    return tuple(item for part in (text or "").split(";") if (item := part.strip()))


def thumbprint(text: str | None) -> str:
    """The SHA-1 of a certificate as it is compared; empty where none is set, as it came where it is none."""
    plain = re.sub(r"[\s:\u200e]", "", text or "").casefold()
    return plain if not plain or _THUMBPRINT.fullmatch(plain) else plain[:64]
