"""A password that was forgotten: a link that lets whoever reads a person's mail set another one, once."""

import secrets

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.mail.letter import Letter
from sekisho.model.artifact import Owner, PasswordReset, Spent, id_of
from sekisho.model.step import Put, Save, Step, Take
from sekisho.model.user import User
from sekisho.people import lockout, passwords, users
from sekisho.people.letters import sending
from sekisho.people.letters.sending import Asker
from sekisho.spec.mail.line import one_line
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.mail import RESET_INVALID, RESET_SPENT
from sekisho.tenant import Tenant

PATH = "/reset"
LIFETIME = 3_600
LONGEST = 64
BYTES = 32


async def begin(tenant: Tenant, name: str, asker: Asker, connection: str = "") -> None:
    """A mail with a link, if there is somebody to send it to. Nobody but the audit learns whether."""
    sending.is_open(tenant)
    await sending.pay(tenant, asker.actor.address)
    to = await sending.reached(tenant, name)
    why = await sending.why_not(tenant, to, connection)
    # Both ways write one unit, and wait for it.
    steps = _promise(tenant, to.user, asker) if to.user and not why else ()
    await tenant.store.write(*(steps or (sending.withheld(tenant, why, to, asker),)))


def _promise(tenant: Tenant, user: User, asker: Asker) -> tuple[Step, ...]:
    now, handle = tenant.now(), secrets.token_urlsafe(BYTES)
    reset = PasswordReset(
        id=id_of(now),
        owner=Owner(tenant=tenant.id, user=user.user_id),
        born=now,
        expires_at=now + LIFETIME,
        user=user.id,
        email=user.email,
    )
    language = sending.language_of(user, asker.language, tenant)
    letter = Letter(
        name="reset",
        to=user.email,
        language=language,
        house=sending.house_of(tenant),
        expires_at=reset.expires_at,
        words={"account": one_line(user.email)},
        link=f"{asker.root}{PATH}?ticket={handle}&ui_locales={language}",
    )
    send = sending.promised(tenant, letter)
    told = {"user_id": user.user_id, "reset": reset.id, "delivery": send.delivery.id}
    note = asker.actor.note(tenant.audit, tenant.id, "password_reset_asked", told)
    return Put(reset, handle), send, note


async def find(tenant: Tenant, handle: str) -> PasswordReset:
    """What a link stands for, as long as it does."""
    found = await tenant.store.get(PasswordReset, handle) if len(handle) <= LONGEST else None
    if found is None or found.owner.tenant != tenant.id:
        raise Refused(RESET_INVALID)
    if isinstance(found, Spent):
        raise Refused(RESET_SPENT, debug=found.id)
    return found


async def person(tenant: Tenant, reset: PasswordReset) -> User:
    """Whose password it is: still the one of that address. Another owner of it is somebody else."""
    user = await tenant.store.record(User, tenant.id, reset.user)
    if user is None or user.blocked or user.email != reset.email:
        raise Refused(RESET_INVALID, debug="the user is gone, blocked, or has another address by now")
    return user


async def accept(tenant: Tenant, handle: str, text: str, actor: Actor) -> User:
    """The link is used up for a password; it, other links and everything else from before end."""
    reset = await find(tenant, handle)
    hashed = await passwords.hashed(tenant, text, await person(tenant, reset))
    told = {"user_id": reset.owner.user, "reset": reset.id}
    note = actor.note(tenant.audit, tenant.id, "password_reset", told)

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        await find(tenant, handle)
        there = await person(tenant, reset)
        # Whoever has the link reads the mail of this address.
        claims = {**there.claims, "email_verified": True}
        user = replace(there, claims=claims, updated_at=tenant.now())
        password = await passwords.saved(tenant, user, hashed)
        return kept(user), (Take(PasswordReset, handle), Save(user), password, note)

    user = await land(tenant, attempt)
    await users.end(tenant, user.user_id)
    await lockout.lift(tenant, user.id)
    return user
