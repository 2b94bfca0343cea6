"""Whom a path is about."""

from sekisho.model.user import User
from sekisho.people import users
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant


def user_id(ask: Ask) -> str:
    """What the path calls the user: an id, because a login name may be somebody else's by now."""
    name = ask.names["id"]
    if not users.is_id(name):
        raise Refused(USER_ABSENT)
    return name


async def user(ask: Ask, tenant: Tenant) -> User:
    """The user of the path."""
    return await users.find(tenant, user_id(ask))
