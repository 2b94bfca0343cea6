"""One API that an application may call in its own name: with other permissions, or not any more."""

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.applications.grants import KINDS, audience
from sekisho.registry import client_grants, clients
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, GRANT_ABSENT
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the permissions that it has."""
    client = await clients.find(tenant, ask.names["client_id"])
    grant, api = await _found(client, ask, tenant)
    is_locked = bool(await head.lock(client, who, tenant))
    form = fields.shown({"scope": _had(grant, api)}, grant.version, locked=is_locked)
    return await _page(form, client, (grant, api), (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as they shall be."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    grant, api = await _found(client, ask, tenant)
    said = {"scope": _had(grant, api)}
    try:
        asked = fields.asked(ask.form, KINDS, said, ClientGrantFields)
        await client_grants.change(tenant, grant.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, said, grant.version)
        return frame.refused(await _page(form, client, (grant, api), visit), refused)
    return frame.done("saved", head.path(client, "apis"), ask)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    client = await head.open_one(ask, who, tenant)
    grant, api = await _found(client, ask, tenant)
    context = {
        "form": arming.asks(locked=False),
        "api": api,
        "name": audience(api.identifier, ask),
        "grant": grant,
        "crumb": Crumb("applications.remove_api"),
    }
    return await head.page("application_api_delete", context, client, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it may not any more."""
    client = await head.open_one(ask, who, tenant)
    grant, _ = await _found(client, ask, tenant)
    await client_grants.delete(tenant, grant.id, who.actor(ask))
    return frame.done("api_removed", head.path(client, "apis"), ask)


async def _found(client: Client, ask: Ask, tenant: Tenant) -> tuple[ClientGrant, Api]:
    """A grant of this application, with its API."""
    grant = await client_grants.find(tenant, ask.names["grant"])
    if grant.client_id != client.client_id:
        raise Refused(GRANT_ABSENT)
    api = await tenant.store.named(Api, tenant.id, grant.audience)
    if api is None:
        raise Refused(API_ABSENT)
    return grant, api


def _had(grant: ClientGrant, api: Api) -> list[str]:
    """As the boxes send them."""
    return [scope.value for scope in api.scopes if scope.value in grant.scopes]


async def _page(form: Form, client: Client, what: tuple[ClientGrant, Api], visit: Visit) -> Answer:
    grant, api = what
    name = audience(api.identifier, visit[0])
    context = {
        "form": form,
        "api": api,
        "name": name,
        "grant": grant,
        "crumb": Crumb("applications.change_api"),
    }
    return await head.page("application_api", context, client, visit)
