"""Sealing secrets at rest anew, after a new first line came into the master key file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from sekisho.change.unit import land
from sekisho.cli.place import Where
from sekisho.cli.table import counting
from sekisho.cli.work import OPERATOR, named, opened, tenants
from sekisho.keys import delivery, rotation, secret
from sekisho.keys.seal import Sealer
from sekisho.model.client import Client
from sekisho.model.password import Factor
from sekisho.model.record import Record
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Reseal, Save, Step
from sekisho.people.factors import totp
from sekisho.store import Window
from sekisho.tenant import Tenant

BATCH = 50
# Each record that has a sealed value in it: the same one, under the current key.
SEALED: Mapping[type[Record], Callable[[Any, Sealer, float], Record]] = {
    SigningKey: rotation.resealed,
    Client: secret.resealed,
    Factor: totp.resealed,
}


@dataclass(frozen=True, slots=True)
class Done:
    """How many records were looked at, and how many of them needed a new seal."""

    seen: int = 0
    sealed: int = 0

    def and_of(self, seen: int, sealed: int) -> Self:
        """And of these."""
        return replace(self, seen=self.seen + seen, sealed=self.sealed + sealed)


async def reseal(where: Where, slug: str) -> Done:
    """Batch by batch; what is sealed under the current key is left alone, so it can go on after an end."""
    done = Done()
    async with opened(where.settings()) as house:
        slugs = [slug] if slug else [record.slug for record in await tenants(house)]
        with counting("Sealing", len(slugs)) as count:
            for each in slugs:
                more = await _tenant(named(house, each))
                done = done.and_of(more.seen, more.sealed)
                count(1)
    return done


async def _tenant(tenant: Tenant) -> Done:
    done = Done()
    for kind in SEALED:
        window = Window(limit=BATCH)
        while batch := await tenant.store.records(kind, tenant.id, {}, window):
            done = done.and_of(len(batch), await _records(tenant, kind, [record.id for record in batch]))
            window = Window(limit=BATCH, after=batch[-1].id)
    after = None
    while waiting := await tenant.store.deliveries(tenant.id, after, BATCH):
        done = done.and_of(len(waiting), await _deliveries(tenant, after))
        after = waiting[-1].id
    return done


async def _records(tenant: Tenant, kind: type[Record], ids: list[str]) -> int:
    async def attempt() -> tuple[int, tuple[Step, ...]]:
        read = [record for id in ids if (record := await tenant.store.record(kind, tenant.id, id))]
        fresh = [SEALED[kind](record, tenant.tools.sealer, tenant.now()) for record in read]
        saves = [Save(new) for old, new in zip(read, fresh, strict=True) if new is not old]
        return _told(tenant, kind.__name__, saves, [save.record.id for save in saves])

    return await land(tenant, attempt)


async def _deliveries(tenant: Tenant, after: str | None) -> int:
    async def attempt() -> tuple[int, tuple[Step, ...]]:
        read = await tenant.store.deliveries(tenant.id, after, BATCH)
        fresh = [delivery.resealed(one, tenant.tools.sealer) for one in read]
        seals = [Reseal(new, old.body) for old, new in zip(read, fresh, strict=True) if new is not old]
        return _told(tenant, "Delivery", seals, [seal.delivery.id for seal in seals])

    return await land(tenant, attempt)


def _told(tenant: Tenant, kind: str, steps: Sequence[Step], ids: list[str]) -> tuple[int, tuple[Step, ...]]:
    """How many have a new seal, and the unit that says which."""
    note = OPERATOR.note(tenant.audit, tenant.id, "resealed", {"kind": kind, "ids": ids})
    return len(steps), (*steps, note) if steps else ()
