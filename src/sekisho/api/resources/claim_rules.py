"""/api/v2/claim-rules: what a tenant says in tokens, besides what everybody says."""

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.tenant import Carrier, ClaimRule
from sekisho.registry.claims import rules
from sekisho.registry.claims.rules import ClaimRuleFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

RULES = Listing(ClaimRule, "claim_rules")


class ClaimRuleSeen(Struct, kw_only=True):
    """A claim, the expression that says what is in it, and the tokens that it goes into."""

    id: str
    name: str
    claim: str
    expression: str
    tokens: list[Carrier]
    enabled: bool
    created_at: str
    updated_at: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /claim-rules."""
    return await listed(ask, tenant, RULES, _view)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /claim-rules."""
    asked = fields.creation(document.parse(ask.body), ClaimRuleFields)
    made = await rules.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(made), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /claim-rules/{id}."""
    cut = view.cutter(ask)
    found = await rules.find(tenant, ask.names["id"])
    return view.shown(cut(_view(found)), version=found.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /claim-rules/{id}."""
    asked = fields.amendment(document.parse(ask.body), ClaimRuleFields)
    id, at = ask.names["id"], match.versions(ask)
    made = await rules.change(tenant, id, asked, actor(bearer, ask), at)
    return view.shown(_view(made), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /claim-rules/{id}."""
    await rules.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _view(rule: ClaimRule) -> view.View:
    seen = ClaimRuleSeen(
        id=rule.id,
        name=rule.name,
        claim=rule.claim,
        expression=rule.expression,
        tokens=list(rule.tokens),
        enabled=rule.enabled,
        created_at=view.moment(rule.created_at),
        updated_at=view.moment(rule.updated_at),
    )
    return view.members(seen)
