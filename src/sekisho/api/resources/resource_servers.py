"""/api/v2/resource-servers: the APIs of a tenant."""

from collections.abc import Sequence

from msgspec import UNSET, Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.bearer import Bearer
from sekisho.registry import apis
from sekisho.registry.apis import ApiFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

APIS = Listing(Api, "resource_servers")


class ScopeSeen(Struct):
    """A permission of an API."""

    value: str
    description: Maybe[str] = UNSET


class ApiSeen(Struct, kw_only=True):
    """An API, which Auth0 calls a resource server."""

    id: str
    name: str
    identifier: str
    is_system: bool
    scopes: Sequence[ScopeSeen]
    signing_alg: str
    token_dialect: str
    token_lifetime: int
    token_lifetime_for_web: int
    allow_offline_access: bool
    skip_consent_for_verifiable_first_party_clients: bool


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /resource-servers."""
    return await listed(ask, tenant, APIS, lambda api: _view(api, ask))


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /resource-servers/{id}: by id or identifier."""
    cut = view.cutter(ask)
    api = await apis.find(tenant, ask.names["id"])
    return view.shown(cut(_view(api, ask)), version=api.version)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /resource-servers."""
    asked = fields.creation(document.parse(ask.body), ApiFields)
    api = await apis.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(api, ask), 201, version=api.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /resource-servers/{id}."""
    asked = fields.amendment(document.parse(ask.body), ApiFields)
    api = await apis.change(tenant, ask.names["id"], asked, actor(bearer, ask), match.versions(ask))
    return view.shown(_view(api, ask), version=api.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /resource-servers/{id}."""
    await apis.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _view(api: Api, ask: Ask) -> view.View:
    seen = ApiSeen(
        id=api.id,
        name=api.name,
        identifier=f"{ask.root}/{MANAGEMENT_PATH}" if api.identifier == MANAGEMENT else api.identifier,
        is_system=api.is_system,
        scopes=[ScopeSeen(each.value, unless_empty(each.description)) for each in api.scopes],
        signing_alg=api.signing_alg,
        token_dialect=api.dialect,
        token_lifetime=api.token_lifetime,
        token_lifetime_for_web=api.token_lifetime_for_web,
        allow_offline_access=api.allow_offline_access,
        skip_consent_for_verifiable_first_party_clients=api.skip_consent,
    )
    return view.members(seen)
