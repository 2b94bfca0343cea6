"""Which pages of other origins may call us (Fetch standard, CORS protocol)."""

from sekisho.model.client import Client
from sekisho.registry.portal import signing
from sekisho.spec.entra import reply
from sekisho.spec.http import Pairs
from sekisho.spec.portal import cors as sharing
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
MAX_AGE = ("access-control-max-age", "600")
# For pages that a browser shall keep a cookie of ours for, which is said to the very origin only.
WITH_COOKIES: Pairs = (("access-control-allow-credentials", "true"),)
# No cookie ever counts where these are sent, so a page of any origin may ask: it knows a secret or nothing.
DEVICES: Pairs = (
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "POST,GET,OPTIONS,DELETE"),
    (
        "access-control-allow-headers",
        (
            "ap_11,ap_42,ap_z,ap_19,ap_21,ap_23,authorization,content-type,pass_sfp,"
            "AP-Session-Identifier,AP-Device-Identifier,AP-SDK-Identifier,X-Device-Info"
        ),
    ),
    (
        "access-control-expose-headers",
        "pass_sfp,Authzf-Error-Code,Authzf-Sub-Error-Code,Authzf-Error-Details",
    ),
    ("vary", "origin"),
)


async def headers(route: Route, origin: str, tenant: Tenant) -> Pairs:
    """What an answer to a page of this origin carries; nothing for origins that no client named."""
    if route.cors == "any":
        return (("access-control-allow-origin", "*"), ("access-control-expose-headers", EXPOSE_HEADERS))
    if route.cors == "portal":
        return await _of_portal(origin, tenant)
    if route.cors == "devices":
        is_page = 0 < len(origin) <= LONGEST_ORIGIN
        return (("access-control-allow-origin", origin), *DEVICES) if is_page else DEVICES
    if origin and await _is_named(route, origin, tenant):
        return (
            ("access-control-allow-origin", origin),
            *(WITH_COOKIES if route.cors == "credentials" else ()),
            ("access-control-expose-headers", EXPOSE_HEADERS),
            ("vary", "origin"),
        )
    return (("vary", "origin"),)


def preflight(allowed: Pairs, method: str) -> Pairs:
    """What a preflight is answered, if the origin is allowed at all."""
    if not any(name == "access-control-allow-origin" for name, _ in allowed):
        return allowed
    if any(name == "access-control-max-age" for name, _ in allowed):
        return allowed
    if any(name == "access-control-allow-methods" for name, _ in allowed):
        return (*allowed, MAX_AGE)
    return (
        *allowed,
        ("access-control-allow-methods", method),
        ("access-control-allow-headers", ALLOW_HEADERS),
        MAX_AGE,
    )


async def _of_portal(origin: str, tenant: Tenant) -> Pairs:
    """What the site settings of a portal say; nothing where they name no origin."""
    if not await signing.value(tenant, sharing.ORIGINS):
        return ()
    texts = {name: await signing.value(tenant, name) or "" for name in sharing.NAMES}
    return sharing.headers(texts, origin)


async def _is_named(route: Route, origin: str, tenant: Tenant) -> bool:
    if route.cors not in ("clients", "credentials", "entra") or len(origin) > LONGEST_ORIGIN or "*" in origin:
        return False
    shared = reply.shared_origin(origin) if route.cors == "entra" else ""
    # A preflight does not say which client calls, so any client of the tenant counts.
    for tag in (origin, shared) if shared else (origin,):
        if await tenant.store.records(Client, tenant.id, {"tag": tag}, Window(limit=1)):
            return True
    return False
