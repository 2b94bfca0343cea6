"""A claim rule ends."""

from sekisho.pages.dashboard import arming, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.claim_rules import seen
from sekisho.registry.claims import rules
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    rule = await seen.named(ask, tenant)
    form = arming.asks(locked=not who.may("delete:claim_rules"))
    here = (Crumb(rule.name, seen.path(rule), is_key=False), Crumb("claim_rules.delete"))
    crumbs = (Crumb("dash.claim_rules", seen.ROOM), *here)
    return frame.page("claim_rule_delete", {"form": form, "rule": rule}, crumbs, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: tokens from now on are without its claim."""
    rule = await seen.named(ask, tenant)
    await rules.delete(tenant, rule.id, who.actor(ask))
    return frame.done("claim_rule_deleted", seen.ROOM, ask)
