"""Keys of an algorithm are made when an API first wants them."""

import asyncio
import threading

import pytest

from sekisho.change.actor import Actor
from sekisho.keys import rotation
from sekisho.keys.ring import ALGS, Keys
from sekisho.keys.rotation import Ring
from sekisho.model.api import Api
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Erase
from sekisho.registry import apis, keys
from sekisho.registry.apis import ApiFields
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, KEY_BOUND
from sekisho.store import Window
from sekisho.tenant import Directory, Tenant
from tests.tenants import AUDIENCE, Clock, demo_directory

CLI = Actor(client="sekisho-cli")
ORDERS = "https://orders.example.com"
PAIR = {"current": 1, "next": 1}


@pytest.fixture
async def directory() -> Directory:
    """A tenant that has signed with nothing but RS256, as a new one has."""
    directory = await demo_directory(Clock())
    tenant = demo(directory)
    others = [key for key in await keys.listed(tenant) if key.alg != "RS256"]
    assert await tenant.change(*map(Erase, others)) is None
    return directory


def demo(directory: Directory) -> Tenant:
    """The tenant as the directory knows it now."""
    tenant = directory.named("demo")
    assert tenant is not None
    return tenant


async def states(tenant: Tenant, alg: str) -> dict[str, int]:
    """How many keys of an algorithm are in each state."""
    found = [key.state for key in await keys.listed(tenant) if key.alg == alg]
    return {state: found.count(state) for state in found}


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256"])
async def test_an_api_brings_the_keys_of_its_algorithm(directory, alg):
    """With the first API of an algorithm a key signs and another one is published to follow it."""
    assert demo(directory).keys.algs("tokens") == ("RS256",)
    await apis.create(demo(directory), ApiFields(identifier=ORDERS, signing_alg=alg), CLI)
    assert await states(demo(directory), alg) == PAIR
    assert demo(directory).keys.signer("tokens", alg).sign(b"{}", "JWT")
    assert demo(directory).keys.algs("tokens") == ("RS256", alg)


async def test_a_change_of_the_algorithm_brings_its_keys(directory):
    """An API that turns to another algorithm finds keys for it; turning back makes no more of them."""
    for alg in ("ES256", "RS256", "ES256"):
        await apis.change(demo(directory), AUDIENCE, ApiFields(signing_alg=alg), CLI)
    assert await states(demo(directory), "ES256") == PAIR
    assert await states(demo(directory), "RS256") == {"current": 1}
    assert await states(demo(directory), "EdDSA") == {}


async def test_the_audit_tells_of_new_keys(directory):
    """Who brought keys into the world is told, with their names."""
    await apis.create(demo(directory), ApiFields(identifier=ORDERS, signing_alg="ES256"), CLI)
    events = await demo(directory).store.events(demo(directory).id, {}, Window())
    (told,) = [event for event in events if event.slug == "keys_made"]
    named: dict[str, str] = {"ring": "tokens", "alg": "ES256"}
    named |= {key.state: key.id for key in await keys.listed(demo(directory)) if key.alg == "ES256"}
    assert (told.client, told.detail) == ("sekisho-cli", named)


async def test_an_api_that_is_refused_brings_no_keys(directory):
    """Keys come in the unit of the API: what is refused leaves none behind."""
    with pytest.raises(Refused) as caught:
        await apis.create(demo(directory), ApiFields(identifier=AUDIENCE, signing_alg="ES256"), CLI)
    assert caught.value.reason is ALREADY_EXISTS
    assert await states(demo(directory), "ES256") == {}


async def test_a_race_makes_one_ring(directory):
    """However many APIs are the first ones at once, one pair of keys is made, and all of them are there."""
    names = [f"{ORDERS}/{number}" for number in range(5)]
    tenant = demo(directory)
    made = (apis.create(tenant, ApiFields(identifier=name, signing_alg="ES256"), CLI) for name in names)
    assert [api.identifier for api in await asyncio.gather(*made)] == names
    assert await states(tenant, "ES256") == PAIR
    assert await tenant.store.count(Api, tenant.id, {}) == len(names) + 1


async def test_no_key_is_made_in_the_loop(directory, monkeypatch):
    """An RSA key takes up to a second, which nobody else may wait for."""
    threads = []

    def born(*told):
        threads.append(threading.get_ident())
        return rotation.born(*told)

    monkeypatch.setattr(keys, "born", born)
    await apis.create(demo(directory), ApiFields(identifier=ORDERS, signing_alg="PS256"), CLI)
    assert threads
    assert threading.get_ident() not in threads


async def test_rotation_of_all_means_all_that_are_there(directory):
    """Without a name the algorithms rotate that the ring has; a ring without keys is refused."""
    tenant = demo(directory)
    await tenant.change(*map(Erase, await keys.listed(tenant)))
    await tenant.change(*await keys.wanted(tenant, "ES256", CLI))
    signs = await keys.rotate_all(tenant, (), CLI, forced=True)
    assert [key.alg for key in signs] == ["ES256"]
    with pytest.raises(Refused) as caught:
        await keys.rotate_all(tenant, (), CLI, ring="portal", forced=True)
    assert caught.value.reason is KEY_BOUND


async def test_the_key_set_stays_what_rsa_readers_can_read(directory):
    """While no API asks for a curve, the key set holds nothing but RSA keys."""
    own = Ring(demo(directory).id, "demo", keys.TOKENS)
    sealer = demo(directory).tools.sealer
    fresh: tuple[SigningKey, ...] = await keys.first(own, sealer, demo(directory).now())
    assert {key.alg for key in fresh} == {"RS256"}
    assert b'"EC"' not in Keys.of(fresh, sealer).jwks(keys.TOKENS)
    assert ALGS[0] == "RS256"
