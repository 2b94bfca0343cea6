"""Forward authentication: may the request that a proxy received go on to a protected API?"""

from urllib.parse import parse_qsl

from sekisho.faces.adobe_pass import original
from sekisho.faces.adobe_pass.original import GATE, MOST_PAIRS, Original
from sekisho.oauth.installations.admit import Admitted, admit
from sekisho.spec.contrast import absent
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one
from sekisho.spec.refusal import MALFORMED_REQUEST, RATE_LIMITED, Refused
from sekisho.spec.refusals.protocol import TOKEN_MISSING
from sekisho.spec.refusals.registration import CHANNEL_MISSING
from sekisho.spec.software import device
from sekisho.spec.software.enhanced import in_header
from sekisho.tenant import Tenant

SCOPE = "api:client:v2"
FORM = "application/x-www-form-urlencoded"
DEVICE = "x-device-info"


async def gate(ask: Ask, tenant: Tenant) -> Answer:
    """Who asks, in headers for the API; or the whole answer that the client gets instead."""
    asked = original.told(ask)
    # Behind our own path stands the client's address, and with it the client's query.
    own = ask.query if not ask.path.partition(GATE)[2] else ()
    channel = one(own, "service_provider") or asked.channel
    is_open = asked.is_open or _is_preflight(asked, ask)
    admitted = None if is_open else await entered(asked, (one(own, "scope"), channel), ask, tenant)
    if one(own, "again"):
        # It was refused a moment ago and asks for the words. Success would be an empty answer of the API.
        raise Refused(RATE_LIMITED, debug="refused a moment ago, admitted now", headers={"retry-after": "1"})
    return Answer(headers=(*NO_STORE, *_facts(admitted, channel)))


async def entered(asked: Original, wants: tuple[str | None, str], ask: Ask, tenant: Tenant) -> Admitted:
    """Who comes in: what they show covers the scope and the service provider, and the device is described."""
    scope, channel = wants
    needed = scope or ("" if asked.is_old else SCOPE)
    admitted = await admit(_token(asked, ask), needed, channel, tenant)
    if not channel and not asked.is_old:
        raise Refused(CHANNEL_MISSING, seen=absent("service_provider"))
    if not asked.is_old or DEVICE in ask.headers:
        device.is_readable(ask.headers.get(DEVICE), tenant.policy.adobe_pass.reading)
    return admitted


def _is_preflight(asked: Original, ask: Ask) -> bool:
    """A browser that asks whether it may ask sends no token (Fetch standard, CORS-preflight fetch)."""
    asks = "origin" in ask.headers and "access-control-request-method" in ask.headers
    return asked.method == "OPTIONS" and asks


def _token(asked: Original, ask: Ask) -> str:
    """From the header; old APIs also take it from query or form. RFC 6750 section 2."""
    scheme, _, text = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and text.strip():
        return text.strip()
    elsewhere = one((*asked.query, *form(ask)), "access_token") if asked.is_old else None
    if not elsewhere or scheme:
        raise Refused(TOKEN_MISSING)
    return elsewhere


def form(ask: Ask) -> Pairs:
    """The parameters of a body that is a form."""
    if ask.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return ()
    try:
        return tuple(parse_qsl(ask.body.decode(), errors="strict", max_num_fields=MOST_PAIRS))
    except ValueError as error:
        raise Refused(MALFORMED_REQUEST, debug="the form cannot be read") from error


def _facts(admitted: Admitted | None, channel: str) -> Pairs:
    """All of them always: an empty one takes the place of what the client may have sent under its name."""
    came_by = admitted.client.registration if admitted else None
    return (
        ("x-client-id", admitted.client.client_id if admitted else ""),
        ("x-registered-application", admitted.application.id if admitted else ""),
        ("x-software-statement", came_by.statement if came_by else ""),
        ("x-scopes", " ".join(admitted.bearer.scopes) if admitted else ""),
        ("x-service-provider", in_header(channel)),
    )
