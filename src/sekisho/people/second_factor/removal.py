"""Taking a second factor away, and giving new recovery codes."""

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.step import Erase, Save, Step
from sekisho.model.user import User
from sekisho.people import lockout, users
from sekisho.people.factors import recovery
from sekisho.people.second_factor import held, told
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import FACTOR_ABSENT
from sekisho.tenant import Tenant


async def remove(tenant: Tenant, name: str, actor: Actor, *, only_codes: bool = False) -> User:
    """Everything of it at once, or its codes, by whoever may change the person; there may be nothing."""

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        user = await users.changeable(tenant, name, actor)
        factors = await held.of_user(tenant, user)
        if only_codes:
            factors = {kind: each for kind, each in factors.items() if kind == recovery.KIND}
        if not factors:
            return user, ()
        new = replace(user, has_second_factor=only_codes, updated_at=tenant.now())
        note = actor.note(tenant.audit, tenant.id, "second_factor_removed", {"user_id": user.user_id})
        letters = told.letters(tenant, user, told.REMOVED, actor)
        return kept(new), (Save(new), *map(Erase, factors.values()), note, *letters)

    user = await land(tenant, attempt)
    await lockout.lift(tenant, held.account(user))
    return user


async def renew(tenant: Tenant, name: str, actor: Actor, many: int = recovery.MANY) -> tuple[str, ...]:
    """New recovery codes, which nobody sees again; those from before are good for nothing."""
    codes: list[str] = []

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        user = await users.changeable(tenant, name, actor)
        factor = (await held.of_user(tenant, user)).get(recovery.KIND)
        if factor is None:
            raise Refused(FACTOR_ABSENT, debug=user.user_id)
        codes[:] = recovery.drawn(many)
        new = replace(factor, digests=recovery.kept(user.id, codes), updated_at=tenant.now())
        note = actor.note(tenant.audit, tenant.id, "recovery_codes_renewed", {"user_id": user.user_id})
        return None, (Save(new), note, *told.letters(tenant, user, told.RENEWED, actor))

    await land(tenant, attempt)
    return tuple(codes)
