"""How verbs write."""

import pytest
from msgspec.structs import replace

from sekisho.change import unit
from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.step import Erase, Save
from sekisho.registry import system_apis
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, API_ABSENT, VERSION_STALE
from tests.tenants import NOW, client, demo_tenant

CLI = Actor(client="sekisho-cli")


async def test_gives_up_after_many_tries():
    """Who is always too late is told so, and does not try for ever."""
    tenant = await demo_tenant()
    assert await tenant.change(Save(client())) is None
    tries = 0

    async def late():
        nonlocal tries
        tries += 1
        return None, (Save(client(version=7)),)

    with pytest.raises(Refused) as caught:
        await unit.land(tenant, late)
    assert caught.value.reason is VERSION_STALE
    assert tries == unit.TRIES


async def test_reads_again_when_somebody_was_faster():
    """A change is made to what is there now, not to what was there before."""
    tenant = await demo_tenant()
    assert await tenant.change(Save(client())) is None
    versions = iter((0, 1))

    async def attempt():
        return "landed", (Save(client(version=next(versions) or 9)),)

    assert await unit.land(tenant, attempt) == "landed"


async def test_says_whose_name_is_taken():
    """A conflict names what there is already."""
    for record, text in ((client(), "The client"), (None, "It")):
        step = Save(record) if record else Erase(client())
        refused = unit.taken(step)
        assert refused.reason is ALREADY_EXISTS
        assert refused.text == f"{text} already exists."


async def test_reads_everything_in_batches(monkeypatch):
    """A list that is longer than a batch is read to its end."""
    monkeypatch.setattr(unit, "BATCH", 2)
    tenant = await demo_tenant()
    for n in range(5):
        assert await tenant.change(Save(client(id=f"{n}", client_id=f"c{n}"))) is None
    found = await unit.whole(tenant, type(client()), {})
    assert [each.client_id for each in found] == ["c0", "c1", "c2", "c3", "c4"]


async def test_the_management_api_learns_new_scopes():
    """A newer server adds its scopes to the management API; those that were there keep their ids."""
    tenant = await demo_tenant()
    with pytest.raises(Refused) as caught:
        await system_apis.renew_system(tenant, CLI)
    assert caught.value.reason is API_ABSENT
    full = system_apis.system(tenant.id, NOW)
    assert await tenant.change(Save(replace(full, scopes=full.scopes[:3]))) is None
    renewed = await system_apis.renew_system(tenant, CLI)
    assert [scope.value for scope in renewed.scopes] == list(MANAGEMENT_SCOPES)
    assert renewed.scopes[:3] == full.scopes[:3]
    assert (await system_apis.renew_system(tenant, CLI)).version == 2
    assert await tenant.store.named(Api, tenant.id, MANAGEMENT) == renewed
