"""What a claim rule would say of somebody: as it is kept, or as it was typed. Nothing comes of it."""

from dataclasses import replace

from msgspec import structs

from sekisho.model.tenant import ClaimRule
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.claim_rules import seen, settings, trying
from sekisho.pages.dashboard.rooms.claim_rules.seen import CARRIERS, KINDS
from sekisho.spec.claim_rule import names
from sekisho.spec.http import Answer, Ask, Pairs, one
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
    return await _answer(form, ask.query, rule, (ask, who, tenant))


async def _typed(rule: ClaimRule | None, visit: Visit) -> Answer:
    ask, _, _ = visit
    form = Form(fields.typed(ask.form, KINDS), fields.version(ask.form) or 0)
    return await _answer(form, ask.form, rule, visit)


async def _answer(form: Form, told: Pairs, rule: ClaimRule | None, visit: Visit) -> Answer:
    """The page again, with what it says of whoever is meant, or with what is wrong."""
    _, who, tenant = visit
    try:
        trial = await trying.tried(_draft(form, tenant), told, who, tenant)
    except Refused as refused:
        if not (wrong := seen.wrong(refused)):
            raise
        trial = await trying.untried(who, tenant, told)
        return frame.refused(seen.page(replace(form, problems=wrong), trial, rule, visit), refused)
    answer = seen.page(form, trial, rule, visit)
    return structs.replace(answer, status=400) if trial.form.problems else answer


def _draft(form: Form, tenant: Tenant) -> ClaimRule:
    """As it would be kept; what it is called can wait."""
    claim = form.text("claim")
    if claim:
        names.claim_is_free(claim)
    return ClaimRule(
        tenant=tenant.id,
        id="",
        name=form.text("name"),
        claim=claim,
        expression=form.text("expression"),
        tokens=tuple(kind for kind in CARRIERS if kind in form.values["tokens"]),
        enabled=form.values["enabled"],
    )
