"""People with a second factor: how tests set one up, and what an app shows."""

import pyotp

from sekisho.change.actor import Actor
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.factors.totp import PERIOD
from sekisho.people.second_factor import enrolment
from sekisho.people.second_factor.enrolment import Enrolled
from sekisho.tenant import Tenant

BY = Actor(user="auth0|aya", address="198.51.100.7")


def code(secret: str, tenant: Tenant, steps: int = 0) -> str:
    """What an app shows at this moment, or some steps from it."""
    at = int(tenant.tools.clock() // PERIOD) + steps
    return pyotp.TOTP(secret.replace(" ", "")).generate_otp(at)


def wrong(secret: str, tenant: Tenant) -> str:
    """A code that no app shows around this moment."""
    shown = {code(secret, tenant, steps) for steps in (-2, -1, 0, 1, 2)}
    return next(
        text for text in ("000000", "111111", "222222", "333333", "444444", "555555") if text not in shown
    )


async def enrolled(tenant: Tenant, user: User) -> tuple[str, Enrolled]:
    """Somebody has an app and recovery codes from now on; the code of a step ago was used for it."""
    setup = enrolment.begin(tenant, user, "a session")
    found = await enrolment.confirm(tenant, user, setup.secret, code(setup.secret, tenant, -1), BY)
    return setup.secret, found


async def known(tenant: Tenant, user: User) -> User:
    """Somebody, as they are kept."""
    return await users.find(tenant, user.id)
