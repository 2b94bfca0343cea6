"""An application is deleted, by somebody who typed its name."""

from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.pages.dashboard import arming, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import clients
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks, and says what ends with it."""
    client = await head.open_one(ask, who, tenant)
    return await _page(arming.asks(locked=False), client, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is gone, and all that was issued to it."""
    client = await head.open_one(ask, who, tenant)
    if not arming.is_armed(ask.form, client.name):
        return arming.again(await _page(arming.unarmed(ask.form), client, (ask, who, tenant)))
    await clients.delete(tenant, client.client_id, who.actor(ask))
    return frame.done("application_deleted", "/applications", ask)


async def _page(form: Form, client: Client, visit: Visit) -> Answer:
    tenant, of_client = visit[2], {"client_id": client.client_id}
    context = {
        "form": form,
        "agreed": await tenant.store.count(Consent, tenant.id, of_client),
        "apis": await tenant.store.count(ClientGrant, tenant.id, of_client),
        "crumb": Crumb("applications.delete"),
    }
    return await head.page("application_delete", context, client, visit)
