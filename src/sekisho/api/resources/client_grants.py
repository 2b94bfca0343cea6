"""/api/v2/client-grants: what clients may ask of APIs in their own name."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor, need
from sekisho.api.listing import Filter, Listing, column, fixed, listed
from sekisho.api.operation import Words
from sekisho.change import fields
from sekisho.model.api import MANAGEMENT
from sekisho.model.bearer import Bearer
from sekisho.model.client_grant import ClientGrant
from sekisho.registry import apis, client_grants
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

GRANTS = Listing(
    ClientGrant,
    "client_grants",
    {
        "client_id": column("client_id", Words("Only those of this client.", "このクライアントのものだけ。")),
        "audience": Filter(
            Words("Only those for this API.", "この API のものだけ。"),
            lambda value, tenant: ({"audience": apis.internal(tenant, value)},),
        ),
        "allow_any_organization": fixed(
            "allow_any_organization",
            "false",
            Words("There are no organizations: true finds nothing.", "組織はないため、true は空になる。"),
        ),
        "subject_type": fixed(
            "subject_type",
            "client",
            Words("Every grant is for a client: anything else finds nothing.", "client 以外は空になる。"),
        ),
    },
)


class ClientGrantSeen(Struct, kw_only=True):
    """What a client may ask of an API in its own name."""

    id: str
    client_id: str
    audience: str
    scope: Sequence[str]
    subject_type: str = "client"
    is_system: bool


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /client-grants."""
    return await listed(ask, tenant, GRANTS, lambda grant: _view(grant, ask))


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /client-grants/{id}."""
    cut = view.cutter(ask)
    grant = await client_grants.find(tenant, ask.names["id"])
    return view.shown(cut(_view(grant, ask)), version=grant.version)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /client-grants."""
    asked = fields.creation(document.parse(ask.body), ClientGrantFields)
    if tenant.is_management(asked.audience or ""):
        _may_give(bearer, asked, ())
    grant = await client_grants.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(grant, ask), 201, version=grant.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /client-grants/{id}."""
    asked = fields.amendment(document.parse(ask.body), ClientGrantFields)
    id, at = ask.names["id"], match.versions(ask)
    there = await client_grants.find(tenant, id)
    if there.audience == MANAGEMENT:
        _may_give(bearer, asked, there.scopes)
    grant = await client_grants.change(tenant, id, asked, actor(bearer, ask), at)
    return view.shown(_view(grant, ask), version=grant.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /client-grants/{id}."""
    await client_grants.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _may_give(bearer: Bearer, asked: ClientGrantFields, had: Collection[str]) -> None:
    """Nobody lets others administer what they may not: a client that makes client grants has one itself."""
    for scope in asked.scopes or ():
        if scope in MANAGEMENT_SCOPES and scope not in had:
            need(bearer, scope)


def _view(grant: ClientGrant, ask: Ask) -> view.View:
    seen = ClientGrantSeen(
        id=grant.id,
        client_id=grant.client_id,
        audience=f"{ask.root}/{MANAGEMENT_PATH}" if grant.audience == MANAGEMENT else grant.audience,
        scope=list(grant.scopes),
        is_system=grant.is_system,
    )
    return view.members(seen)
