"""An API ends, once its name was typed."""

from sekisho.model.client_grant import ClientGrant
from sekisho.pages.dashboard import arming, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.apis import seen
from sekisho.pages.dashboard.rooms.apis.seen import ROOM, Seen
from sekisho.registry import apis
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    found = await seen.named(ask, tenant)
    locked = found.api.is_system or not who.may("delete:resource_servers")
    return await _page(arming.asks(locked=locked), found, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is gone, and nobody may ask for anything there."""
    found = await seen.named(ask, tenant)
    if not arming.is_armed(ask.form, found.identifier):
        return arming.again(await _page(arming.unarmed(ask.form), found, (ask, who, tenant)))
    await apis.delete(tenant, found.api.id, who.actor(ask))
    return frame.done("api_deleted", ROOM, ask)


async def _page(form: Form, found: Seen, visit: Visit) -> Answer:
    tenant = visit[2]
    grants = await tenant.store.count(ClientGrant, tenant.id, {"audience": found.api.identifier})
    return seen.page("api_delete", found, {"form": form, "grants": grants}, visit, Crumb("apis.delete"))
