"""/api/v2/client-grants: what clients may ask of APIs in their own name."""

from sekisho.api import query, view
from sekisho.api.bearer import actor, caller
from sekisho.api.listing import Listing, column, fixed, listed
from sekisho.model.api import MANAGEMENT
from sekisho.model.client_grant import ClientGrant
from sekisho.registry import apis, client_grants, fields
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

GRANTS = Listing(
    ClientGrant,
    "client_grants",
    {
        "client_id": column("client_id"),
        "audience": lambda value, tenant: {"audience": apis.internal(tenant, value)},
        "allow_any_organization": fixed("false"),
        "subject_type": fixed("client"),
    },
)


async def every(ask: Ask, tenant: Tenant) -> Answer:
    """GET /client-grants."""
    await caller(ask, tenant, "read:client_grants")
    return await listed(ask, tenant, GRANTS, lambda grant: _view(grant, ask))


async def get(ask: Ask, tenant: Tenant) -> Answer:
    """GET /client-grants/{id}."""
    await caller(ask, tenant, "read:client_grants")
    query.only(ask, *view.CUT)
    cut = view.cutter(ask)
    grant = await client_grants.find(tenant, ask.names["id"])
    return view.shown(cut(_view(grant, ask)))


async def create(ask: Ask, tenant: Tenant) -> Answer:
    """POST /client-grants."""
    bearer = await caller(ask, tenant, "create:client_grants")
    query.only(ask)
    asked = fields.creation(document.parse(ask.body), ClientGrantFields)
    grant = await client_grants.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(grant, ask), 201)


async def change(ask: Ask, tenant: Tenant) -> Answer:
    """PATCH /client-grants/{id}."""
    bearer = await caller(ask, tenant, "update:client_grants")
    query.only(ask)
    asked = fields.amendment(document.parse(ask.body), ClientGrantFields)
    grant = await client_grants.change(tenant, ask.names["id"], asked, actor(bearer, ask))
    return view.shown(_view(grant, ask))


async def delete(ask: Ask, tenant: Tenant) -> Answer:
    """DELETE /client-grants/{id}."""
    bearer = await caller(ask, tenant, "delete:client_grants")
    query.only(ask)
    await client_grants.delete(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing()


def _view(grant: ClientGrant, ask: Ask) -> view.View:
    return {
        "id": grant.id,
        "client_id": grant.client_id,
        "audience": f"{ask.root}/{MANAGEMENT_PATH}" if grant.audience == MANAGEMENT else grant.audience,
        "scope": list(grant.scopes),
        "subject_type": "client",
        "is_system": grant.is_system,
    }
