"""A new claim rule."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.claim_rules import seen, trying
from sekisho.pages.dashboard.rooms.claim_rules.seen import BLANK, KINDS
from sekisho.registry.claims import rules
from sekisho.registry.claims.rules import ClaimRuleFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the empty form."""
    form = fields.shown(BLANK, locked=not who.may("create:claim_rules"))
    return seen.page(form, await trying.untried(who, tenant), None, (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: tokens have it from now on."""
    try:
        asked = fields.converted(fields.typed(ask.form, KINDS), ClaimRuleFields)
        await rules.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        form, trial = seen.again(refused, ask.form, {}, 0), await trying.untried(who, tenant, ask.form)
        return frame.refused(seen.page(form, trial, None, (ask, who, tenant)), refused)
    return frame.done("claim_rule_created", seen.ROOM, ask)
