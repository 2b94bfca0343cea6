"""Where Entra's dialect lives: paths that begin with a tenant, and the issuers that follow from it."""

import re
from urllib.parse import urlsplit

# Not tenants, but the one whose host it is; nobody's personal account lives here.
ALIASES = frozenset(("common", "organizations"))
PERSONAL = "consumers"
TOKEN = "/oauth2/v2.0/token"
# What stands after the tenant in a path of the dialect.
_PARTS = frozenset(
    ("oauth2", "v2.0", "discovery", "adminconsent", "saml2", "federationmetadata", ".well-known")
)
GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ISSUER = re.compile(r"(https?://[^/?#@\\]{1,270}/)([0-9a-f-]{36})/(?:v2\.0)?")


def segment(path: str) -> str:
    """The tenant as a raw path of the dialect names it; empty for any other path."""
    name, _, rest = path[1:].partition("/")
    part = rest.partition("/")[0]
    return name if rest and part.casefold() in _PARTS and not name.startswith(".") else ""


def older(issuer: str, tenant: str) -> str:
    """The issuer of v1 tokens and of SAML assertions, from the server's own and the tenant's GUID."""
    return f"{_origin(issuer)}/{tenant}/"


def newer(issuer: str, tenant: str) -> str:
    """The issuer of v2 tokens."""
    return f"{_origin(issuer)}/{tenant}/v2.0"


def split(issuer: str) -> tuple[str, str] | None:
    """The origin (with a slash) and the tenant's GUID of an issuer of the dialect."""
    match = _ISSUER.fullmatch(issuer)
    return (match[1], match[2]) if match else None


def assertion_audiences(issuer: str, tenant: str, name: str) -> frozenset[str]:
    """What clients take for our name in assertions: the token endpoint in any spelling, the issuers."""
    origin = _origin(issuer)
    names = {name, name.casefold(), tenant, *ALIASES}
    ends = (TOKEN, "/oauth2/token", "/v2.0", "/")
    return frozenset(f"{origin}/{each}{end}" for each in names for end in ends)


def _origin(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}"
