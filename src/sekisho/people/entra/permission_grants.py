"""Permission grants: who agreed to which scopes for an application, or an administrator for everybody."""

import uuid
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import At, kept, land, meant
from sekisho.model.api import Api
from sekisho.model.artifact import Owner
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.consent import Consent
from sekisho.model.step import Erase, Save, Step
from sekisho.model.user import User
from sekisho.people import powers, users
from sekisho.spec import metadata
from sekisho.spec import scope as words
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, CLIENT_ABSENT, GRANT_ABSENT, SYSTEM_CLIENT
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant

# What is the server's own, and no API's.
OWN = ("openid", "profile", "email", "offline_access")
EVERYBODY, ONE = "AllPrincipals", "Principal"
LONGEST_ID = 64
GUID_LENGTH = 36
# The GUID of a user, or the user_id.
PrincipalId = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9._~|-]+\Z")]
AppId = Annotated[str, Meta(max_length=128, pattern=r"^[A-Za-z0-9._~-]+\Z")]


class PermissionGrantFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Scopes of an application (or of the server itself: null) that another one may have."""

    NEEDS: ClassVar[tuple[str, ...]] = ("clientId", "consentType", "scope")
    ONCE: ClassVar[tuple[str, ...]] = ("clientId", "consentType", "principalId", "resourceId")
    PROMISES: ClassVar[Mapping[str, object]] = {"startTime": None, "expiryTime": None}

    client_id: AppId | UnsetType = UNSET
    consent_type: Literal["AllPrincipals", "Principal"] | UnsetType = UNSET
    principal_id: PrincipalId | UnsetType | None = UNSET
    resource_id: AppId | UnsetType | None = UNSET
    scope: Annotated[str, Meta(max_length=10_000)] | UnsetType = UNSET


async def find(tenant: Tenant, id: str) -> Consent:
    """The grant with this id."""
    found = await tenant.store.record(Consent, tenant.id, id) if len(id) <= LONGEST_ID else None
    if found is None:
        raise Refused(GRANT_ABSENT)
    return found


async def create(tenant: Tenant, asked: PermissionGrantFields, actor: Actor) -> Consent:
    """An application may act for somebody, or for everybody, without anybody being asked."""
    client = await tenant.store.named(Client, tenant.id, _name(asked.client_id or ""))
    if client is None:
        raise Refused(CLIENT_ABSENT)
    if client.client_id == DASHBOARD:
        raise Refused(SYSTEM_CLIENT)
    api = await _api(tenant, asked.resource_id or None)
    user = await _principal(tenant, asked, actor)
    now = tenant.now()
    new = Consent(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        user=user.user_id if user else None,
        client=client.client_id,
        api=api.identifier if api else None,
        scopes=_scopes(asked, api),
        created_at=now,
        updated_at=now,
    )
    note = actor.note(tenant.audit, tenant.id, "permission_grant_created", _what(new))

    async def attempt() -> tuple[Consent, tuple[Step, ...]]:
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, id: str, asked: PermissionGrantFields, actor: Actor, at: At = None
) -> Consent:
    """Other scopes. What was given by those that end, ends with them."""
    narrowed: list[bool] = []

    async def attempt() -> tuple[Consent, tuple[Step, ...]]:
        had = await _changeable(tenant, id, actor, at)
        scopes = had.scopes if asked.scope is UNSET else _scopes(asked, await _api(tenant, had.api))
        narrowed[:] = [not set(had.scopes) <= set(scopes)]
        if scopes == had.scopes:
            return had, ()
        new = replace(had, scopes=scopes, updated_at=tenant.now())
        note = actor.note(tenant.audit, tenant.id, "permission_grant_changed", _what(new))
        return kept(new), (Save(new), note)

    made = await land(tenant, attempt)
    if any(narrowed):
        await _ended(tenant, made)
    return made


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """It ends, and with it every token that the application has of whom it was about."""

    async def attempt() -> tuple[Consent, tuple[Step, ...]]:
        had = await _changeable(tenant, id, actor, at)
        note = actor.note(tenant.audit, tenant.id, "permission_grant_deleted", _what(had))
        return had, (Erase(had), note)

    await _ended(tenant, await land(tenant, attempt))


async def _ended(tenant: Tenant, consent: Consent) -> None:
    """No token tells by which agreement it came: all go, of one person or of anybody."""
    owner = Owner(tenant=tenant.id, user=consent.user, client=consent.client)
    await tenant.store.revoke(owner, tenant.now())


async def _changeable(tenant: Tenant, id: str, actor: Actor, at: At) -> Consent:
    """For somebody who may do all that the person may; one who is gone is nobody."""
    had = meant(await find(tenant, id), at)
    if had.user and await tenant.store.named(User, tenant.id, had.user):
        await users.changeable(tenant, had.user, actor)
    return had


async def _api(tenant: Tenant, name: str | None) -> Api | None:
    """The API of this application; those of the system are nobody's to give."""
    if name is None:
        return None
    api = await tenant.store.named(Api, tenant.id, _name(name))
    if api is None or api.is_system:
        raise Refused(API_ABSENT)
    return api


async def _principal(tenant: Tenant, asked: PermissionGrantFields, actor: Actor) -> User | None:
    name = asked.principal_id
    if isinstance(name, str) != (asked.consent_type == ONE):
        raise metadata.problem("principalId", "Belongs to Principal, and only there")
    if not isinstance(name, str):
        return None
    user = await of_principal(tenant, name)
    await powers.may_be_changed(tenant, user, actor.scopes)
    return user


async def of_principal(tenant: Tenant, name: str) -> User:
    """The user of a GUID, in letters of any size, or of a user_id: never of a login name."""
    name = name if "|" in name else name.lower()
    if not users.is_id(name):
        raise Refused(USER_ABSENT)
    return await users.find(tenant, name)


def _scopes(asked: PermissionGrantFields, api: Api | None) -> tuple[str, ...]:
    """The words, each of which the API has and does not keep to itself."""
    wanted = tuple(dict.fromkeys((asked.scope or "").split()))
    if not wanted or len(wanted) > words.MOST_SCOPES:
        raise metadata.problem("scope", "Not between one and a thousand scopes")
    known = {each.value for each in api.scopes if each.enabled} if api else OWN
    metadata.choice_is_known("scope", wanted, known)
    return wanted


def _name(app_id: str) -> str:
    """A GUID in lower letters; any other name as it is."""
    return app_id.lower() if len(app_id) == GUID_LENGTH else app_id


def _what(consent: Consent) -> dict[str, object]:
    """Who may do what, for whom."""
    return {
        "client_id": consent.client,
        "user_id": consent.user or "",
        "api": consent.api or "",
        "scopes": list(consent.scopes),
    }
