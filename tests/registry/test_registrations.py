"""Clients that register themselves: made, found, deleted, pruned."""

import asyncio

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.step import Save
from sekisho.registry import clients, registered_applications, registrations
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.client_secrets import RotationFields
from sekisho.registry.registrations import Device
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT, VERSION_STALE
from sekisho.spec.refusals.registration import (
    APPLICATION_ABSENT,
    REDIRECT_UNCOVERED,
    STATEMENT_UNAPPROVED,
)
from sekisho.store import Window
from tests.registered import ACTOR, came_by, drafted, installed, published, secret_of, stated, token_of
from tests.tenants import NOW, Clock, client, demo_tenant

DAY = 86_400.0
MANY = 1_000


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
async def tenant(clock: Clock):
    """The demo tenant."""
    return await demo_tenant(clock)


async def refused(deed) -> object:
    """Why it is refused; None if it is done."""
    try:
        await deed
    except Refused as why:
        return why.reason
    return None


async def test_an_installation_is_a_client_of_its_own(tenant):
    """Two installations with one statement are two clients, each with a secret that is said once."""
    application = await published(tenant)
    statement, _ = await stated(tenant, application)
    device = Device(redirect_uri="https://tv.example.com/back", described={"model": "TV"})
    one, two = [
        await registrations.register(tenant, application, statement.id, device, ACTOR) for _ in range(2)
    ]
    assert one.client.client_id != two.client.client_id
    assert one.secret != two.secret
    assert one.client.grant_types == ("client_credentials",)
    assert came_by(one).device == {"model": "TV"}
    assert await registrations.find(tenant, application.id, one.client.client_id) == one.client
    (event, *_) = await tenant.store.events(tenant.id, {"slug": "client_registered"}, Window())
    assert secret_of(one) not in str(event)


async def test_a_redirect_has_to_be_covered(tenant):
    """An address outside the domains of the application makes no client."""
    application = await published(tenant)
    statement, _ = await stated(tenant, application)
    device = Device(redirect_uri="https://evil-example.com/")
    deed = registrations.register(tenant, application, statement.id, device, ACTOR)
    assert await refused(deed) is REDIRECT_UNCOVERED
    assert await tenant.store.count(Client, tenant.id, {"application": application.id}) == 0


async def test_only_a_statement_that_stands_is_approved(tenant):
    """A statement of a draft, of another application, or one that was revoked, is approved by nobody."""
    application, draft = await published(tenant), await drafted(tenant)
    good, _ = await stated(tenant, application)
    assert (await registrations.approved(tenant, good)).id == application.id
    for bad in (replace(good, application=draft.id), replace(good, application="x"), replace(good, id="x")):
        assert await refused(registrations.approved(tenant, bad)) is STATEMENT_UNAPPROVED
    other = await published(tenant)
    crossed = replace(good, application=other.id)
    assert await refused(registrations.approved(tenant, crossed)) is STATEMENT_UNAPPROVED
    await registered_applications.revoke_statement(tenant, application.id, good.id, ACTOR)
    assert await refused(registrations.approved(tenant, good)) is STATEMENT_UNAPPROVED


async def test_only_clients_of_the_application_are_found(tenant):
    """A client that an administrator made, and one of another application, are none of it."""
    application = await published(tenant)
    assert await tenant.change(Save(client())) is None
    other = await installed(tenant, await published(tenant))
    for name in ("machine", other.client.client_id, "nobody"):
        assert await refused(registrations.find(tenant, application.id, name)) is CLIENT_ABSENT
        assert await refused(registrations.delete(tenant, application.id, name, ACTOR)) is CLIENT_ABSENT
    assert await tenant.store.count(Client, tenant.id, {}) == 2


async def test_a_deleted_one_leaves_a_tombstone(tenant):
    """All that was issued to it ends, whoever still believes in the client."""
    application = await published(tenant)
    one = await installed(tenant, application)
    name = one.client.client_id
    assert await refused(registrations.delete(tenant, application.id, name, ACTOR, (9,))) is VERSION_STALE
    await registrations.delete(tenant, application.id, name, ACTOR)
    assert await tenant.store.revoked(Owner(tenant=tenant.id, client=name), NOW)


