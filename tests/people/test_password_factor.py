"""Signing in with a password: who gets in, and what those learn who do not."""

import time
from statistics import median
from typing import Any

import bcrypt
import pytest
from msgspec.structs import replace

from sekisho.keys.password import Passwords, is_weaker
from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.people import users
from sekisho.people.factors.password import verify
from sekisho.people.user_fields import UserFields
from sekisho.spec.contrast import Contrast
from sekisho.spec.password import cost_of
from sekisho.spec.refusal import OVERLOADED, Reason, Refused
from sekisho.spec.refusals.people import (
    PASSWORD_WRONG,
    SIGN_IN_LOCKED,
    USER_BLOCKED,
    USER_UNKNOWN,
)
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, ADMIN, OTHER, PASSWORD, decided, elsewhere, kept, later, somebody, town


async def refusal(tenant: Tenant, name: str = "ann@example.com", text: str = OTHER) -> Reason:
    """Why this sign-in is refused."""
    with pytest.raises(Refused) as caught:
        await verify(tenant, name, text, ADDRESS)
    assert text not in (caught.value.debug, caught.value.text)
    return caught.value.reason


async def left(tenant: Tenant) -> tuple[int, int]:
    """How many attempts an account and an address have, as far as somebody spent them."""
    limits: Any = tenant.tools.limits
    address, account = (round(held) for held, *_ in limits._buckets.values())
    return address, account


@pytest.mark.parametrize("name", ["ann@example.com", " ANN@EXAMPLE.COM ", "Ａnn@example.com", "ann"])
async def test_lets_in_who_knows_the_password(name: str):
    """Every way to write a login name of a user leads to that user."""
    tenant = await town()
    user = await somebody(tenant, username="Ann")
    assert await verify(tenant, name, PASSWORD, ADDRESS) == user


async def test_says_the_same_to_whoever_is_wrong():
    """A wrong password, an unknown name, a name that is none and no password at all are one answer."""
    tenant = await town()
    user = await somebody(tenant)
    await users.create(tenant, UserFields(connection=user.connection, email="new@example.com"), ADMIN)
    assert await refusal(tenant) is PASSWORD_WRONG
    assert await refusal(tenant, "new@example.com") is PASSWORD_WRONG
    assert await refusal(tenant, "ann@example.com", "x" * 10_000) is PASSWORD_WRONG
    assert await refusal(tenant, "ann@example.com", "null\0") is PASSWORD_WRONG
    assert await refusal(tenant, "nobody@example.com") is USER_UNKNOWN
    assert await refusal(tenant, "nobody@example.com\0") is USER_UNKNOWN
    assert await refusal(tenant, "x" * 10_000) is USER_UNKNOWN
    same = [(reason.error, reason.status, reason.text) for reason in (PASSWORD_WRONG, USER_UNKNOWN)]
    assert same[0] == same[1]


@pytest.mark.parametrize("which", ["id", "user_id"])
async def test_an_id_is_no_login_name(which: str):
    """A user signs in by login names alone: an id would be one more account to guess at."""
    tenant = await town()
    user = await somebody(tenant)
    assert await refusal(tenant, getattr(user, which), PASSWORD) is USER_UNKNOWN


async def test_a_blocked_user_is_told_so_only_with_the_password():
    """Who does not know the password does not learn that the user exists and is blocked."""
    tenant = await town()
    user = await somebody(tenant)
    await users.block(tenant, user.user_id, ADMIN)
    assert await refusal(tenant) is PASSWORD_WRONG
    assert await refusal(tenant, text=PASSWORD) is USER_BLOCKED
    assert USER_BLOCKED.text == "user is blocked"
    with pytest.raises(Refused) as blocked:
        await verify(tenant, "ann@example.com", PASSWORD, ADDRESS)
    assert blocked.value.seen == Contrast("blocked", "false", "true")
    await users.unblock(tenant, user.user_id, ADMIN)
    assert (await verify(tenant, "ann@example.com", PASSWORD, ADDRESS)).id == user.id


