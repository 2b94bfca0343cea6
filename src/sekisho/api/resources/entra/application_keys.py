"""/api/v2/applications/{id}: secrets and certificates, one at a time."""

from msgspec import UNSET

from sekisho.api import view
from sekisho.api.resources.entra import shape
from sekisho.api.resources.entra.applications import meant
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.registry.applications import credentials
from sekisho.registry.applications.fields import AddKeyFields, AddPasswordFields, KeyIdFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def add_password(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/addPassword: the one answer that says the secret."""
    asked = fields.creation(document.parse(ask.body or b"{}"), AddPasswordFields)
    part = None if asked.password_credential is UNSET else asked.password_credential
    made = await credentials.add_password(tenant, meant(ask, bearer), part)
    return view.shown(view.members(shape.password(made.secret, made.text)))


async def remove_password(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/removePassword."""
    asked = fields.creation(document.parse(ask.body), KeyIdFields)
    await credentials.remove_password(tenant, meant(ask, bearer), asked.key_id)
    return view.nothing()


async def add_key(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/addKey."""
    asked = fields.creation(document.parse(ask.body), AddKeyFields)
    made, new = await credentials.add_key(tenant, meant(ask, bearer), asked.key_credential)
    return view.shown(view.members(shape.key(made.client, new)))


async def remove_key(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/removeKey."""
    asked = fields.creation(document.parse(ask.body), KeyIdFields)
    await credentials.remove_key(tenant, meant(ask, bearer), asked.key_id)
    return view.nothing()
