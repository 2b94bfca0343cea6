"""/api/v2/resource-servers: the APIs of a tenant."""

from sekisho.api import query, view
from sekisho.api.bearer import actor, caller
from sekisho.api.listing import Listing, listed
from sekisho.model.api import Api
from sekisho.registry import apis, fields
from sekisho.registry.apis import ApiFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

APIS = Listing(Api, "resource_servers")


async def every(ask: Ask, tenant: Tenant) -> Answer:
    """GET /resource-servers."""
    await caller(ask, tenant, "read:resource_servers")
    return await listed(ask, tenant, APIS, lambda api: _view(api, ask))


async def get(ask: Ask, tenant: Tenant) -> Answer:
    """GET /resource-servers/{id}: by id or identifier."""
    await caller(ask, tenant, "read:resource_servers")
    query.only(ask, *view.CUT)
    cut = view.cutter(ask)
    api = await apis.find(tenant, ask.names["id"])
    return view.shown(cut(_view(api, ask)))


async def create(ask: Ask, tenant: Tenant) -> Answer:
    """POST /resource-servers."""
    bearer = await caller(ask, tenant, "create:resource_servers")
    query.only(ask)
    asked = fields.creation(document.parse(ask.body), ApiFields)
    api = await apis.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(api, ask), 201)


async def change(ask: Ask, tenant: Tenant) -> Answer:
    """PATCH /resource-servers/{id}."""
    bearer = await caller(ask, tenant, "update:resource_servers")
    query.only(ask)
    asked = fields.amendment(document.parse(ask.body), ApiFields)
    api = await apis.change(tenant, ask.names["id"], asked, actor(bearer, ask))
    return view.shown(_view(api, ask))


async def delete(ask: Ask, tenant: Tenant) -> Answer:
    """DELETE /resource-servers/{id}."""
    bearer = await caller(ask, tenant, "delete:resource_servers")
    query.only(ask)
    await apis.delete(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing()


def _view(api: Api, ask: Ask) -> view.View:
    return {
        "id": api.id,
        "name": api.name,
        "identifier": f"{ask.root}/{MANAGEMENT_PATH}" if api.is_system else api.identifier,
        "is_system": api.is_system,
        "scopes": [
            view.present({"value": each.value, "description": each.description}) for each in api.scopes
        ],
        "signing_alg": api.signing_alg,
        "token_dialect": api.dialect,
        "token_lifetime": api.token_lifetime,
        "token_lifetime_for_web": api.token_lifetime_for_web,
        "allow_offline_access": api.allow_offline_access,
        "skip_consent_for_verifiable_first_party_clients": api.skip_consent,
    }
