"""A policy ends."""

from sekisho.pages.dashboard import arming, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.policies import counted, seen, told
from sekisho.registry.access_policies import policies
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    policy = await seen.named(ask, tenant)
    (sentence,) = await told.sentences((policy,), tenant)
    here = (Crumb(policy.name, seen.path(policy), is_key=False), Crumb("policies.delete"))
    context = {
        "form": arming.asks(locked=not who.may("delete:access_policies")),
        "line": sentence,
        "counts": await counted.counts(tenant) if who.may("read:logs") else None,
    }
    return frame.page(
        "policy_delete", context, (Crumb("dash.policies", seen.ROOM), *here), (ask, who, tenant)
    )


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it demands nothing any more."""
    policy = await seen.named(ask, tenant)
    await policies.delete(tenant, policy.id, who.actor(ask))
    return frame.done("policy_deleted", seen.ROOM, ask)
