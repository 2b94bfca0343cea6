"""Sign-up: somebody makes an account for themselves."""

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.connection import DATABASE
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.people import lockout, users
from sekisho.people.user_fields import UserFields, email_is_sound
from sekisho.spec import login, metadata
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.people import SIGN_UP_INVALID, SIGN_UP_OFF, USER_TAKEN, USERNAME_TAKEN
from sekisho.tenant import Tenant

# What people may say about themselves beside address and password, within the rules of every user.
NOTHING_MORE = UserFields()
OWN = (
    *("username", "phone_number", "given_name", "family_name"),
    *("name", "nickname", "picture", "user_metadata"),
)
MOST_METADATA = 10
LONGEST_METADATA = 500


def is_allowed(tenant: Tenant) -> None:
    """The tenant lets people make accounts."""
    if not tenant.policy.sign_up_allowed:
        raise Refused(SIGN_UP_OFF, seen=contrast("sign_up_allowed", "true", "false"))


async def create(tenant: Tenant, email: str, text: str, actor: Actor, about: UserFields) -> User:
    """A new user, who is not signed in by that; that a name is taken is said where the tenant wants it."""
    user, steps = await begin(tenant, email, text, actor, about)
    if lost := await tenant.store.write(*steps):
        raise Refused(await _taken(tenant, about), debug=lost.why)
    return user


async def _taken(tenant: Tenant, about: UserFields) -> Reason:
    if not tenant.policy.taken_told:
        return SIGN_UP_INVALID
    named = await users.of_login(tenant, login.canonical(about.username)) if about.username else None
    return USERNAME_TAKEN if named else USER_TAKEN


def texts_are_few(about: UserFields) -> None:
    """Strangers keep a few short texts here, and no more."""
    kept = about.user_metadata or {}
    if len(kept) > MOST_METADATA or not all(map(_is_short, (*kept, *kept.values()))):
        raise metadata.problem("user_metadata", "Takes at most 10 texts of 500 characters")


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST_METADATA


async def begin(
    tenant: Tenant, email: str, text: str, actor: Actor, about: UserFields = NOTHING_MORE
) -> tuple[User, tuple[Step, ...]]:
    """Who is about to be a user, and the steps that make them one; whether the address is free, these tell.

    An account begins without a mail, so whoever tries an address learns whether it is taken. What that is
    worth is kept small: all else that can be wrong is told first, so that nobody learns it without making an
    account, which the audit has; and each try costs one of the attempts of its network address for good.
    """
    is_allowed(tenant)
    await lockout.pay(tenant, actor.address)
    email = email.strip(login.SPACES)
    email_is_sound(email)
    texts_are_few(about)
    asked = replace(about, connection=about.connection or DATABASE, email=email, password=text)
    user, steps = await users.born(tenant, asked)
    who = Actor(user=user.user_id, client=actor.client, address=actor.address, correlation=actor.correlation)
    return user, (*steps, who.note(tenant.audit, tenant.id, "user_signed_up", {"user_id": user.user_id}))
