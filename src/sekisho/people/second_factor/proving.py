"""Showing a second factor: an attempt is paid for before it is looked at, and a code is used up."""

import unicodedata
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.password import Factor
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import lockout
from sekisho.people.factors import FACTORS, METHODS, recovery, totp
from sekisho.people.second_factor import held, told
from sekisho.spec.conditional.facts import MFA
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.factors import FACTOR_REPLAYED, FACTOR_WRONG, RECOVERY_WRONG
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown. Its steps have to land with whatever follows from it: then nobody shows it twice."""

    factor: Factor
    steps: tuple[Step, ...]

    @property
    def amr(self) -> tuple[str, ...]:
        """How it is called (RFC 8176 section 2)."""
        return (*METHODS[self.factor.kind], MFA)


async def prove(tenant: Tenant, user: User, kind: str, text: str, actor: Actor) -> Proof:
    """The code of this kind is good, and is used up by the steps of the proof.

    Whoever has none is told what whoever has a wrong one is.
    """
    paid = await lockout.stakes(tenant, held.account(user), actor.address)
    factor = (await held.of_user(tenant, user)).get(kind)
    if factor is None:
        raise Refused(_wrong(kind), debug=f"the person has none of this kind: {user.user_id}")
    used = FACTORS[kind](tenant, factor, text)
    await lockout.give_back(tenant, paid)
    return Proof(used, (Save(used), *_noted(tenant, user, used, actor)))


async def spend(tenant: Tenant, proof: Proof) -> None:
    """It is used up by itself, before something is done that needed it."""
    lost = await tenant.store.write(*proof.steps)
    if lost:
        raise used_before(proof)


def used_before(proof: Proof) -> Refused:
    """The steps of a proof were lost: somebody showed a code at the same moment, or the factor is gone."""
    reason = RECOVERY_WRONG if proof.factor.kind == recovery.KIND else FACTOR_REPLAYED
    return Refused(reason, debug=f"it was shown at the same moment, or taken away: {proof.factor.user}")


def with_another(proof: Proof, codes: tuple[str, ...]) -> Proof:
    """The proof by a recovery code, in whose place another one is kept."""
    factor, (_, *more) = proof.factor, proof.steps
    kept = replace(factor, digests=(*factor.digests, *recovery.kept(factor.user, codes)))
    return Proof(kept, (Save(kept), *more))


def kind_of(text: str) -> str:
    """Which kind somebody typed, where one field takes both: a code of the app is six digits."""
    plain = "".join(unicodedata.normalize("NFKC", text[: totp.LONGEST]).split())
    return totp.KIND if plain.isdecimal() and len(plain) <= totp.DIGITS else recovery.KIND


def _wrong(kind: str) -> Reason:
    return RECOVERY_WRONG if kind == recovery.KIND else FACTOR_WRONG


def _noted(tenant: Tenant, user: User, used: Factor, actor: Actor) -> tuple[Step, ...]:
    detail: dict[str, object] = {"user_id": user.user_id, "kind": used.kind}
    if used.kind != recovery.KIND:
        return (actor.note(tenant.audit, tenant.id, "second_factor_shown", detail),)
    note = actor.note(tenant.audit, tenant.id, "recovery_code_used", {**detail, "left": len(used.digests)})
    return (note, *told.letters(tenant, user, told.RECOVERED, actor))