async def test_a_user_of_another_tenant_is_unknown():
    """Names and passwords of a tenant are good in that tenant only."""
    tenant = await town()
    await somebody(tenant)
    other = elsewhere(tenant)
    assert await refusal(other, text=PASSWORD) is USER_UNKNOWN


async def test_takes_as_long_for_who_does_not_exist():
    """An unknown user, one without password and a wrong password take the same time, within a fifth."""
    tenant = await town(sign_in_account_burst=10_000, sign_in_address_burst=0)
    user = await somebody(tenant)
    await users.create(tenant, UserFields(connection=user.connection, email="new@example.com"), ADMIN)

    async def seconds(name: str) -> float:
        began = time.process_time()
        await refusal(tenant, name)
        return time.process_time() - began

    names = ("ann@example.com", "new@example.com", "nobody@example.com")
    taken: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(7):
        for name in names:
            taken[name].append(await seconds(name))
    known, *others = (median(each) for each in taken.values())
    assert all(abs(each - known) < 0.2 * known for each in others), taken


async def test_hashes_anew_when_the_cost_rose():
    """The first right sign-in after the policy rose brings such a hash; a wrong one changes nothing."""
    tenant = await town()
    user = await somebody(tenant)
    raised = decided(tenant, password_passes=6)
    assert await refusal(raised) is PASSWORD_WRONG
    before = await kept(tenant, user)
    assert is_weaker(before.hash, cost_of(raised.policy))
    assert await verify(raised, "ann@example.com", PASSWORD, ADDRESS) == user
    after = await kept(tenant, user)
    assert not is_weaker(after.hash, cost_of(raised.policy))
    assert (after.version, after.changed_at) == (2, before.changed_at)
    # Neither again, nor when the policy falls.
    for each in (raised, tenant):
        await verify(each, "ann@example.com", PASSWORD, ADDRESS)
    assert await tenant.store.record(Password, tenant.id, user.id) == after
    (event,) = await tenant.store.events(tenant.id, {"slug": "password_rehashed"}, Window())
    assert event.user == user.user_id
    assert "argon2" not in str(event)


async def test_hashes_anew_what_was_imported():
    """A hash that another server made is good until the first right sign-in, and ours after that."""
    tenant = await town()
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    asked = UserFields(connection="Username-Password-Authentication", email="ann@example.com")
    user = await users.create(tenant, asked, ADMIN, imported=hashed)
    assert await refusal(tenant) is PASSWORD_WRONG
    assert await verify(tenant, "ann@example.com", PASSWORD, ADDRESS) == user
    assert (await kept(tenant, user)).hash.startswith("$argon2id$")
    assert await verify(tenant, "ann@example.com", PASSWORD, ADDRESS) == user


async def test_a_change_is_not_undone_by_hashing_anew(monkeypatch: pytest.MonkeyPatch):
    """Who sets another password while the old one is hashed anew has set it."""
    tenant = await town()
    user = await somebody(tenant)
    raised, hash_it = decided(tenant, password_passes=6), Passwords.hash

    async def late(self, text, cost):
        monkeypatch.setattr(Passwords, "hash", hash_it)
        await users.set_password(raised, user.id, OTHER, ADMIN)
        return await hash_it(self, text, cost)

    monkeypatch.setattr(Passwords, "hash", late)
    await verify(raised, "ann@example.com", PASSWORD, ADDRESS)
    assert await refusal(raised, text=PASSWORD) is PASSWORD_WRONG
    assert await verify(raised, "ann@example.com", OTHER, ADDRESS)


async def test_too_busy_to_hash_anew_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch):
    """Whoever proved the password is let in; the hash is renewed next time."""
    tenant = await town()
    user = await somebody(tenant)

    async def busy(self, text, cost):
        raise Refused(OVERLOADED)

    monkeypatch.setattr(Passwords, "hash", busy)
    assert await verify(decided(tenant, password_passes=6), "ann@example.com", PASSWORD, ADDRESS) == user


