"""/api/v2/applications/{id}/federatedIdentityCredentials: tokens of others that prove an application."""

from collections.abc import Sequence

from msgspec import Struct

from sekisho.api import view
from sekisho.api.resources.entra.applications import meant
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.client import Federated
from sekisho.registry.applications import credentials, keys, verbs
from sekisho.registry.applications.fields import FederatedFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


class FederatedCredentialSeen(Struct, kw_only=True):
    """An issuer, and whom of its tokens stands for the application."""

    id: str
    name: str
    issuer: str
    subject: str
    audiences: Sequence[str]
    description: str | None


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications/{id}/federatedIdentityCredentials."""
    cut = view.cutter(ask)
    found = await verbs.find(tenant, ask.names["id"])
    return view.shown([cut(_view(each)) for each in found.client.federated], version=found.version)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/federatedIdentityCredentials."""
    asked = fields.creation(document.parse(ask.body), FederatedFields)
    made, new = await credentials.trust(tenant, meant(ask, bearer), asked)
    return view.shown(_view(new), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications/{id}/federatedIdentityCredentials/{credential_id}: by its id or its name."""
    cut = view.cutter(ask)
    found = await verbs.find(tenant, ask.names["id"])
    each = keys.found(found.client, ask.names["credential_id"])
    return view.shown(cut(_view(each)), version=found.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /applications/{id}/federatedIdentityCredentials/{credential_id}."""
    await credentials.distrust(tenant, meant(ask, bearer), ask.names["credential_id"])
    return view.nothing()


def _view(each: Federated) -> view.View:
    seen = FederatedCredentialSeen(
        id=each.id,
        name=each.name,
        issuer=each.issuer,
        subject=each.subject,
        audiences=each.audiences,
        description=each.description or None,
    )
    return view.members(seen)
