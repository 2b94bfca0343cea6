"""Who has which role of an application: people, the people of a role (a group), or other applications."""

import uuid
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from msgspec import Meta, Struct

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps
from sekisho.change.unit import At, kept, land, meant, whole
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.record import Record
from sekisho.model.role import NO_ROLE, Role, RoleAssignment
from sekisho.model.step import Erase, Save, Step
from sekisho.model.user import User
from sekisho.registry import apis, client_rules
from sekisho.registry.applications.parts import AppId, Guid, canonical
from sekisho.spec import metadata
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.entra import ASSIGNMENT_ABSENT
from sekisho.spec.refusals.management import API_ABSENT, CLIENT_ABSENT
from sekisho.spec.refusals.people import ROLE_ABSENT, USER_ABSENT
from sekisho.tenant import Tenant

Kind = Literal["User", "Group", "ServicePrincipal"]
LONGEST_ID = 64
# The GUID; or the user_id, the id of a role, the appId.
PrincipalId = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9._~|-]+\Z")]
R = TypeVar("R", bound=Record)


class RoleAssignmentFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Who has which role of an application. Without a role: that they may use it at all."""

    NEEDS: ClassVar[tuple[str, ...]] = ("principalId", "principalType", "resourceId")
    ONCE: ClassVar[tuple[str, ...]] = ("principalId", "principalType", "resourceId", "appRoleId")
    PROMISES: ClassVar[Mapping[str, object]] = {}

    principal_id: PrincipalId
    principal_type: Kind
    resource_id: AppId
    app_role_id: Perhaps[Guid] = None


async def find(tenant: Tenant, id: str) -> RoleAssignment:
    """The assignment with this id."""
    found = await tenant.store.record(RoleAssignment, tenant.id, id) if len(id) <= LONGEST_ID else None
    if found is None:
        raise Refused(ASSIGNMENT_ABSENT)
    return found


async def create(tenant: Tenant, asked: RoleAssignmentFields, actor: Actor) -> RoleAssignment:
    """Somebody has a role from now on."""
    now = tenant.now()
    api = await apis.owned(tenant, canonical(asked.resource_id))
    if api is None:
        raise Refused(API_ABSENT)
    new = RoleAssignment(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        principal=await _principal(tenant, asked, actor),
        kind=asked.principal_type,
        api=api.identifier,
        role=(asked.app_role_id or NO_ROLE).lower(),
        created_at=now,
        updated_at=now,
    )
    _role_is_for(api, new)
    note = actor.note(tenant.audit, tenant.id, "app_role_assigned", _what(new))

    async def attempt() -> tuple[RoleAssignment, tuple[Step, ...]]:
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """Tokens from now on do not have the role."""

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        found = meant(await find(tenant, id), at)
        note = actor.note(tenant.audit, tenant.id, "app_role_unassigned", _what(found))
        client = await tenant.store.record(Client, tenant.id, found.principal)
        if client:
            await client_rules.may_be_changed(tenant, client, actor.scopes)
        return None, (Erase(found), note)

    await land(tenant, attempt)


async def group_of(tenant: Tenant, guid: str) -> Role | None:
    """The role that is a group by this GUID."""
    return next((each for each in await whole(tenant, Role, {}) if each.object_id == guid), None)


def _role_is_for(api: Api, new: RoleAssignment) -> None:
    """The role is there, enabled, and for principals of this kind."""
    member = "Application" if new.kind == "ServicePrincipal" else "User"
    roles = {each.id for each in api.app_roles if each.enabled and member in each.members}
    metadata.choice_is_known("appRoleId", (new.role,), roles | {NO_ROLE})


async def _principal(tenant: Tenant, asked: RoleAssignmentFields, actor: Actor) -> str:
    """The GUID of whom it is about, who is there; a client may be changed by whoever asks."""
    name = canonical(asked.principal_id)
    if asked.principal_type == "User":
        user = await tenant.store.record(User, tenant.id, name)
        if user is None and "|" in name:
            # A login name is none: it may be somebody else's by now.
            user = await tenant.store.named(User, tenant.id, name)
        return _there(user, USER_ABSENT).id
    if asked.principal_type == "Group":
        role = await tenant.store.record(Role, tenant.id, name) or await group_of(tenant, name)
        return _there(role, ROLE_ABSENT).object_id
    client = await tenant.store.record(Client, tenant.id, name)
    found = _there(client or await tenant.store.named(Client, tenant.id, name), CLIENT_ABSENT)
    return (await client_rules.may_be_changed(tenant, found, actor.scopes)).id


def _there(found: R | None, absent: Reason) -> R:
    if found is None:
        raise Refused(absent)
    return found


def _what(each: RoleAssignment) -> dict[str, object]:
    return {"principal": each.principal, "kind": each.kind, "client_id": each.api, "role": each.role}