async def test_an_attempt_that_nobody_looked_at_costs_nothing(monkeypatch: pytest.MonkeyPatch):
    """Where the server is too busy, neither account nor address have one attempt fewer."""
    tenant = await town()
    await somebody(tenant)

    async def busy(self, text, hashed):
        raise Refused(OVERLOADED)

    monkeypatch.setattr(Passwords, "matches", busy)
    assert await refusal(tenant) is OVERLOADED
    assert await left(tenant) == (100, 10)


async def test_too_many_attempts_lock_the_account():
    """After ten wrong passwords even the right one is refused, until the time that is told."""
    tenant = await town()
    await somebody(tenant, username="ann")
    for name in ("ann@example.com", "ann") * 5:
        assert await refusal(tenant, name) is PASSWORD_WRONG
    for name in ("ann@example.com", "ANN"):
        with pytest.raises(Refused) as caught:
            await verify(tenant, name, PASSWORD, ADDRESS)
        assert caught.value.reason is SIGN_IN_LOCKED
        assert caught.value.headers == {"retry-after": "300"}
    later(tenant, 300)
    assert await verify(tenant, "ann", PASSWORD, ADDRESS)


async def test_an_account_that_nobody_has_is_locked_too():
    """Being locked says nothing about being there."""
    tenant = await town()
    for name in ("nobody@example.com", "NOBODY@example.com") * 5:
        assert await refusal(tenant, name) is USER_UNKNOWN
    with pytest.raises(Refused) as caught:
        await verify(tenant, "nobody@example.com", PASSWORD, ADDRESS)
    assert caught.value.reason is SIGN_IN_LOCKED
    assert caught.value.headers == {"retry-after": "300"}
    assert caught.value.seen == Contrast("sign_in_account_burst", "10 at once, then one in 300 s", "more")


async def test_what_is_right_costs_nothing():
    """Any number of right sign-ins leaves account and address as they were; a wrong one costs both one."""
    tenant = await town()
    await somebody(tenant)
    for _ in range(12):
        await verify(tenant, "ann@example.com", PASSWORD, ADDRESS)
    assert await left(tenant) == (100, 10)
    assert await refusal(tenant) is PASSWORD_WRONG
    assert await left(tenant) == (99, 9)


async def test_an_address_is_locked_whatever_the_accounts():
    """Who tries many names from one network is stopped; other networks go on."""
    tenant = await town(sign_in_address_burst=3)
    await somebody(tenant)
    for n in range(3):
        with pytest.raises(Refused):
            await verify(tenant, f"name{n}", OTHER, f"2001:db8::{n}")
    with pytest.raises(Refused) as caught:
        await verify(tenant, "ann@example.com", PASSWORD, "2001:db8::ffff")
    assert caught.value.reason is SIGN_IN_LOCKED
    assert caught.value.headers == {"retry-after": "30"}
    assert caught.value.seen == Contrast("sign_in_address_burst", "3 at once, then one in 30 s", "more")
    for address in ("2001:db8:0:1::1", ""):
        assert await verify(tenant, "ann@example.com", PASSWORD, address)


async def test_somebody_elses_lock_costs_no_address():
    """Whoever meets a locked account pays nothing for it."""
    tenant = await town(sign_in_account_burst=0)
    assert await refusal(tenant) is USER_UNKNOWN
    for _ in range(5):
        assert await refusal(tenant) is SIGN_IN_LOCKED
    assert await left(tenant) == (99, 0)


async def test_unblocking_lifts_the_lock():
    """An administrator gives back all attempts."""
    tenant = await town(sign_in_account_burst=2)
    user = await somebody(tenant)
    for _ in range(2):
        await refusal(tenant)
    assert await refusal(tenant) is SIGN_IN_LOCKED
    await users.unblock(tenant, user.user_id, ADMIN)
    assert await verify(tenant, "ann@example.com", PASSWORD, ADDRESS)


async def test_a_hash_that_cannot_be_verified_is_no_way_in():
    """A record that is broken refuses, and does not count as an attempt."""
    tenant = await town()
    user = await somebody(tenant)
    held = await kept(tenant, user)
    assert await tenant.store.write(Save(replace(held, hash="plain"))) is None
    assert (await refusal(tenant, text="plain")).slug == "hash_unsupported"
