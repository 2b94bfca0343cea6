"""APIs: what an application may ask of which of them in its own name."""

from collections.abc import Mapping

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.dashboard import fields, frame, head, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import apis, client_grants, clients
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import MANAGEMENT_PATH, Tenant

KINDS: Mapping[str, Kind] = {"scope": "ticks"}
BLANK: Mapping[str, object] = {"scope": []}
# Of how many grants of one application a list of APIs knows that they are there.
MOST_KNOWN = 500


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of the APIs that it may call."""
    client = await clients.find(tenant, ask.names["client_id"])
    stretch = await listing.stretch(ClientGrant, {"client_id": client.client_id}, ask, tenant)
    rows = [(grant, await tenant.known.named(Api, tenant.id, grant.audience)) for grant in stretch.found]
    context = {"rows": rows, "stretch": stretch, "management": audience(MANAGEMENT, ask)}
    return await head.page("application_apis", context, client, (ask, who, tenant))


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: which API; then, which of its permissions."""
    client = await head.open_one(ask, who, tenant)
    chosen = one(ask.query, "api")
    if chosen:
        return await _choosing(
            fields.shown(BLANK), client, await apis.find(tenant, chosen), (ask, who, tenant)
        )
    stretch = await listing.stretch(Api, {}, ask, tenant)
    window = Window(limit=MOST_KNOWN)
    had = await tenant.store.records(ClientGrant, tenant.id, {"client_id": client.client_id}, window)
    context = {
        "stretch": stretch,
        "had": {grant.audience for grant in had},
        "management": audience(MANAGEMENT, ask),
        "crumb": Crumb("applications.add_api"),
    }
    return await head.page("application_api_new", context, client, (ask, who, tenant))


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it may."""
    client, api = await head.open_one(ask, who, tenant), await apis.find(tenant, ask.need("api"))
    told = {"client_id": client.client_id, "audience": audience(api.identifier, ask)}
    try:
        asked = fields.converted({**told, **fields.typed(ask.form, KINDS)}, ClientGrantFields)
        await client_grants.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, BLANK, 0)
        return frame.refused(await _choosing(form, client, api, (ask, who, tenant)), refused)
    return frame.done("api_added", head.path(client, "apis"), ask)


def audience(identifier: str, ask: Ask) -> str:
    """An API by the name that it has outside; ours is called by the address where it is."""
    return f"{ask.root}/{MANAGEMENT_PATH}" if identifier == MANAGEMENT else identifier


async def _choosing(form: Form, client: Client, api: Api, visit: Visit) -> Answer:
    context = {
        "form": form,
        "api": api,
        "name": audience(api.identifier, visit[0]),
        "grant": None,
        "crumb": Crumb("applications.add_api"),
    }
    return await head.page("application_api", context, client, visit)
