"""Sealing secrets at rest anew, after a new first line came into the master key file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.cli.place import Where
from sekisho.cli.table import counting
from sekisho.cli.work import OPERATOR, named, opened, tenants
from sekisho.keys import rotation, secret
from sekisho.keys.seal import Sealer
from sekisho.model.client import Client
from sekisho.model.record import Record
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save, Step
from sekisho.registry.unit import land
from sekisho.store import Window
from sekisho.tenant import Tenant

BATCH = 50
# Whatever has a sealed value in it: the same record, under the current key.
SEALED: Mapping[type[Record], Callable[[Any, Sealer, float], Record]] = {
    SigningKey: rotation.resealed,
    Client: secret.resealed,
}


@dataclass(frozen=True, slots=True)
class Done:
    """How many records were looked at, and how many of them needed a new seal."""

    seen: int = 0
    sealed: int = 0


async def reseal(where: Where, slug: str) -> Done:
    """Batch by batch; what is sealed under the current key is left alone, so it can go on after an end."""
    done = Done()
    async with opened(where.settings()) as house:
        slugs = [slug] if slug else [record.slug for record in await tenants(house)]
        with counting("Sealing", len(slugs)) as count:
            for each in slugs:
                more = await _tenant(named(house, each))
                done = Done(done.seen + more.seen, done.sealed + more.sealed)
                count(1)
    return done


async def _tenant(tenant: Tenant) -> Done:
    done = Done()
    for kind in SEALED:
        window = Window(limit=BATCH)
        while batch := await tenant.store.records(kind, tenant.id, {}, window):
            sealed = await _batch(tenant, kind, [record.id for record in batch])
            done = Done(done.seen + len(batch), done.sealed + sealed)
            window = Window(limit=BATCH, after=batch[-1].id)
    return done


async def _batch(tenant: Tenant, kind: type[Record], ids: list[str]) -> int:
    async def attempt() -> tuple[int, tuple[Step, ...]]:
        read = [record for id in ids if (record := await tenant.store.record(kind, tenant.id, id))]
        fresh = [SEALED[kind](record, tenant.tools.sealer, tenant.now()) for record in read]
        saves = [Save(new) for old, new in zip(read, fresh, strict=True) if new is not old]
        detail = {"kind": kind.__name__, "ids": [save.record.id for save in saves]}
        note = OPERATOR.note(tenant.audit, tenant.id, "resealed", detail)
        return len(saves), (*saves, note) if saves else ()

    return await land(tenant, attempt)
