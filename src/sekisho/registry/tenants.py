"""Tenants: created with their first things, and their settings."""

import uuid

from msgspec import Struct
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import written
from sekisho.change.unit import At, amend, taken
from sekisho.keys.rotation import Ring
from sekisho.model.connection import Connection
from sekisho.model.record import Record
from sekisho.model.step import Save, Step
from sekisho.model.tenant import TenantRecord
from sekisho.registry import keys, system_apis
from sekisho.registry.portal import site
from sekisho.registry.tenant_fields import SiteFields, TenantFields, decided
from sekisho.spec.address import domain_is_sound, slug_is_free
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    DOMAIN_MALFORMED,
    SLUG_RESERVED,
    TENANT_ABSENT,
    VERSION_STALE,
)
from sekisho.store import EVERYWHERE
from sekisho.store.nouns import DEFAULT
from sekisho.tenant import Tenant, Tools


class NewTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tenant is called and where it answers."""

    slug: str
    name: str = ""
    domains: tuple[str, ...] = ()
    default: bool = False


async def create(tools: Tools, asked: NewTenant, actor: Actor) -> TenantRecord:
    """A tenant with everything that it needs to answer, in one unit."""
    await _may_be_created(tools, asked)
    id, now = str(uuid.uuid4()), tools.clock()
    record = TenantRecord(
        tenant=id,
        id=id,
        slug=asked.slug,
        name=asked.name or asked.slug,
        domains=asked.domains,
        default=asked.default,
        created_at=now,
        updated_at=now,
    )
    source = Connection(tenant=id, id=str(uuid.uuid4()), created_at=now, updated_at=now)
    ring = await keys.first(Ring(id, asked.slug, keys.TOKENS), tools.sealer, now)
    records: tuple[Record, ...] = (record, source, system_apis.system(id, now), *ring)
    note = actor.note(tools.audit, id, "tenant_created", {"slug": asked.slug})
    await _write(tools, (*map(Save, records), note))
    return replace(record, version=1)


async def current(tenant: Tenant) -> TenantRecord:
    """The tenant as the store has it now."""
    record = await tenant.store.record(TenantRecord, tenant.id, tenant.id)
    if record is None:
        raise Refused(TENANT_ABSENT)
    return record


async def change(tenant: Tenant, asked: TenantFields, actor: Actor, at: At = None) -> TenantRecord:
    """The settings, changed."""
    if isinstance(asked.site, SiteFields):
        await site.can_be_shown(asked.site, tenant)
    note = actor.note(tenant.audit, tenant.id, "tenant_changed", {"fields": written(asked)})
    return await amend(tenant, lambda: current(tenant), lambda record: _changed(record, asked), note, at)


def _changed(record: TenantRecord, asked: TenantFields) -> TenantRecord:
    return replace(record, policy=decided(record.policy, asked))


async def _may_be_created(tools: Tools, asked: NewTenant) -> None:
    if not slug_is_free(asked.slug):
        raise Refused(SLUG_RESERVED, words={"slug": asked.slug[:64]})
    for domain in asked.domains:
        if domain != domain.lower() or not domain_is_sound(domain):
            raise Refused(DOMAIN_MALFORMED, words={"domain": domain[:128]})
    if asked.default and await tools.store.named(TenantRecord, EVERYWHERE, DEFAULT):
        raise Refused(ALREADY_EXISTS, words={"what": "The default tenant"})


async def _write(tools: Tools, steps: tuple[Step, ...]) -> None:
    lost = await tools.store.write(*steps)
    if lost is not None:
        raise taken(lost.step) if lost.why == "duplicate" else Refused(VERSION_STALE, debug=lost.why)
    await tools.known.written(steps)
