"""/api/v2/applications: clients and the APIs that they are, in the shape of Graph."""

from collections.abc import Sequence

from sekisho.api import match, view
from sekisho.api.bearer import actor, need
from sekisho.api.listing import Filter, Listing, together
from sekisho.api.operation import Words
from sekisho.api.resources.entra import shape
from sekisho.change import fields
from sekisho.model.api import Api
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.registry.applications import manifest, verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

# Whoever puts a certificate here is the application from then on.
KEYS = frozenset(("keyCredentials", "tokenEncryptionKeyId"))
APPLICATIONS = Listing(
    Client,
    "applications",
    {
        "appId": Filter(
            Words("Only the one of this appId.", "この appId のものだけ。"),
            lambda value, _tenant: ({"name": value},),
        ),
        "displayName": Filter(
            Words(
                "Only those whose name, appId or reply URL has this in it.",
                "名前、appId、応答 URL のいずれかにこれを含むものだけ。",
            ),
            lambda value, _tenant: ({"words": value},),
        ),
    },
)


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications: those that registered themselves are without number, and elsewhere."""

    async def look(found: Sequence[Client]) -> list[view.View]:
        apis = [await tenant.known.named(Api, tenant.id, each.client_id) for each in found]
        own = [api if api and api.owner_client == api.identifier else None for api in apis]
        return [_view(Application(*each), tenant) for each in zip(found, own, strict=True)]

    return await together(ask, tenant, APPLICATIONS, look, {"application": ""})


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications: in Graph's shape, or as the manifest of an application."""
    read = manifest.read(document.parse(ask.body))
    asked = fields.creation(read.members, EntraApplicationFields)
    if not KEYS.isdisjoint(fields.written(asked)):
        need(bearer, "create:client_credentials")
    made = await verbs.create(tenant, asked, actor(bearer, ask), wild=read.wild)
    return view.shown(_view(made, tenant), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications/{id}: by its object id or its appId."""
    cut = view.cutter(ask)
    found = await verbs.find(tenant, ask.names["id"])
    return view.shown(cut(_view(found, tenant)), version=found.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /applications/{id}: what has members of its own merges."""
    read = manifest.read(document.parse(ask.body), is_there=True)
    asked = fields.amendment(read.members, EntraApplicationFields)
    if not KEYS.isdisjoint(fields.written(asked)):
        need(bearer, "update:client_credentials")
    made = await verbs.change(tenant, meant(ask, bearer), asked, wild=read.wild)
    return view.shown(_view(made, tenant), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /applications/{id}: the client, and the API that it is."""
    await verbs.delete(tenant, meant(ask, bearer))
    return view.nothing()


def meant(ask: Ask, bearer: Bearer) -> Meant:
    """The application of the path, at the version of If-Match."""
    return Meant(ask.names["id"], actor(bearer, ask), match.versions(ask))


def _view(application: Application, tenant: Tenant) -> view.View:
    return shape.shown(application, next(iter(tenant.record.domains), None))
