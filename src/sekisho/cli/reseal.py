"""Sealing secrets at rest anew, after a new first line came into the master key file."""

from dataclasses import dataclass

from sekisho.cli.place import Where
from sekisho.cli.table import counting
from sekisho.cli.work import OPERATOR, named, opened, tenants
from sekisho.keys.rotation import resealed
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save, Step
from sekisho.registry.unit import land
from sekisho.store import Window
from sekisho.tenant import Tenant

BATCH = 50


@dataclass(frozen=True, slots=True)
class Done:
    """How many sealed values there are, and how many of them needed a new seal."""

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
    window = Window(limit=BATCH)
    while batch := await tenant.store.records(SigningKey, tenant.id, {}, window):
        sealed = await _batch(tenant, [key.id for key in batch])
        done = Done(done.seen + len(batch), done.sealed + sealed)
        window = Window(limit=BATCH, after=batch[-1].id)
    return done


async def _batch(tenant: Tenant, ids: list[str]) -> int:
    sealer = tenant.tools.sealer

    async def attempt() -> tuple[int, tuple[Step, ...]]:
        read = [await tenant.store.record(SigningKey, tenant.id, id) for id in ids]
        old = [key for key in read if key and not sealer.is_current(key.sealed)]
        steps = tuple(Save(resealed(key, sealer, tenant.now())) for key in old)
        note = OPERATOR.note(tenant.audit, tenant.id, "keys_resealed", {"keys": [key.id for key in old]})
        return len(old), (*steps, note) if old else ()

    return await land(tenant, attempt)
