"""Admin consent: an administrator agrees to what an application needs, for all people and for itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.change.actor import Actor
from sekisho.change.unit import land, whole
from sekisho.model.api import Api
from sekisho.model.artifact import Owner
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Note, Save, Step
from sekisho.people import consents
from sekisho.people.entra.permission_grants import OWN
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, API_ABSENT, SYSTEM_CLIENT
from sekisho.store import Window
from sekisho.store.nouns import EVERYBODY
from sekisho.tenant import Tenant

TRIES = 5
# So many APIs of one application are looked at.
MOST = 500


@dataclass(frozen=True, slots=True)
class Share:
    """Of one API (or of the server itself: none): scopes for people, and roles (their ids) for itself."""

    api: str | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...] = ()


async def of_client(tenant: Tenant, client: Client) -> list[Consent]:
    """What administrators agreed to for an application."""
    where = {"client_id": client.client_id, "tag": EVERYBODY}
    return await tenant.store.records(Consent, tenant.id, where, Window(limit=MOST))


async def roles_of(tenant: Tenant, client: Client) -> list[RoleAssignment]:
    """The roles that an application has itself."""
    return await whole(tenant, RoleAssignment, {"principal": client.id})


def assignment(client: Client, api: str, role: str, now: float) -> RoleAssignment:
    """A role (its id) of an API that an application has itself from now on."""
    return RoleAssignment(
        tenant=client.tenant,
        id=str(uuid.uuid4()),
        principal=client.id,
        kind="ServicePrincipal",
        api=api,
        role=role,
        created_at=now,
        updated_at=now,
    )


async def give(tenant: Tenant, client: Client, shares: Sequence[Share], actor: Actor) -> None:
    """All of it in one unit; what was agreed to before stays."""

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, await giving(tenant, client, shares, actor)

    for _ in range(TRIES):
        try:
            return await land(tenant, attempt)
        except Refused as refused:
            # Another administrator agreed at this moment: what is left to agree to now?
            if refused.reason is not ALREADY_EXISTS:
                raise
    return await land(tenant, attempt)


async def giving(tenant: Tenant, client: Client, shares: Sequence[Share], actor: Actor) -> tuple[Step, ...]:
    """The steps, with what is remembered of them; none where nothing is new."""
    if client.client_id == DASHBOARD:
        raise Refused(SYSTEM_CLIENT)
    steps: list[Step] = []
    for share in shares:
        api = await _api(tenant, share.api)
        steps += await _agreeing(tenant, client, share, api, actor)
        for role in share.roles if api else ():
            steps += await _assigning(tenant, client, role, api, actor)
    return tuple(steps)


async def take_back(tenant: Tenant, client: Client, api: str | None, actor: Actor) -> None:
    """Of one API (or of the server itself), what was agreed to for all people, and the roles. Tokens end."""

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        steps: list[Step] = []
        if given := await consents.agreed(None, client, api, tenant):
            detail = {
                "client_id": given.client,
                "user_id": "",
                "api": api or "",
                "scopes": list(given.scopes),
            }
            steps += (Erase(given), actor.note(tenant.audit, tenant.id, "permission_grant_deleted", detail))
        for each in await roles_of(tenant, client) if api else ():
            if each.api == api:
                steps += (Erase(each), _told(tenant, "app_role_unassigned", each, actor))
        return None, tuple(steps)

    await land(tenant, attempt)
    await tenant.store.revoke(Owner(tenant=tenant.id, client=client.client_id), tenant.now())


async def _agreeing(
    tenant: Tenant, client: Client, share: Share, api: Api | None, actor: Actor
) -> tuple[Step, ...]:
    known = {each.value for each in api.scopes if each.enabled} if api else set(OWN)
    scopes = tuple(each for each in share.scopes if each in known)
    before = await consents.agreed(None, client, share.api, tenant)
    if not set(scopes) - set(before.scopes if before else ()):
        return ()
    wanted = consents.new(None, client, share.api, scopes, tenant.now())
    save = consents.giving(wanted, before)
    slug = "permission_grant_changed" if before else "permission_grant_created"
    detail = {"client_id": client.client_id, "user_id": "", "api": share.api or "", "scopes": list(scopes)}
    return save, actor.note(tenant.audit, tenant.id, slug, detail)


async def _assigning(
    tenant: Tenant, client: Client, role: str, api: Api | None, actor: Actor
) -> tuple[Step, ...]:
    own = {each.id for each in api.app_roles if each.enabled and "Application" in each.members} if api else {}
    if api is None or role not in own:
        return ()
    if await tenant.store.named(RoleAssignment, tenant.id, f"{client.id} {api.identifier} {role}"):
        return ()
    new = assignment(client, api.identifier, role, tenant.now())
    return Save(new), _told(tenant, "app_role_assigned", new, actor)


async def _api(tenant: Tenant, name: str | None) -> Api | None:
    """The API of this name; those of the system are nobody's to give."""
    if name is None:
        return None
    api = await tenant.store.named(Api, tenant.id, name)
    if api is None or api.is_system:
        raise Refused(API_ABSENT)
    return api


def _told(tenant: Tenant, slug: str, each: RoleAssignment, actor: Actor) -> Note:
    detail = {"principal": each.principal, "kind": each.kind, "client_id": each.api, "role": each.role}
    return actor.note(tenant.audit, tenant.id, slug, detail)