async def test_generations_never_repeat(tenant):
    """However many rotate at once, each new secret is of a generation of its own."""
    one = await installed(tenant, await published(tenant))
    made = await asyncio.gather(
        *(clients.rotate_secret(tenant, one.client.client_id, RotationFields(), ACTOR) for _ in range(8))
    )
    assert sorted(came_by(each).generation for each in made) == list(range(2, 10))
    left = await clients.find(tenant, one.client.client_id)
    assert left.registration
    assert (left.registration.generation, len(left.secrets)) == (9, 1)


async def test_idle_is_neither_made_nor_used_since(tenant, clock):
    """The later of both moments counts, to the second; the application has to be there."""
    application = await published(tenant)
    one, two = [await installed(tenant, application) for _ in range(2)]
    clock.now += DAY
    await token_of(tenant, two.client.client_id)

    async def names(before: float) -> set[str]:
        found = await registrations.idle(tenant, application.id, before)
        return {each.client_id for each in found.clients}

    assert await names(NOW) == set()
    assert await names(NOW + 1) == {one.client.client_id}
    assert await names(NOW + DAY + 1) == {one.client.client_id, two.client.client_id}
    assert await refused(registrations.idle(tenant, "nobody", NOW)) is APPLICATION_ABSENT


async def many(tenant, application, count: int) -> None:
    """So many installations, written a batch at a time."""
    one = (await installed(tenant, application)).client
    for start in range(1, count, 100):
        copies = [
            replace(one, id=f"{n:04}", client_id=f"c{n:04}", version=0)
            for n in range(start, min(start + 100, count))
        ]
        assert await tenant.change(*map(Save, copies)) is None


async def test_a_thousand_are_pruned_in_bounded_units(tenant, clock, monkeypatch):
    """However many go, no unit is larger than a batch, and one stretch tells where the next begins."""
    application = await published(tenant)
    await many(tenant, application, MANY + 20)
    clock.now += 2 * DAY
    sizes, write = [], tenant.store.write

    async def counted(*steps):
        sizes.append(len(steps))
        return await write(*steps)

    monkeypatch.setattr(tenant.store, "write", counted)
    first = await registrations.prune(tenant, application.id, clock.now - DAY, ACTOR)
    assert (len(first.clients), max(sizes), len(sizes)) == (MANY, registrations.AT_ONCE + 1, 20)
    assert first.after
    second = await registrations.prune(tenant, application.id, clock.now - DAY, ACTOR, first.after)
    assert (len(second.clients), second.after) == (20, None)
    assert await tenant.store.count(Client, tenant.id, {"application": application.id}) == 0
    events = await tenant.store.events(tenant.id, {"slug": "clients_pruned"}, Window(limit=100))
    assert sum(len(event.detail["clients"]) for event in events) == MANY + 20


async def test_a_stretch_looks_at_so_many(tenant, clock, monkeypatch):
    """One request does not look at all clients there are, even where none of them is idle."""
    application = await published(tenant)
    await many(tenant, application, 50)
    monkeypatch.setattr(registrations, "BATCH", 10)
    monkeypatch.setattr(registrations, "MOST_LOOKED", 30)
    first = await registrations.idle(tenant, application.id, NOW)
    assert (first.clients, first.after) == ((), "0030")
    second = await registrations.idle(tenant, application.id, NOW, first.after)
    assert (second.clients, second.after) == ((), None)


async def test_who_comes_back_in_time_stays(tenant, clock, monkeypatch):
    """A client that is used, or changed, between the look and the deletion is looked at again."""
    application = await published(tenant)
    one, two = [await installed(tenant, application) for _ in range(2)]
    clock.now += 2 * DAY
    look = registrations.idle

    async def then_used(*words):
        found = await look(*words)
        await token_of(tenant, one.client.client_id)
        await clients.change(tenant, two.client.client_id, ClientFields(name="Other"), ACTOR)
        return found

    monkeypatch.setattr(registrations, "idle", then_used)
    gone = await registrations.prune(tenant, application.id, clock.now - DAY, ACTOR)
    assert [each.client_id for each in gone.clients] == [two.client.client_id]
    assert await clients.find(tenant, one.client.client_id)


async def test_two_who_prune_at_once_delete_each_client_once(tenant, clock):
    """What one of them deleted, the other one does not claim."""
    application = await published(tenant)
    await many(tenant, application, 120)
    clock.now += 2 * DAY
    gone = await asyncio.gather(
        *(registrations.prune(tenant, application.id, clock.now - DAY, ACTOR) for _ in range(2))
    )
    assert sum(len(each.clients) for each in gone) == 120
