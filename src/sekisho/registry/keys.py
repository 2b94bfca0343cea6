"""Signing keys: the first ones of a ring, rotation, revocation."""

import asyncio
from typing import Literal

from sekisho.keys.ring import ALGS
from sekisho.keys.rotation import KeyRefused, Ring, born
from sekisho.keys.rotation import revoke as revoked
from sekisho.keys.rotation import rotate as rotated
from sekisho.keys.seal import Sealer
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save, Step
from sekisho.registry.actor import Actor
from sekisho.registry.unit import kept, land, whole
from sekisho.spec.metadata import choice_is_known
from sekisho.spec.refusal import KEY_ABSENT, KEY_BOUND, Refused
from sekisho.tenant import Tenant

TOKENS = "tokens"
LONGEST_ID = 128


async def first(ring: Ring, sealer: Sealer, now: float) -> tuple[SigningKey, ...]:
    """For each algorithm a key that signs now, and one that is published to follow it."""
    states: tuple[Literal["current", "next"], ...] = ("current", "next")
    wanted = [(alg, state) for alg in ALGS for state in states]
    # RSA keys take long and let other threads run meanwhile.
    made = (asyncio.to_thread(born, ring, alg, state, sealer, now) for alg, state in wanted)
    return tuple(await asyncio.gather(*made))


async def listed(tenant: Tenant, ring: str = TOKENS) -> list[SigningKey]:
    """All keys of a ring, revoked ones too."""
    return await whole(tenant, SigningKey, {"ring": ring})


async def rotate(
    tenant: Tenant, alg: str, actor: Actor, *, ring: str = TOKENS, forced: bool = False
) -> SigningKey:
    """The next key signs, the current one retires, a new one is published; the answer is what signs now."""
    choice_is_known("alg", (alg,), ALGS)
    whose = Ring(tenant.id, tenant.record.slug, ring)
    new = await asyncio.to_thread(born, whose, alg, "next", tenant.tools.sealer, tenant.now())

    async def attempt() -> tuple[SigningKey, tuple[Step, ...]]:
        records = await listed(tenant, ring)
        try:
            changed = rotated(records, new, tenant.now(), forced=forced)
        except KeyRefused as refused:
            raise Refused(KEY_BOUND, words={"problem": refused.text}) from refused
        detail = {"ring": ring, "alg": alg, "current": changed[0].id, "next": new.id, "forced": forced}
        note = actor.note(tenant.audit, tenant.id, "key_rotated", detail)
        return kept(changed[0]), (*map(Save, changed), note)

    return await land(tenant, attempt)


async def revoke(tenant: Tenant, kid: str, actor: Actor) -> SigningKey:
    """A retired key is recognised no more."""

    async def attempt() -> tuple[SigningKey, tuple[Step, ...]]:
        record = await tenant.store.record(SigningKey, tenant.id, kid) if len(kid) <= LONGEST_ID else None
        if record is None:
            raise Refused(KEY_ABSENT)
        try:
            changed = revoked(record, tenant.now())
        except KeyRefused as refused:
            raise Refused(KEY_BOUND, words={"problem": refused.text}) from refused
        note = actor.note(tenant.audit, tenant.id, "key_revoked", {"ring": record.ring, "kid": kid})
        return kept(changed), (Save(changed), note)

    return await land(tenant, attempt)
