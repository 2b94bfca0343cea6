"""Rotation and revocation of signing keys."""

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.keys.rotation import JWKS_MAX_AGE, Ring, born
from sekisho.model.step import Save
from sekisho.registry import keys
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import KEY_ABSENT, KEY_BOUND
from tests.tenants import NOW, Clock, demo_tenant

CLI = Actor(client="sekisho-cli")
ALG = "ES256"


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
async def tenant(clock):
    """A tenant whose ES256 ring has a next key, published just now."""
    tenant = await demo_tenant(clock)
    ring = Ring(tenant.id, "demo", "tokens")
    assert await tenant.change(Save(born(ring, ALG, "next", tenant.tools.sealer, NOW))) is None
    return tenant


async def states(tenant) -> dict[str, str]:
    """The states of the ES256 keys, by kid."""
    return {key.id: key.state for key in await keys.listed(tenant) if key.alg == ALG}


async def test_rotation_moves_every_key_one_step(tenant, clock):
    """Next signs, current retires, a new key is published."""
    before = {state: kid for kid, state in (await states(tenant)).items()}
    clock.now += JWKS_MAX_AGE
    signs = await keys.rotate(tenant, ALG, CLI)
    after = await states(tenant)
    assert signs.id == before["next"]
    assert after.pop(before["next"]) == "current"
    assert after.pop(before["current"]) == "retired"
    assert list(after.values()) == ["next"]


async def test_rotation_waits_until_everybody_saw_the_key(tenant):
    """A key that was published a moment ago signs only when forced to."""
    with pytest.raises(Refused) as caught:
        await keys.rotate(tenant, ALG, CLI)
    assert caught.value.reason is KEY_BOUND
    assert (await keys.rotate(tenant, ALG, CLI, forced=True)).state == "current"


async def test_a_retired_key_can_be_revoked(tenant, clock):
    """A retired key is revoked; one that signs is not."""
    clock.now += JWKS_MAX_AGE
    current = next(kid for kid, state in (await states(tenant)).items() if state == "current")
    with pytest.raises(Refused) as caught:
        await keys.revoke(tenant, current, CLI)
    assert caught.value.reason is KEY_BOUND
    await keys.rotate(tenant, ALG, CLI)
    revoked = await keys.revoke(tenant, current, CLI)
    assert (revoked.id, revoked.state) == (current, "revoked")
    assert (await states(tenant))[current] == "revoked"


@pytest.mark.parametrize("kid", ["nothing", "x" * 500])
async def test_an_unknown_key_is_absent(tenant, kid):
    """A key that was never there cannot be revoked."""
    with pytest.raises(Refused) as caught:
        await keys.revoke(tenant, kid, CLI)
    assert caught.value.reason is KEY_ABSENT


async def test_an_unknown_algorithm_is_refused(tenant):
    """A ring holds keys of algorithms that the server signs with."""
    with pytest.raises(Refused):
        await keys.rotate(tenant, "HS256", CLI)


async def test_pinned_keys_stay(tenant, clock):
    """A pinned ring does not rotate."""
    clock.now += JWKS_MAX_AGE
    record = next(key for key in await keys.listed(tenant) if key.state == "next")
    assert await tenant.change(Save(replace(record, pinned=True))) is None
    with pytest.raises(Refused) as caught:
        await keys.rotate(tenant, ALG, CLI)
    assert caught.value.reason is KEY_BOUND
