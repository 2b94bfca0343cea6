"""/api/v2/clients/{id}/credentials: the public keys and certificates of a client."""

from hashlib import sha256

from msgspec import UNSET, Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client, Credential
from sekisho.registry import client_credentials, clients, credentials
from sekisho.registry.credentials import NAMED, CredentialFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


class CredentialSeen(Struct, kw_only=True):
    """A credential; what it was read from is not shown again."""

    id: str
    credential_type: str
    kid: Maybe[str]
    alg: str
    name: Maybe[str]
    created_at: str
    updated_at: str
    starts_at: Maybe[str]
    expires_at: Maybe[str]
    thumbprint_sha256: Maybe[str]


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /clients/{id}/credentials."""
    cut = view.cutter(ask)
    client = await clients.find(tenant, ask.names["id"])
    return view.shown([cut(_view(each)) for each in client.credentials], version=client.version)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /clients/{id}/credentials: it counts once client_authentication_methods names it."""
    asked = fields.creation(document.parse(ask.body), CredentialFields, NAMED)
    id, at = ask.names["id"], match.versions(ask)
    client = await client_credentials.create(tenant, id, asked, actor(bearer, ask), at)
    return _shown(client, client.credentials[-1].id, 201)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /clients/{id}/credentials/{credential_id}."""
    cut = view.cutter(ask)
    client = await clients.find(tenant, ask.names["id"])
    found = credentials.found(client, ask.names["credential_id"])
    return view.shown(cut(_view(found)), version=client.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /clients/{id}/credentials/{credential_id}: when it ends, and nothing else."""
    asked = fields.amendment(document.parse(ask.body), CredentialFields)
    place = client_credentials.Place(ask.names["id"], ask.names["credential_id"])
    client = await client_credentials.change(tenant, place, asked, actor(bearer, ask), match.versions(ask))
    return _shown(client, place.credential)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /clients/{id}/credentials/{credential_id}."""
    place = client_credentials.Place(ask.names["id"], ask.names["credential_id"])
    await client_credentials.delete(tenant, place, actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _shown(client: Client, id: str, status: int = 200) -> Answer:
    return view.shown(_view(credentials.found(client, id)), status, version=client.version)


def _view(each: Credential) -> view.View:
    certified = each.kind == "x509_cert"
    seen = CredentialSeen(
        id=each.id,
        credential_type=each.kind,
        kid=unless_empty(each.kid),
        alg=each.algs[0],
        name=unless_empty(each.name),
        created_at=view.moment(each.created_at),
        updated_at=view.moment(each.updated_at or each.created_at),
        starts_at=UNSET if each.starts_at is None else view.moment(each.starts_at),
        expires_at=UNSET if each.expires_at is None else view.moment(each.expires_at),
        thumbprint_sha256=sha256(each.der).hexdigest() if certified else UNSET,
    )
    return view.members(seen)
