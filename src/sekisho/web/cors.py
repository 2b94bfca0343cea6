"""Which pages of other origins may call us (Fetch standard, CORS protocol)."""

from sekisho.model.client import Client
from sekisho.spec.http import Pairs
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.web.route import Route

ALLOW_HEADERS = (
    "authorization, content-type, auth0-client, dpop, x-request-language, accept-language, x-correlation-id"
)
EXPOSE_HEADERS = (
    "DPoP-Nonce, WWW-Authenticate, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset, ETag, Link, X-Correlation-ID"
)
LONGEST_ORIGIN = 300


async def headers(route: Route, origin: str, tenant: Tenant) -> Pairs:
    """What an answer to a page of this origin carries; nothing for origins that no client named."""
    if route.cors == "any":
        return (("access-control-allow-origin", "*"), ("access-control-expose-headers", EXPOSE_HEADERS))
    if origin and route.cors == "clients" and await _is_named(origin, tenant):
        return (
            ("access-control-allow-origin", origin),
            ("access-control-expose-headers", EXPOSE_HEADERS),
            ("vary", "origin"),
        )
    return (("vary", "origin"),)


def preflight(allowed: Pairs, method: str) -> Pairs:
    """What a preflight is answered, if the origin is allowed at all."""
    if not any(name == "access-control-allow-origin" for name, _ in allowed):
        return allowed
    return (
        *allowed,
        ("access-control-allow-methods", method),
        ("access-control-allow-headers", ALLOW_HEADERS),
        ("access-control-max-age", "600"),
    )


async def _is_named(origin: str, tenant: Tenant) -> bool:
    if len(origin) > LONGEST_ORIGIN:
        return False
    # A preflight does not say which client calls, so any client of the tenant counts.
    return bool(await tenant.store.records(Client, tenant.id, {"tag": origin}, Window(limit=1)))
