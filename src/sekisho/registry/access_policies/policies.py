"""Policies of conditional access: made, changed, deleted. They hold from the next request on."""

import re
import uuid

from msgspec import UNSET
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import written
from sekisho.change.unit import At, kept, land, meant
from sekisho.model.step import Erase, Save, Step
from sekisho.model.tenant import AccessPolicy
from sekisho.registry.access_policies import terms
from sekisho.registry.access_policies.fields import AccessPolicyFields
from sekisho.spec import metadata
from sekisho.spec.conditional.terms import Terms
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import ACCESS_POLICIES_MANY, ACCESS_POLICY_ABSENT
from sekisho.tenant import MOST_POLICIES, Tenant

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def find(tenant: Tenant, id: str) -> AccessPolicy:
    """The policy with this id."""
    policy = await tenant.store.record(AccessPolicy, tenant.id, id) if _ID.fullmatch(id) else None
    if policy is None:
        raise Refused(ACCESS_POLICY_ABSENT)
    return policy


async def create(tenant: Tenant, asked: AccessPolicyFields, actor: Actor) -> AccessPolicy:
    """A new one, which holds from now on: for tokens that are asked for with older ones, too."""
    now, id = tenant.now(), str(uuid.uuid4())
    blank = AccessPolicy(tenant=tenant.id, id=id, name="", terms=Terms(), created_at=now, updated_at=now)
    made = await _changed(blank, asked, tenant)
    detail = {"access_policy": id, "name": made.name}
    note = actor.note(tenant.audit, tenant.id, "access_policy_created", detail)

    async def attempt() -> tuple[AccessPolicy, tuple[Step, ...]]:
        if await tenant.store.count(AccessPolicy, tenant.id, {}) >= MOST_POLICIES:
            raise Refused(ACCESS_POLICIES_MANY, words={"most": str(MOST_POLICIES)})
        return kept(made), (Save(made), note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, id: str, asked: AccessPolicyFields, actor: Actor, at: At = None
) -> AccessPolicy:
    """One that demands something else, or of others, or nothing for now."""
    detail = {"access_policy": id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "access_policy_changed", detail)

    async def attempt() -> tuple[AccessPolicy, tuple[Step, ...]]:
        found = meant(await find(tenant, id), at)
        made = await _changed(found, asked, tenant)
        if made == found:
            return found, ()
        made = replace(made, updated_at=tenant.now())
        return kept(made), (Save(made), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """It holds no more; a challenge that names it asks for nothing."""
    note = actor.note(tenant.audit, tenant.id, "access_policy_deleted", {"access_policy": id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, (Erase(meant(await find(tenant, id), at)), note)

    await land(tenant, attempt)


async def _changed(policy: AccessPolicy, asked: AccessPolicyFields, tenant: Tenant) -> AccessPolicy:
    name = policy.name if asked.display_name is UNSET else asked.display_name
    metadata.name_is_plain(name)
    return replace(policy, name=name, terms=await terms.changed(policy.terms, asked, tenant))
