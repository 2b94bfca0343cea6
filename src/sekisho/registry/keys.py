"""Signing keys: the first ones of an algorithm, rotation, revocation."""

import asyncio
from typing import Literal

from sekisho.change.actor import Actor
from sekisho.change.unit import At, kept, land, meant, whole
from sekisho.keys.ring import ALGS
from sekisho.keys.rotation import KeyRefused, Ring, born
from sekisho.keys.rotation import revoke as revoked
from sekisho.keys.rotation import rotate as rotated
from sekisho.keys.seal import Sealer
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import PutOnce, Save, Step
from sekisho.spec.metadata import choice_is_known
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import KEY_ABSENT, KEY_BOUND
from sekisho.tenant import Tenant

TOKENS = "tokens"
# What a new tenant signs with: every program that reads a key set can read RSA keys.
USUAL = "RS256"
RACE_SECONDS = 3_600.0  # whoever looked before the keys were there has given up by then
LONGEST_ID = 128
# A software statement never expires, so its key neither rotates nor ends.
STATEMENTS = "statements"
# Who validates portal tokens loads the key once, when it starts.
PORTAL = "portal"
# Brought along by administrators; a site setting names the one that signs.
CERTIFICATES = "certificates"
PINNED = frozenset((STATEMENTS, PORTAL))


async def first(ring: Ring, sealer: Sealer, now: float, alg: str = USUAL) -> tuple[SigningKey, ...]:
    """A key that signs now, and one that is published to follow it; to a pinned one none ever will."""
    states: tuple[Literal["current", "next"], ...] = ("current",) if ring.pinned else ("current", "next")
    # RSA keys take long and let other threads run meanwhile.
    made = (asyncio.to_thread(born, ring, alg, state, sealer, now) for state in states)
    return tuple(await asyncio.gather(*made))


async def wanted(tenant: Tenant, alg: str, actor: Actor, ring: str = TOKENS) -> tuple[Step, ...]:
    """What brings the first keys of an algorithm into a ring, for the unit that needs them; often nothing."""
    if any(each.alg == alg and each.state == "current" for each in await listed(tenant, ring)):
        return ()
    whose = Ring(tenant.id, tenant.record.slug, ring, pinned=ring in PINNED)
    made = await first(whose, tenant.tools.sealer, tenant.now(), alg)
    # Two keys never share a name, so nothing else would tell those apart who make them at the same time.
    claim = PutOnce(f"first_keys\n{tenant.id}\n{ring}\n{alg}", tenant.now() + RACE_SECONDS)
    detail: dict[str, object] = {"ring": ring, "alg": alg, **{each.state: each.id for each in made}}
    return claim, *map(Save, made), actor.note(tenant.audit, tenant.id, "keys_made", detail)


async def listed(tenant: Tenant, ring: str = TOKENS) -> list[SigningKey]:
    """All keys of a ring, revoked ones too."""
    return await whole(tenant, SigningKey, {"ring": ring})


async def find(tenant: Tenant, kid: str) -> SigningKey:
    """The key of this name, in whatever state."""
    record = await tenant.store.record(SigningKey, tenant.id, kid) if len(kid) <= LONGEST_ID else None
    if record is None:
        raise Refused(KEY_ABSENT)
    return record


async def rotate(
    tenant: Tenant, alg: str, actor: Actor, *, ring: str = TOKENS, forced: bool = False
) -> SigningKey:
    """The next key signs, the current one retires, a new one is published; the answer is what signs now."""
    (signs,) = await rotate_all(tenant, (alg,), actor, ring=ring, forced=forced)
    return signs


async def rotate_all(
    tenant: Tenant, algs: tuple[str, ...], actor: Actor, *, ring: str = TOKENS, forced: bool = False
) -> tuple[SigningKey, ...]:
    """The keys of several algorithms, or of all that the ring has, rotate together or not at all.

    The answer is what signs now.
    """
    choice_is_known("alg", algs, ALGS)
    algs = algs or await _algs(tenant, ring)
    whose = Ring(tenant.id, tenant.record.slug, ring)
    sealer, now = tenant.tools.sealer, tenant.now()
    # RSA keys take long and let other threads run meanwhile.
    made = (asyncio.to_thread(born, whose, alg, "next", sealer, now) for alg in algs)
    fresh = tuple(await asyncio.gather(*made))

    async def attempt() -> tuple[tuple[SigningKey, ...], tuple[Step, ...]]:
        records = await listed(tenant, ring)
        turns = [_turned(records, new, tenant.now(), forced=forced) for new in fresh]
        facts = [
            {"alg": new.alg, "current": turn[0].id, "next": new.id}
            for turn, new in zip(turns, fresh, strict=True)
        ]
        told = ({"ring": ring, **fact, "forced": forced} for fact in facts)
        notes = [actor.note(tenant.audit, tenant.id, "key_rotated", fact) for fact in told]
        saves = [Save(each) for turn in turns for each in turn]
        return tuple(kept(turn[0]) for turn in turns), (*saves, *notes)

    return await land(tenant, attempt)


async def _algs(tenant: Tenant, ring: str) -> tuple[str, ...]:
    there = {each.alg for each in await listed(tenant, ring)}
    if not there:
        raise Refused(KEY_BOUND, words={"problem": f"The ring {ring} has no keys"})
    return tuple(alg for alg in ALGS if alg in there)


def _turned(
    records: list[SigningKey], new: SigningKey, now: float, *, forced: bool
) -> tuple[SigningKey, ...]:
    try:
        return rotated(records, new, now, forced=forced)
    except KeyRefused as refused:
        raise Refused(KEY_BOUND, words={"problem": refused.text}) from refused


async def revoke(tenant: Tenant, kid: str, actor: Actor, at: At = None) -> SigningKey:
    """A retired key is recognised no more."""

    async def attempt() -> tuple[SigningKey, tuple[Step, ...]]:
        record = meant(await find(tenant, kid), at)
        try:
            changed = revoked(record, tenant.now())
        except KeyRefused as refused:
            raise Refused(KEY_BOUND, words={"problem": refused.text}) from refused
        note = actor.note(tenant.audit, tenant.id, "key_revoked", {"ring": record.ring, "kid": kid})
        return kept(changed), (Save(changed), note)

    return await land(tenant, attempt)
