"""One policy: whom it is about, and what it demands."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.policies import seen
from sekisho.registry.access_policies import policies
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    policy = await seen.named(ask, tenant)
    said = await seen.said(policy, tenant)
    form = fields.shown(said, policy.version, locked=not who.may("update:access_policies"))
    return await seen.page(form, policy, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be, from the next request on."""
    policy = await seen.named(ask, tenant)
    try:
        asked = await seen.asked(ask.form, tenant)
        await policies.change(tenant, policy.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = seen.again(refused, ask.form, await seen.said(policy, tenant), policy.version)
        return frame.refused(await seen.page(form, policy, (ask, who, tenant)), refused)
    return frame.done("saved", seen.path(policy), ask)
