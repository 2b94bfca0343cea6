"""Sign-up: somebody makes an account for themselves."""

from sekisho.change.actor import Actor
from sekisho.model.connection import DATABASE
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.people import lockout, users
from sekisho.people.user_fields import UserFields, email_is_sound
from sekisho.spec import login
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import SIGN_UP_OFF
from sekisho.tenant import Tenant


def is_allowed(tenant: Tenant) -> None:
    """The tenant lets people make accounts."""
    if not tenant.policy.sign_up_allowed:
        raise Refused(SIGN_UP_OFF, seen=contrast("sign_up_allowed", "true", "false"))


async def begin(tenant: Tenant, email: str, text: str, actor: Actor) -> tuple[User, tuple[Step, ...]]:
    """Who is about to be a user, and the steps that make them one; whether the address is free, these tell.

    An account begins without a mail, so whoever tries an address learns whether it is taken. What that is
    worth is kept small: all else that can be wrong is told first, so that nobody learns it without making an
    account, which the audit has; and each try costs one of the attempts of its network address for good.
    """
    is_allowed(tenant)
    await lockout.pay(tenant, actor.address)
    email = email.strip(login.SPACES)
    email_is_sound(email)
    asked = UserFields(connection=DATABASE, email=email, password=text)
    user, steps = await users.born(tenant, asked)
    who = Actor(user=user.user_id, client=actor.client, address=actor.address, correlation=actor.correlation)
    return user, (*steps, who.note(tenant.audit, tenant.id, "user_signed_up", {"user_id": user.user_id}))
