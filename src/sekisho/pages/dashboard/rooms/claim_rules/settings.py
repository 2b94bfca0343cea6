"""One claim rule: its name, its claim, what it says and where."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.claim_rules import seen, trying
from sekisho.pages.dashboard.rooms.claim_rules.seen import KINDS
from sekisho.registry.claims import rules
from sekisho.registry.claims.rules import ClaimRuleFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    rule = await seen.named(ask, tenant)
    form = fields.shown(seen.said(rule), rule.version, locked=not who.may("update:claim_rules"))
    return seen.page(form, await trying.untried(who, tenant), rule, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be, for tokens from now on."""
    rule = await seen.named(ask, tenant)
    said = seen.said(rule)
    try:
        asked = fields.asked(ask.form, KINDS, said, ClaimRuleFields)
        await rules.change(tenant, rule.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = seen.again(refused, ask.form, said, rule.version)
        trial = await trying.untried(who, tenant, ask.form)
        return frame.refused(seen.page(form, trial, rule, (ask, who, tenant)), refused)
    return frame.done("saved", seen.path(rule), ask)
