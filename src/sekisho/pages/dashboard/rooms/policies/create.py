"""A new policy."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.policies import seen
from sekisho.pages.dashboard.rooms.policies.seen import BLANK
from sekisho.registry.access_policies import policies
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the empty form; a policy begins by being watched."""
    form = fields.shown(BLANK, locked=not who.may("create:access_policies"))
    return await seen.page(form, None, (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it holds from now on."""
    try:
        await policies.create(tenant, await seen.asked(ask.form, tenant), who.actor(ask))
    except Refused as refused:
        form = seen.again(refused, ask.form, {}, 0)
        return frame.refused(await seen.page(form, None, (ask, who, tenant)), refused)
    return frame.done("policy_created", seen.ROOM, ask)
