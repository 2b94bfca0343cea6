"""Who calls the management API, and what they may do (RFC 6750)."""

from sekisho import tokens
from sekisho.change.actor import Actor
from sekisho.model.bearer import Bearer
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE, TOKEN_MISSING
from sekisho.tenant import MANAGEMENT_PATH, Tenant

SCHEME = "bearer"


async def caller(ask: Ask, tenant: Tenant) -> Bearer:
    """The bearer of a live token for this API."""
    bearer = await tokens.live(_text(ask), tenant)
    if not any(map(tenant.is_management, bearer.audience)):
        came = " ".join(bearer.audience)
        seen = contrast("aud", f"{ask.root}/{MANAGEMENT_PATH}", came)
        raise Refused(TOKEN_AUDIENCE, words={"audience": came[:600]}, seen=seen)
    return bearer


def need(bearer: Bearer, *scopes: str) -> None:
    """Any one of the scopes suffices. The text is read by programs, letter for letter."""
    if not any(scope in bearer.scopes for scope in scopes):
        seen = contrast("scope", " ".join(scopes), " ".join(bearer.scopes))
        raise Refused(SCOPE_INSUFFICIENT, words={"scopes": ",".join(scopes)}, seen=seen)


def actor(bearer: Bearer, ask: Ask) -> Actor:
    """The bearer as the audit names it."""
    scopes = frozenset(bearer.scopes)
    return Actor(client=bearer.client_id, address=ask.address, correlation=ask.correlation, scopes=scopes)


def _text(ask: Ask) -> str:
    """The token, from the header only: addresses end up in logs. RFC 9700 section 4.3.2."""
    scheme, _, text = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not text.strip():
        raise Refused(TOKEN_MISSING)
    return text.strip()
