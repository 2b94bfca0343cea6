"""Federated credentials: tokens of another issuer that prove an application."""

from collections.abc import Mapping

from sekisho.model.client import Client
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry.applications import credentials as verbs
from sekisho.registry.applications import keys
from sekisho.registry.applications.fields import FederatedFields
from sekisho.registry.applications.verbs import Meant
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {
    "name": "text",
    "issuer": "text",
    "subject": "text",
    "audiences": "lines",
    "description": "text",
}
# What workload identities of clouds are asked to put into `aud`.
USUAL = "api://AzureADTokenExchange"


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: whose tokens, about whom, for whom."""
    client = await head.open_one(ask, who, tenant)
    return await _page(fields.shown({"audiences": [USUAL]}, client.version), client, (ask, who, tenant))


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: they prove it from now on."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    try:
        asked = fields.converted(fields.typed(ask.form, KINDS), FederatedFields)
        await verbs.trust(tenant, Meant(client.id, who.actor(ask)), asked)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {}, client.version)
        return frame.refused(await _page(form, client, visit), refused)
    return frame.done("certificate_added", head.path(client, "credentials"), ask)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    client = await head.open_one(ask, who, tenant)
    context = {
        "form": arming.asks(locked=False),
        "gone": keys.found(client, ask.names["federated"]),
        "crumb": Crumb("entra.remove_federated"),
    }
    return await head.page("application_federated_remove", context, client, (ask, who, tenant))


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: they do not any more."""
    client = await head.open_one(ask, who, tenant)
    gone = keys.found(client, ask.names["federated"])
    await verbs.distrust(tenant, Meant(client.id, who.actor(ask)), gone.id)
    return frame.done("credential_deleted", head.path(client, "credentials"), ask)


async def _page(form: Form, client: Client, visit: Visit) -> Answer:
    context = {"form": form, "crumb": Crumb("entra.new_federated")}
    return await head.page("application_federated_new", context, client, visit)
