"""The verbs for credentials of clients: added, given another end, removed."""

from dataclasses import dataclass

from sekisho.change.actor import Actor
from sekisho.change.fields import written
from sekisho.change.unit import At
from sekisho.model.client import Client
from sekisho.model.step import Note
from sekisho.registry import clients, credentials
from sekisho.registry.clients import Meant
from sekisho.registry.credentials import CredentialFields
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Place:
    """A credential of a client, both by their wire names."""

    client_id: str
    credential: str


async def create(
    tenant: Tenant, client_id: str, asked: CredentialFields, actor: Actor, at: At = None
) -> Client:
    """The client with one more credential, its last."""
    new = credentials.born(asked, tenant.now())
    detail = {"client_id": client_id, "credential": new.id, "credential_type": new.kind, "kid": new.kid}
    note = actor.note(tenant.audit, tenant.id, "credential_created", detail)
    return await clients.amend_credentials(
        tenant, Meant(client_id, actor, at), lambda client: credentials.added(client, (new,)), note
    )


async def change(
    tenant: Tenant, place: Place, asked: CredentialFields, actor: Actor, at: At = None
) -> Client:
    """The client with another end of a credential."""
    note = _note(tenant, place, actor, "credential_changed", {"fields": written(asked)})
    return await clients.amend_credentials(
        tenant,
        Meant(place.client_id, actor, at),
        lambda client: credentials.amended(client, place.credential, asked, tenant.now()),
        note,
    )


async def delete(tenant: Tenant, place: Place, actor: Actor, at: At = None) -> Client:
    """The client without a credential."""
    note = _note(tenant, place, actor, "credential_deleted", {})
    whose = Meant(place.client_id, actor, at)
    return await clients.amend_credentials(
        tenant, whose, lambda client: credentials.removed(client, place.credential), note
    )


def _note(tenant: Tenant, place: Place, actor: Actor, slug: str, more: dict[str, object]) -> Note:
    detail = {"client_id": place.client_id, "credential": place.credential, **more}
    return actor.note(tenant.audit, tenant.id, slug, detail)
