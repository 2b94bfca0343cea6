"""/api/v2/oauth2PermissionGrants: what was agreed to, by people or for all of them, in Graph's shape."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import EVERY, Filter, Listing, column, together
from sekisho.api.operation import Words
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.consent import Consent
from sekisho.model.user import User
from sekisho.people.entra import permission_grants as grants
from sekisho.people.entra.permission_grants import EVERYBODY, ONE, PermissionGrantFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.store import Where
from sekisho.tenant import Tenant

# Whom it is about is looked up before: agreements name people by their user_id.
GRANTS = Listing(
    Consent,
    "oauth2PermissionGrants",
    {
        "clientId": column(
            "client_id", Words("Only those of this application.", "このアプリケーションのものだけ。")
        ),
        "resourceId": Filter(
            Words("Only those for this application.", "このアプリケーションに対するものだけ。"),
            lambda value, _tenant: ({"tag": value},),
        ),
        "principalId": Filter(
            Words(
                "Only those of this user: the GUID or the user_id.",
                "このユーザー（GUID か user_id）のものだけ。",
            ),
            lambda _value, _tenant: ({},),
        ),
    },
)


class PermissionGrantSeen(Struct, kw_only=True, rename="camel"):
    """Scopes that an application has; no resource is the server itself, no principal is everybody."""

    id: str
    client_id: str
    consent_type: str
    principal_id: str | None
    resource_id: str | None
    scope: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /oauth2PermissionGrants."""

    async def look(found: Sequence[Consent]) -> list[view.View]:
        return [await _view(each, tenant) for each in found]

    return await together(ask, tenant, GRANTS, look, await _within(ask, tenant))


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /oauth2PermissionGrants."""
    asked = fields.creation(document.parse(ask.body), PermissionGrantFields)
    made = await grants.create(tenant, asked, actor(bearer, ask))
    return view.shown(await _view(made, tenant), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /oauth2PermissionGrants/{id}."""
    cut = view.cutter(ask)
    found = await grants.find(tenant, ask.names["id"])
    return view.shown(cut(await _view(found, tenant)), version=found.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /oauth2PermissionGrants/{id}: its scopes."""
    asked = fields.amendment(document.parse(ask.body), PermissionGrantFields)
    id, at = ask.names["id"], match.versions(ask)
    made = await grants.change(tenant, id, asked, actor(bearer, ask), at)
    return view.shown(await _view(made, tenant), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /oauth2PermissionGrants/{id}: what it gave ends too."""
    await grants.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


async def _within(ask: Ask, tenant: Tenant) -> Where:
    """Whose, where that is asked; somebody who is not there agreed to nothing."""
    name = one(ask.query, "principalId")
    if not name:
        return EVERY
    with suppress(Refused):
        return {"user_id": (await grants.of_principal(tenant, name)).user_id}
    return {"user_id": name}


async def _view(consent: Consent, tenant: Tenant) -> view.View:
    user = await tenant.store.named(User, tenant.id, consent.user) if consent.user else None
    seen = PermissionGrantSeen(
        id=consent.id,
        client_id=consent.client,
        consent_type=ONE if consent.user else EVERYBODY,
        principal_id=user.id if user else None,
        resource_id=consent.api,
        scope=" ".join(consent.scopes),
    )
    return view.members(seen)
