"""A sample of an API: fixed answers for those who show a token that is good for them (RFC 6750)."""

from collections.abc import Mapping

from sekisho import tokens
from sekisho.model.bearer import Bearer
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE, TOKEN_MISSING
from sekisho.tenant import Tenant

AUDIENCE = "https://journeys.example.com"
READ, WRITE = "read:journeys", "write:journeys"
JOURNEYS: tuple[Mapping[str, str], ...] = (
    {"road": "Tōkaidō 東海道", "checkpoint": "Hakone 箱根"},
    {"road": "Nakasendō 中山道", "checkpoint": "Usui 碓氷"},
)


async def journeys(ask: Ask, tenant: Tenant) -> Answer:
    """What a traveller may see."""
    bearer = await _let_in(ask, READ, tenant)
    told = {"traveller": bearer.subject, "journeys": JOURNEYS}
    return Answer(json=told, headers=NO_STORE)


async def plan(ask: Ask, tenant: Tenant) -> Answer:
    """What the demo application never asks for, so that a refusal can be seen. Nothing is kept."""
    bearer = await _let_in(ask, WRITE, tenant)
    return Answer(status=201, json={"traveller": bearer.subject}, headers=NO_STORE)


async def _let_in(ask: Ask, scope: str, tenant: Tenant) -> Bearer:
    """Whoever shows a token of ours that lives, is for this API, and has the scope. RFC 6750 section 3.1."""
    scheme, _, sent = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not sent:
        raise Refused(TOKEN_MISSING)
    bearer = await tokens.live(sent.strip(), tenant)
    if AUDIENCE not in bearer.audience:
        raise Refused(TOKEN_AUDIENCE, words={"audience": " ".join(bearer.audience)[:200]})
    if scope not in bearer.scopes:
        raise Refused(SCOPE_INSUFFICIENT, words={"scopes": scope})
    return bearer
