"""Client grants: what a client may ask of an API in its own name."""

import secrets
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, written
from sekisho.change.unit import At, kept, land, meant
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Erase, Save, Step
from sekisho.registry import apis, client_rules, clients
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, CLIENT_ABOVE, GRANT_ABSENT
from sekisho.tenant import Tenant

ID_LENGTH = 16
LONGEST_ID = 64


class ClientGrantFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a client grant, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("client_id", "audience")
    ONCE: ClassVar[tuple[str, ...]] = ("client_id", "audience", "subject_type")
    PROMISES: ClassVar[Mapping[str, object]] = {
        "allow_all_scopes": False,
        "allow_any_organization": False,
        "authorization_details_types": [],
        "default_for": None,
        "organization_usage": "deny",
        "subject_type": "client",
    }

    client_id: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    scopes: Perhaps[Annotated[tuple[str, ...], Meta(max_length=1000)]] = field(name="scope", default=UNSET)


async def find(tenant: Tenant, id: str) -> ClientGrant:
    """The client grant with this id."""
    grant = await tenant.store.record(ClientGrant, tenant.id, id) if len(id) <= LONGEST_ID else None
    if grant is None:
        raise Refused(GRANT_ABSENT)
    return grant


async def create(tenant: Tenant, asked: ClientGrantFields, actor: Actor) -> ClientGrant:
    """A client may ask something of an API: both are there, and so are the scopes."""
    client = await clients.find(tenant, asked.client_id or "")
    await client_rules.may_be_changed(tenant, client, actor.scopes)
    api = await apis.of_audience(tenant, asked.audience or "")
    if api is None:
        raise Refused(API_ABSENT)
    grant = ClientGrant(
        tenant=tenant.id,
        id="cgr_" + "".join(secrets.choice(clients.ALPHABET) for _ in range(ID_LENGTH)),
        client_id=client.client_id,
        audience=api.identifier,
        scopes=_scopes(asked, api, (), actor),
        created_at=tenant.now(),
        updated_at=tenant.now(),
    )
    detail = {"client_grant": grant.id, "client_id": grant.client_id, "audience": grant.audience}
    note = actor.note(
        tenant.audit, tenant.id, "client_grant_created", {**detail, "scope": list(grant.scopes)}
    )

    async def attempt() -> tuple[ClientGrant, tuple[Step, ...]]:
        return kept(grant), (Save(grant), note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, id: str, asked: ClientGrantFields, actor: Actor, at: At = None
) -> ClientGrant:
    """A client may ask for more, less or something else."""
    detail = {"client_grant": id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "client_grant_changed", detail)

    async def attempt() -> tuple[ClientGrant, tuple[Step, ...]]:
        grant = meant(await _changeable(tenant, id, actor), at)
        api = await tenant.store.named(Api, tenant.id, grant.audience)
        if api is None:
            raise Refused(API_ABSENT)
        scopes = grant.scopes if asked.scopes is UNSET else _scopes(asked, api, grant.scopes, actor)
        if scopes == grant.scopes:
            return grant, ()
        new = replace(grant, scopes=scopes, updated_at=tenant.now())
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """The client may not ask for anything there any more."""
    note = actor.note(tenant.audit, tenant.id, "client_grant_deleted", {"client_grant": id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, (Erase(meant(await _changeable(tenant, id, actor), at)), note)

    await land(tenant, attempt)


async def _changeable(tenant: Tenant, id: str, actor: Actor) -> ClientGrant:
    """For whoever may do all that its client may; what a deleted client has left is nobody's."""
    grant = await find(tenant, id)
    client = await tenant.store.named(Client, tenant.id, grant.client_id)
    if client:
        await client_rules.may_be_changed(tenant, client, actor.scopes)
    return grant


def _scopes(asked: ClientGrantFields, api: Api, had: Collection[str], actor: Actor) -> tuple[str, ...]:
    wanted = asked.scopes or ()
    metadata.values_are_unique("scope", wanted)
    metadata.choice_is_known("scope", wanted, {scope.value for scope in api.scopes})
    if api.identifier == MANAGEMENT and actor.scopes is not None:
        # Nobody lets a client administer what they may not themselves.
        beyond = set(wanted).difference(had, actor.scopes)
        if beyond:
            raise Refused(CLIENT_ABOVE, debug=f"these would be beyond: {' '.join(sorted(beyond))}")
    return wanted
