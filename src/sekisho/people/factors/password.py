"""The password: what somebody knows."""

from contextlib import suppress

from sekisho.keys.password import is_weaker, nobodys
from sekisho.model.password import Password
from sekisho.model.step import Note
from sekisho.model.user import User
from sekisho.people import lockout, passwords, users
from sekisho.spec import login
from sekisho.spec.contrast import contrast
from sekisho.spec.password import cost_of, is_bounded
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_WRONG, USER_BLOCKED, USER_UNKNOWN
from sekisho.tenant import Tenant


async def verify(tenant: Tenant, name: str, text: str, address: str) -> User:
    """The user with this login name and this password; how long it takes does not tell who exists.

    Whatever follows from it has to be born when it began: a change of the password since then ends it.
    """
    try:
        known_as = login.canonical(name)
    except Refused as refused:
        raise Refused(USER_UNKNOWN, debug=refused.debug) from refused
    if not is_bounded(text):
        raise Refused(PASSWORD_WRONG, debug="no password is like that")
    user = await users.of_login(tenant, known_as)
    # Two names of one account are one account: they do not double the attempts. No name is an account's id.
    paid = await lockout.stakes(tenant, user.id if user else f"name {known_as}", address)
    held = await passwords.of_user(tenant, user)
    matches = await _matches(tenant, text, held, paid)
    if user is None:
        raise Refused(USER_UNKNOWN, debug="no user has this login name")
    if held is None or not matches:
        why = "the password is wrong" if held else "the user has no password"
        raise Refused(PASSWORD_WRONG, debug=f"{why}: {user.user_id}")
    await lockout.give_back(tenant, paid)
    if user.blocked:
        raise Refused(USER_BLOCKED, debug=user.user_id, seen=contrast("blocked", "false", "true"))
    await _renew(tenant, user, text, held)
    return user


async def _matches(tenant: Tenant, text: str, held: Password | None, paid: tuple[lockout.Stake, ...]) -> bool:
    """Where there is no password, a hash of nobody's takes as long."""
    hashed = held.hash if held else nobodys(cost_of(tenant.policy))
    try:
        return await tenant.tools.passwords.matches(text, hashed)
    except Refused:
        await lockout.give_back(tenant, paid)
        raise


async def _renew(tenant: Tenant, user: User, text: str, held: Password) -> None:
    """Hash it anew where that costs too little by now; who is too busy for that does it next time."""
    if not is_weaker(held.hash, cost_of(tenant.policy)):
        return
    note = Note(tenant.audit.event(tenant.id, "password_rehashed", user=user.user_id))
    with suppress(Refused):
        await tenant.store.write(await passwords.renewed(tenant, held, text), note)
