"""The passwords of users: whether somebody may have one, and what is kept of it."""

from msgspec.structs import replace

from sekisho.keys.guessable import is_guessable
from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.spec.password import cost_of, password_is_not_personal, password_is_sound, prepared
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_GUESSABLE
from sekisho.tenant import Tenant

# No user has this id: it is looked for where there is no user, so that it takes as long.
NOBODY = "-"
# What of a person's claims is no secret to those who guess.
_OWN = ("name", "nickname", "given_name", "middle_name", "family_name", "preferred_username", "email")


async def of_user(tenant: Tenant, user: User | None) -> Password | None:
    """What is kept of this user's password; one read, whoever it is."""
    return await tenant.store.record(Password, tenant.id, user.id if user else NOBODY)


async def hashed(tenant: Tenant, text: str, user: User) -> str:
    """What is kept of a password, if this user may have it."""
    password_is_sound(text, tenant.policy.password_shortest)
    if is_guessable(prepared(text)):
        raise Refused(PASSWORD_GUESSABLE)
    password_is_not_personal(
        text, (user.username, *(str(user.claims[name]) for name in _OWN if name in user.claims))
    )
    return await tenant.tools.passwords.hash(text, cost_of(tenant.policy))


async def saved(tenant: Tenant, user: User, hash: str) -> Save:
    """The step by which this becomes the user's password; it goes with a step that saves the user."""
    held, now = await of_user(tenant, user), tenant.now()
    held = held or Password(tenant=tenant.id, id=user.id, hash="", changed_at=now, created_at=now)
    return Save(replace(held, hash=hash, changed_at=now, updated_at=now))


async def renewed(tenant: Tenant, held: Password, text: str) -> Save:
    """The same password, hashed as it has to be by now. Nobody who was faster is overwritten."""
    again = await tenant.tools.passwords.hash(text, cost_of(tenant.policy))
    return Save(replace(held, hash=again, updated_at=tenant.now()))
