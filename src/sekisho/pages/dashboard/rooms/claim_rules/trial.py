"""What a claim rule would say of somebody: as it is kept, or as it was typed. Nothing comes of it."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.tenant import ClaimRule
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.claim_rules import seen, settings, trying
from sekisho.pages.dashboard.rooms.claim_rules.seen import CARRIERS, KINDS
from sekisho.spec.claim_rule import names
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def of_draft(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the form of a new one."""
    return await _typed(None, (ask, who, tenant))


async def of_change(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the form of one that is there."""
    return await _typed(await seen.named(ask, tenant), (ask, who, tenant))


async def of_rule(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is kept; its page, where nobody says for whom."""
    if all(one(ask.query, name) is None for name in trying.KINDS):
        return await settings.show(ask, who, tenant)
    rule = await seen.named(ask, tenant)
    form = fields.shown(seen.said(rule), rule.version, locked=not who.may("update:claim_rules"))
    trial = await trying.tried(rule, ask.query, who, tenant)
    return seen.page(form, trial, rule, (ask, who, tenant))


async def _typed(rule: ClaimRule | None, visit: Visit) -> Answer:
    ask, who, tenant = visit
    typed = fields.typed(ask.form, KINDS)
    form = Form(typed, fields.version(ask.form) or 0)
    try:
        draft = _draft(typed, tenant)
        trial = await trying.tried(draft, ask.form, who, tenant)
    except Refused as refused:
        if not seen.is_placed(refused):
            raise
        form = seen.again(refused, ask.form, typed, form.version)
        trial = await trying.untried(who, tenant, ask.form)
        return frame.refused(seen.page(form, trial, rule, visit), refused)
    return seen.page(form, trial, rule, visit)


def _draft(typed: Mapping[str, Any], tenant: Tenant) -> ClaimRule:
    """As it would be kept; what it is called can wait."""
    claim = typed["claim"] or ""
    if claim:
        names.claim_is_free(claim)
    return ClaimRule(
        tenant=tenant.id,
        id="",
        name=typed["name"] or "",
        claim=claim,
        expression=typed["expression"] or "",
        tokens=tuple(kind for kind in CARRIERS if kind in typed["tokens"]),
        enabled=typed["enabled"],
    )
