"""A thousand clients that nobody uses, on each database."""

import asyncio
from dataclasses import replace as other

from msgspec.structs import replace

from sekisho.events.audit import Audit
from sekisho.events.uses import UseBook
from sekisho.model.client import Client
from sekisho.model.event import Use
from sekisho.model.step import Save
from sekisho.registry import registrations
from sekisho.store import Engine, Window
from sekisho.store.known import Known
from sekisho.tenant import Tenant
from tests.registered import ACTOR, installed, published
from tests.store.things import NOW as LONG_AGO
from tests.store.things import Clock
from tests.tenants import demo_tenant, signing_keys

DAY = 86_400.0
MANY = 1_000
USED = 7


async def tenant_on(engine: Engine, clock: Clock) -> Tenant:
    """The demo tenant, kept there."""
    tenant = await demo_tenant(clock)  # type: ignore[arg-type]
    record = replace(tenant.record, version=0)
    assert await engine.write(Save(record), *map(Save, signing_keys(tenant.id, "demo"))) is None
    audit, uses = Audit(engine, clock), UseBook(engine)
    tools = other(tenant.tools, store=engine, known=Known(engine), audit=audit, uses=uses)
    return other(tenant, tools=tools)


async def test_a_thousand_are_pruned_by_two_at_once(opened: Engine, clock: Clock):
    """Two that prune the same clients delete each of them once and spare those that were used."""
    tenant = await tenant_on(opened, clock)
    application = await published(tenant)
    one = (await installed(tenant, application)).client
    for start in range(1, MANY + USED, 100):
        numbers = range(start, min(start + 100, MANY + USED))
        copies = [replace(one, id=f"{n:04}", client_id=f"c{n:04}", version=0) for n in numbers]
        assert await tenant.change(*map(Save, copies)) is None
    clock.now += 30 * DAY
    kept = {f"c{n:04}" for n in range(1, 1 + USED)}
    await opened.used([Use(tenant.id, name, clock.now) for name in kept])
    gone = await asyncio.gather(
        *(registrations.prune(tenant, application.id, LONG_AGO + DAY, ACTOR) for _ in range(2))
    )
    rest = await registrations.prune(tenant, application.id, LONG_AGO + DAY, ACTOR)
    names = [each.client_id for stretch in (*gone, rest) for each in stretch.clients]
    assert len(names) == len(set(names)) == MANY
    left = await opened.records(Client, tenant.id, {"application": application.id}, Window(limit=100))
    assert {each.client_id for each in left} == kept
    events = await opened.events(tenant.id, {"slug": "clients_pruned"}, Window(limit=100))
    told = [name for event in events for name in event.detail["clients"]]  # type: ignore[attr-defined]
    assert sorted(told) == sorted(names)
