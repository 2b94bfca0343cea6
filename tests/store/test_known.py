"""The configuration cache over real databases."""

import pytest

from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Erase, Save
from sekisho.store import Engine, known
from sekisho.store.known import Known
from sekisho.store.nouns import MOST_BROUGHT
from sekisho.store.sql import open_engine
from tests.store.things import PEPPER, Clock, client, closing, grant


async def has_grant(cache: Known, id: str) -> bool:
    return await cache.named(ClientGrant, "t", f"client-1 api-{id}") is not None


async def test_a_client_brings_its_grants(opened: Engine, url: str, clock: Clock):
    """Meeting a client is one read: its grant is known with it, and forgotten when it changes elsewhere."""
    await opened.write(Save(client("1")), Save(grant("1")))
    cache = Known(opened)
    assert await cache.named(Client, "t", "client-1") == client("1", version=1)
    async with closing(await open_engine(url, PEPPER, clock)) as elsewhere:
        assert await elsewhere.write(Erase(grant("1", version=1))) is None
    assert await has_grant(cache, "1")
    await cache.confirm()
    assert not await has_grant(cache, "1")


async def test_more_grants_than_are_brought_are_found(opened: Engine):
    """A grant that did not come with its client is read when it is asked for."""
    grants = [grant(f"{n}") for n in range(MOST_BROUGHT + 3)]
    await opened.write(Save(client("1")), *map(Save, grants))
    cache = Known(opened)
    await cache.named(Client, "t", "client-1")
    assert all([await has_grant(cache, each.id) for each in grants])


async def test_the_oldest_goes_first(opened: Engine, monkeypatch: pytest.MonkeyPatch):
    """At its bound the cache lets go of what it has known longest, with all that it knows of it."""
    monkeypatch.setattr(known, "MOST_KNOWN", 4)
    await opened.write(*(Save(client(f"{n}")) for n in range(6)), Save(grant("1")))
    cache = Known(opened)
    for n in (*range(6), 1, 1):
        assert await cache.named(Client, "t", f"client-{n}") == client(f"{n}", version=1)
    assert [key[2] for key in cache._values] == ["client-4", "client-5", "client-1", "client-1 api-1"]
    assert sorted(key for keys in cache._names.values() for key in keys) == sorted(cache._values)
    await opened.write(Erase(client("1", version=1)))
    await cache.confirm()
    assert await cache.named(Client, "t", "client-1") is None
