"""Setting up a second factor: nothing is kept of it before a code of it was shown."""

from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import land
from sekisho.keys.seal import CannotOpen, context
from sekisho.model.password import Factor, Kind
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import lockout, users
from sekisho.people.factors import recovery, totp
from sekisho.people.letters import sending
from sekisho.people.second_factor import held, told
from sekisho.people.second_factor.proving import Proof
from sekisho.spec.jose import decode, encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import (
    FACTOR_BEGUN_ELSEWHERE,
    FACTOR_NEVER,
    FACTOR_PRESENT,
    FACTOR_WRONG,
)
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.tenant import Tenant

LIFETIME = 900
LONGEST = 512
SEALED_AS = "totp begun"


@dataclass(frozen=True, slots=True)
class Setup:
    """A secret that a person is shown: `address` is what the picture says, `text` comes back with the form.

    The server keeps nothing of it, so nobody finds a secret here that somebody else was shown.
    """

    secret: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody has a second factor now, has shown it, and is shown these codes."""

    codes: tuple[str, ...]
    proof: Proof


def is_possible(tenant: Tenant, user: User) -> None:
    """The tenant has it, and the person has none: another one is set up by who has shown the first."""
    if tenant.policy.second_factor == "never":
        raise Refused(FACTOR_NEVER)
    if user.has_second_factor:
        raise Refused(FACTOR_PRESENT, debug=user.user_id)


def begin(tenant: Tenant, user: User, session: str) -> Setup:
    """A new secret, for this person in this session."""
    is_possible(tenant, user)
    secret = totp.drawn()
    plain = f"{tenant.now() + LIFETIME:.0f} {secret}".encode()
    sealed = tenant.tools.sealer.seal(plain, _place(tenant, user, session))
    return Setup(secret, _address(tenant, user, secret), encode(sealed).decode())


def again(tenant: Tenant, user: User, session: str, text: str) -> Setup:
    """The secret that was shown to this person in this session, a short time ago."""
    is_possible(tenant, user)
    try:
        sealed = decode(text[:LONGEST].encode(errors="replace"))
        plain = tenant.tools.sealer.open(sealed, _place(tenant, user, session))
    except (ValueError, CannotOpen) as error:
        raise Refused(FACTOR_BEGUN_ELSEWHERE, debug="it was begun for somebody else, or changed") from error
    ends, _, secret = plain.decode().partition(" ")
    if tenant.now() >= float(ends):
        raise Refused(FACTOR_BEGUN_ELSEWHERE, debug="it was begun too long ago")
    return Setup(secret, _address(tenant, user, secret), text)


async def confirm(tenant: Tenant, user: User, secret: str, text: str, actor: Actor) -> Enrolled:
    """A code was shown: from now on the factor counts. Nobody sees its recovery codes again."""
    codes = recovery.drawn()
    kept = (totp.kept(tenant, user.id, secret), recovery.kept(user.id, codes))
    factors = made(tenant, user, kept, await shown(tenant, user, secret, text, actor))
    await add(tenant, user, factors, actor)
    # What was shown to set it up was shown here: nothing more is used up by going on.
    return Enrolled(codes, Proof(factors[0], ()))


async def shown(tenant: Tenant, user: User, secret: str, text: str, actor: Actor) -> int:
    """The time step of a code of a secret that is being set up. Guesses are counted as any other."""
    paid = await lockout.stakes(tenant, held.account(user), actor.address)
    step = totp.step_of(secret, text, tenant.now())
    if step is None:
        raise Refused(FACTOR_WRONG, debug=f"not a code of the secret that was shown: {user.user_id}")
    await lockout.give_back(tenant, paid)
    return step


async def add(tenant: Tenant, user: User, factors: tuple[Factor, ...], actor: Actor) -> None:
    """The person has these from now on, and is asked for them; whoever is second is refused."""

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, steps_of(tenant, await users.find(tenant, user.id), factors, actor)

    try:
        await land(tenant, attempt)
    except Refused as refused:
        if refused.reason is not ALREADY_EXISTS:
            raise
        raise Refused(FACTOR_PRESENT, debug=user.user_id) from refused


def steps_of(tenant: Tenant, user: User, factors: tuple[Factor, ...], actor: Actor) -> tuple[Step, ...]:
    """The steps by which the person has these, if they have none at this moment."""
    is_possible(tenant, user)
    new = replace(user, has_second_factor=True, updated_at=tenant.now())
    note = actor.note(tenant.audit, tenant.id, "second_factor_added", {"user_id": user.user_id})
    return (Save(new), *map(Save, factors), note, *told.letters(tenant, user, told.ADDED, actor))


def made(tenant: Tenant, user: User, kept: tuple[bytes, tuple[bytes, ...]], step: int) -> tuple[Factor, ...]:
    """Both kinds, of a sealed secret and the digests of codes; the code that was shown is used up."""
    now, (sealed, digests) = tenant.now(), kept

    def of(kind: Kind) -> Factor:
        return Factor(
            tenant=tenant.id,
            id=held.id_of(user, kind),
            user=user.id,
            kind=kind,
            created_at=now,
            updated_at=now,
        )

    return (
        replace(of(totp.KIND), sealed=sealed, step=step, used_at=now),
        replace(of(recovery.KIND), digests=digests),
    )


def account_of(user: User) -> str:
    """How the app calls the account."""
    return user.email or user.username or user.user_id


def _address(tenant: Tenant, user: User, secret: str) -> str:
    return totp.address(secret, account_of(user), sending.house_of(tenant))


def _place(tenant: Tenant, user: User, session: str) -> str:
    return context(tenant.id, SEALED_AS, f"{user.id} {session}")
