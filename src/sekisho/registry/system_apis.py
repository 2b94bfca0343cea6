"""The APIs that every tenant has, or gets: its own administration, and what installations call."""

import secrets

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import amend
from sekisho.model.api import MANAGEMENT, PROTECTED, Api, Scope
from sekisho.model.step import Save, Step
from sekisho.registry import apis
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.tenant import Tenant


def system(tenant: str, now: float) -> Api:
    """The API that a tenant is administered through."""
    return Api(
        tenant=tenant,
        id=secrets.token_hex(12),
        name="Sekisho Management API",
        identifiers=(MANAGEMENT,),
        scopes=_management_scopes(()),
        is_system=True,
        created_at=now,
        updated_at=now,
    )


async def protected(tenant: Tenant) -> tuple[Step, ...]:
    """What brings the API that installations of registered applications call; nothing where it is there."""
    if await tenant.store.named(Api, tenant.id, PROTECTED):
        return ()
    now = tenant.now()
    api = Api(
        tenant=tenant.id,
        id=secrets.token_hex(12),
        name="Adobe Pass protected APIs",
        identifiers=(PROTECTED,),
        dialect="adobe_pass",
        is_system=True,
        created_at=now,
        updated_at=now,
    )
    return (Save(api),)


async def renew_system(tenant: Tenant, actor: Actor) -> Api:
    """The system's API with the scopes that this version of the server knows."""
    note = actor.note(tenant.audit, tenant.id, "api_changed", {"api": MANAGEMENT, "fields": ["scopes"]})

    async def current() -> Api:
        api = await tenant.store.named(Api, tenant.id, MANAGEMENT)
        if api is None:
            raise Refused(API_ABSENT)
        return api

    return await amend(tenant, current, lambda api: replace(api, scopes=_management_scopes(api.scopes)), note)


def _management_scopes(old: tuple[Scope, ...]) -> tuple[Scope, ...]:
    wanted = tuple(
        apis.ScopeFields(value=value, description=text) for value, text in MANAGEMENT_SCOPES.items()
    )
    return apis.scopes_of(old, wanted)
