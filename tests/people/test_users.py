"""Users: found, created, changed, blocked, deleted; and what ends with that."""

import asyncio
from typing import Any

import bcrypt
import pytest
from msgspec import UNSET

from sekisho.change import fields
from sekisho.model.artifact import Owner
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.consent import Consent
from sekisho.model.password import Password
from sekisho.model.step import Put, Save
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.factors.password import verify
from sekisho.people.user_fields import LARGEST_METADATA, UserFields
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, BODY_INVALID, NOT_SUPPORTED, VERSION_STALE
from sekisho.spec.refusals.people import (
    HASH_UNSUPPORTED,
    IDENTITIES_MANY,
    LOGIN_MALFORMED,
    PASSWORD_GUESSABLE,
    PASSWORD_MALFORMED,
    PASSWORD_PERSONAL,
    PASSWORD_SHORT,
    USER_ABSENT,
)
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, ADMIN, OTHER, PASSWORD, elsewhere, kept, later, somebody, town
from tests.store.things import Code
from tests.tenants import NOW, TENANT, Clock


def asked(**members: object) -> UserFields:
    """A body that creates a user."""
    return fields.creation({"connection": DATABASE, **members}, UserFields)


def changing(**members: object) -> UserFields:
    """A body that changes a user."""
    return fields.amendment(members, UserFields)


async def refused(tenant: Tenant, body: UserFields, name: str | None = None) -> Refused:
    """Why a user cannot be created, or changed, like this."""
    with pytest.raises(Refused) as caught:
        await (users.change(tenant, name, body, ADMIN) if name else users.create(tenant, body, ADMIN))
    return caught.value


async def given(tenant: Tenant, user: User) -> str:
    """Something that was given to a user just now."""
    owner, now = Owner(tenant=tenant.id, user=user.user_id, client="app"), tenant.now()
    thing = Code(id=f"{now}", owner=owner, born=now, expires_at=now + 3_600)
    assert await tenant.store.write(Put(thing, f"handle{now}")) is None
    return f"handle{now}"


async def lives(tenant: Tenant, handle: str) -> bool:
    """Whether it is still there."""
    return isinstance(await tenant.store.get(Code, handle), Code)


async def said(tenant: Tenant, slug: str) -> list[dict[str, Any]]:
    """What the audit says about deeds of this name."""
    return [dict(event.detail) for event in await tenant.store.events(tenant.id, {"slug": slug}, Window())]


async def test_creates_a_user():
    """A new user has two ids, canonical login names, and a password that is nowhere but in its own record."""
    tenant = await town()
    user = await users.create(
        tenant, asked(email=" Ann@Bücher.Example", username="Ann", password=PASSWORD), ADMIN
    )
    assert len(user.id) == 36
    assert user.user_id.startswith("auth0|")
    assert len(user.user_id) == len("auth0|") + 24
    assert (user.tenant, user.connection, user.version) == (TENANT, DATABASE, 1)
    assert user.logins == ("ann@xn--bcher-kva.example", "ann")
    assert user.claims == {"email": "ann@bücher.example", "email_verified": False}
    held = await kept(tenant, user)
    assert held.hash.startswith("$argon2id$")
    assert held.changed_at == NOW
    (event,) = await tenant.store.events(tenant.id, {"slug": "user_created"}, Window())
    assert event.detail == {"user_id": user.user_id}
    assert (event.client, event.user, event.address) == (ADMIN.client, ADMIN.user, ADMIN.address)
    for text in (str(user), str(event), str(await tenant.store.records(User, tenant.id, {}, Window()))):
        assert "argon2" not in text
        assert PASSWORD not in text


@pytest.mark.parametrize("name", ["id", "user_id", "ann@example.com", "ANN@EXAMPLE.COM", "ann"])
async def test_finds_a_user(name: str):
    """By GUID, by user_id, and by each login name however it is written."""
    tenant = await town()
    user = await somebody(tenant, username="Ann", user_id="7")
    assert user.user_id == "auth0|7"
    assert await users.find(tenant, getattr(user, name, name)) == user


@pytest.mark.parametrize(
    "name", ["nobody", "auth0|nobody", "33333333-3333-4333-8333-333333333333", "a b", "", "x" * 9999]
)
async def test_says_that_there_is_no_user(name: str):
    """Whatever is no user's name is absent, malformed or not."""
    tenant = await town()
    with pytest.raises(Refused) as caught:
        await users.find(tenant, name)
    assert caught.value.reason is USER_ABSENT


async def test_claims_have_their_types_and_follow_from_each_other():
    """Every standard claim as OpenID Connect Core 1.0 section 5.1 types it; what was not said follows."""
    tenant = await town()
    plain = await somebody(tenant, username="ann.m")
    assert plain.standard == {
        "name": "ann@example.com",
        "nickname": "ann",
        "preferred_username": "ann.m",
        "email": "ann@example.com",
        "email_verified": False,
        "updated_at": int(NOW),
    }
    everything = {
        "name": "Bo Berg",
        "nickname": "bo",
        "given_name": "Bo",
        "middle_name": "B.",
        "family_name": "Berg",
        "preferred_username": "bb",
        "profile": "http://example.com/bo",
        "picture": "https://example.com/bo.png",
        "website": "https://example.com/",
        "gender": "x",
        "birthdate": "0000-12-31",
        "zoneinfo": "Asia/Tokyo",
        "locale": "ja-JP",
        "address": {"formatted": "1 Street\nTown", "country": "JP"},
        "email": "bo@example.com",
        "email_verified": True,
        "phone_number": "+81312345678",
    }
    user = await users.create(tenant, asked(**everything, phone_verified=True), ADMIN)
    assert user.standard == {**everything, "phone_number_verified": True, "updated_at": int(NOW)}
    assert (user.email, user.locale, plain.locale) == ("bo@example.com", "ja-JP", "")
    assert await users.find(tenant, user.id) == user
    nameless = User(tenant="t", id="1", user_id="auth0|1", connection=DATABASE, username="zoe")
    assert (nameless.standard["name"], nameless.standard["nickname"]) == ("zoe", "zoe")


@pytest.mark.parametrize(
    "members",
    [
        {"email": "no-address"},
        {"email": "a@b@c"},
        {"email": True},
        {"email_verified": "true", "email": "a@example.com"},
        {"email_verified": True, "username": "bo"},
        {"phone_verified": True, "username": "bo"},
        {"username": "bo@example.com"},
        {"username": ""},
        {},
        {"name": "no login"},
        {"username": "bo", "name": ""},
        {"username": "bo", "name": "a\nb"},
        {"username": "bo", "picture": "javascript:alert(1)"},
        {"username": "bo", "website": 'https://x/"><script>'},
        {"username": "bo", "birthdate": "tomorrow"},
        {"username": "bo", "locale": "../en"},
        {"username": "bo", "zoneinfo": "<b>"},
        {"username": "bo", "phone_number": "0312345678"},
        {"username": "bo", "address": "1 Street"},
        {"username": "bo", "address": {"planet": "Mars"}},
        {"username": "bo", "phone_number": "+1", "phone_verified": True, "phone_number_verified": False},
        {"username": "bo", "user_id": "a|b"},
        {"username": "bo", "user_id": "a@b"},
        {"username": "bo", "roles": ["rol_1"]},
        {"username": "bo", "logins": ["admin"]},
        {"username": "bo", "user_metadata": []},
        {"username": "bo", "user_metadata": {"a": "x" * LARGEST_METADATA}},
        {"username": "bo", "connection": "elsewhere"},
        {"username": "bo", "connection": ""},
        {"username": "bo", "connection": "google"},
        {"username": "bo", "connection": None},
    ],
)
async def test_refuses_what_no_user_can_be(members: dict[str, object]):
    """A wrong type, an unknown or hidden member, a claim without its subject: nothing is created."""
    tenant = await town()
    far = Connection(tenant=TENANT, id="con_2", name="google", strategy="google-oauth2")
    assert await tenant.change(Save(far)) is None
    with pytest.raises(Refused) as caught:
        await users.create(tenant, asked(**members), ADMIN)
    assert caught.value.reason is BODY_INVALID
    assert await tenant.store.count(User, tenant.id, {}) == 0


@pytest.mark.parametrize("members", [{"verify_email": True}, {"client_id": "app"}])
async def test_promises_no_mail(members: dict[str, object]):
    """What is not built yet is taken at its default only."""
    with pytest.raises(Refused) as caught:
        asked(username="bo", **members)
    assert caught.value.reason is NOT_SUPPORTED


@pytest.mark.parametrize(
    "members", [{"username": "a b"}, {"username": "auth0|bo"}, {"email": "bo\u200b@example.com"}]
)
async def test_refuses_login_names_that_are_none(members: dict[str, object]):
    """Nobody is called like something that nobody sees, or like an id."""
    assert (await refused(await town(), asked(**members))).reason is LOGIN_MALFORMED


@pytest.mark.parametrize(
    "members", [{"email": "ＡＮＮ@EXAMPLE.com"}, {"username": "ANN"}, {"username": "x", "user_id": "7"}]
)
async def test_a_login_name_belongs_to_one_user(members: dict[str, object]):
    """A name that is the same in its canonical form is taken, and so is a user_id."""
    tenant = await town()
    await somebody(tenant, username="ann", user_id="7")
    found = await refused(tenant, asked(**members))
    assert (found.reason, found.text) == (ALREADY_EXISTS, "The user already exists.")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("x" * 257, PASSWORD_MALFORMED),
        ("1234567", PASSWORD_SHORT),
        ("iloveyou1", PASSWORD_GUESSABLE),
        ("ILoveYou1", PASSWORD_GUESSABLE),
        ("miller99", PASSWORD_PERSONAL),
        ("ann@example.com", PASSWORD_PERSONAL),
    ],
)
async def test_refuses_poor_passwords(password: str, reason: Reason):
    """A password that is guessed first, too short, or hardly more than a name is refused, new or changed."""
    tenant = await town()
    body = asked(email="ann@example.com", family_name="Miller", password=password)
    found = await refused(tenant, body)
    assert found.reason is reason
    assert password not in found.text + found.debug
    user = await somebody(tenant, family_name="Miller")
    assert (await refused(tenant, changing(password=password), user.id)).reason is reason


async def test_a_policy_asks_for_longer_passwords():
    """A tenant may ask for more characters."""
    tenant = await town(password_shortest=20)
    assert (await refused(tenant, asked(username="bo", password=PASSWORD))).reason is PASSWORD_SHORT


async def test_takes_hashes_that_can_be_verified():
    """An imported hash is kept as it is; one that could not be verified is refused when it comes."""
    tenant = await town()
    hashed = bcrypt.hashpw(b"whatever", bcrypt.gensalt(4)).decode()
    user = await users.create(tenant, asked(username="bo"), ADMIN, imported=hashed)
    assert (await kept(tenant, user)).hash == hashed
    with pytest.raises(Refused) as caught:
        await users.create(tenant, asked(username="zoe"), ADMIN, imported="plain")
    assert caught.value.reason is HASH_UNSUPPORTED


async def test_changes_what_is_said_and_nothing_else():
    """Members that are not said stay, null takes one away, metadata merge at their first level."""
    tenant = await town()
    told = {"user_metadata": {"a": 1, "b": {"c": 1}}, "app_metadata": {"plan": "free"}}
    user = await somebody(tenant, given_name="Ann", username="ann", **told)
    later(tenant, 5)
    body = changing(
        given_name=None, family_name="M", address={"region": "R"}, user_metadata={"b": {"d": 2}, "a": None}
    )
    new = await users.change(tenant, user.user_id, body, ADMIN)
    assert new.claims == {
        "email": "ann@example.com",
        "email_verified": False,
        "family_name": "M",
        "address": {"region": "R"},
    }
    assert new.user_metadata == {"b": {"d": 2}}
    assert new.app_metadata == {"plan": "free"}
    assert (new.version, new.updated_at, new.created_at) == (2, NOW + 5, NOW)
    assert await users.find(tenant, user.id) == new
    cleared = await users.change(
        tenant, user.id, changing(user_metadata={}, app_metadata=None, address={}), ADMIN
    )
    assert (cleared.user_metadata, cleared.app_metadata) == ({}, {})
    assert "address" not in cleared.claims
    fields_of = [set(each["fields"]) for each in await said(tenant, "user_changed")]
    assert fields_of[1] == {"given_name", "family_name", "address", "user_metadata"}


async def test_what_changes_nothing_writes_nothing():
    """Saying what is there already is no change, and no event."""
    tenant = await town()
    user = await somebody(tenant, given_name="Ann")
    assert await users.change(tenant, user.id, changing(given_name="Ann", connection=DATABASE), ADMIN) == user
    assert await said(tenant, "user_changed") == []


async def test_a_new_address_is_not_verified():
    """An e-mail address or number that changes loses its verification, unless the same call says it."""
    tenant = await town()
    user = await somebody(
        tenant, email_verified=True, phone_number="+811", phone_number_verified=True, username="a"
    )
    same = await users.change(tenant, user.id, changing(email="ANN@example.com"), ADMIN)
    assert same.claims["email_verified"] is True
    moved = await users.change(tenant, user.id, changing(email="new@example.com"), ADMIN)
    assert moved.claims["email_verified"] is False
    assert moved.logins == ("new@example.com", "a")
    sure = await users.change(tenant, user.id, changing(email="ann@example.com", email_verified=True), ADMIN)
    assert sure.claims["email_verified"] is True
    called = await users.change(tenant, user.id, changing(phone_number="+812"), ADMIN)
    assert called.claims["phone_number_verified"] is False
    gone = await users.change(tenant, user.id, changing(email=None), ADMIN)
    assert "email" not in gone.claims
    assert "email_verified" not in gone.claims
    assert gone.logins == ("a",)


async def test_a_freed_name_may_be_taken():
    """A login name that a user gave up is another's, and leads to nobody else."""
    tenant = await town()
    user = await somebody(tenant)
    await users.change(tenant, user.id, changing(email="new@example.com"), ADMIN)
    other = await somebody(tenant)
    assert (await users.find(tenant, "ann@example.com")).id == other.id
    assert (await refused(tenant, changing(email="ann@example.com"), user.id)).reason is ALREADY_EXISTS


@pytest.mark.parametrize(
    "members",
    [
        {"email": "b@example.com", "password": OTHER},
        {"email": "b@example.com", "username": "b"},
        {"phone_number": "+811", "username": "b"},
        {"username": None, "email": "b@example.com"},
    ],
)
async def test_one_identity_changes_at_a_time(members: dict[str, object]):
    """Several of e-mail, telephone, name and password at once are refused."""
    tenant = await town()
    user = await somebody(tenant)
    assert (await refused(tenant, changing(**members), user.id)).reason is IDENTITIES_MANY
    assert await users.find(tenant, user.id) == user


@pytest.mark.parametrize(
    "members",
    [
        {"email": None},
        {"connection": "elsewhere"},
        {"user_id": "8"},
        {"roles": []},
        {"password": None},
        {"email_verified": None, "phone_verified": True},
    ],
)
async def test_refuses_changes_that_no_user_can_have(members: dict[str, object]):
    """A user keeps a login name, its connection and its ids; hidden members stay hidden."""
    tenant = await town()
    user = await somebody(tenant)
    with pytest.raises(Refused) as caught:
        await users.change(tenant, user.id, changing(**members), ADMIN)
    assert caught.value.reason is BODY_INVALID
    assert await users.find(tenant, user.id) == user


async def test_a_change_is_meant_for_a_version():
    """A change that is meant for an earlier version is refused."""
    tenant = await town()
    user = await somebody(tenant)
    for verb in (
        lambda: users.change(tenant, user.id, changing(given_name="A"), ADMIN, {7}),
        lambda: users.delete(tenant, user.id, ADMIN, {7}),
    ):
        with pytest.raises(Refused) as caught:
            await verb()
        assert caught.value.reason is VERSION_STALE


async def test_changes_at_the_same_time_all_count():
    """Ten changes at once lose none of them."""
    tenant = await town()
    user = await somebody(tenant)
    changes = [changing(user_metadata={f"{n}": n}) for n in range(10)]
    await asyncio.gather(*(users.change(tenant, user.id, each, ADMIN) for each in changes))
    assert (await users.find(tenant, user.id)).user_metadata == {f"{n}": n for n in range(10)}


async def test_a_new_password_ends_what_the_old_one_gave():
    """Setting a password ends everything that was given before; what comes after lives."""
    tenant = await town()
    user = await somebody(tenant)
    before = await given(tenant, user)
    later(tenant, 1)
    await users.set_password(tenant, user.user_id, OTHER, ADMIN)
    assert not await lives(tenant, before)
    assert await tenant.store.revoked(Owner(tenant=tenant.id, user=user.user_id), NOW)
    later(tenant, 1)
    assert await lives(tenant, await given(tenant, user))
    assert (await verify(tenant, "ann@example.com", OTHER, ADDRESS)).id == user.id
    with pytest.raises(Refused):
        await verify(tenant, "ann@example.com", PASSWORD, ADDRESS)
    (detail,) = await said(tenant, "password_changed")
    assert detail == {"user_id": user.user_id, "fields": ["password"]}


async def test_a_user_without_password_gets_one():
    """The first password of a user is set like any other."""
    tenant = await town()
    user = await somebody(tenant, password=UNSET)
    assert await tenant.store.record(Password, tenant.id, user.id) is None
    await users.set_password(tenant, user.id, OTHER, ADMIN)
    assert await verify(tenant, "ann@example.com", OTHER, ADDRESS)


async def test_blocking_ends_everything():
    """A blocked user loses what was given, also where the clock of another process is a little ahead."""
    tenant = await town()
    user, other = await somebody(tenant), await somebody(tenant, email="bo@example.com")
    before = await given(tenant, user)
    later(tenant, 1)
    others = await given(tenant, other)
    assert (await users.block(tenant, user.user_id, ADMIN)).blocked
    assert not await lives(tenant, before)
    assert await lives(tenant, others)
    assert await tenant.store.revoked(Owner(tenant=tenant.id, user=user.user_id), tenant.now() + 1)
    # A process that died before it ended everything is made up for.
    later(tenant, 5)
    late = await given(tenant, user)
    await users.block(tenant, user.user_id, ADMIN)
    assert not await lives(tenant, late)
    assert not (await users.unblock(tenant, user.user_id, ADMIN)).blocked
    assert not (await users.change(tenant, user.id, changing(blocked=None), ADMIN)).blocked


async def test_deleting_leaves_nothing():
    """A user goes with password, consents, login names and everything that was given; twice is once."""
    tenant = await town()
    user = await somebody(tenant)
    consents = [
        Consent(tenant=tenant.id, id=f"{n}", user=name, client="app", api=None)
        for n, name in enumerate((user.user_id, "auth0|bo"))
    ]
    assert await tenant.change(*map(Save, consents)) is None
    before = await given(tenant, user)
    await users.delete(tenant, "ann@example.com", ADMIN)
    assert not await lives(tenant, before)
    assert await tenant.store.count(User, tenant.id, {}) == 0
    assert await tenant.store.count(Password, tenant.id, {}) == 0
    assert [each.user for each in await tenant.store.records(Consent, tenant.id, {}, Window())] == [
        "auth0|bo"
    ]
    for name in (user.user_id, user.id, "ann@example.com"):
        await users.delete(tenant, name, ADMIN)
    assert await said(tenant, "user_deleted") == [{"user_id": user.user_id}]
    assert (await somebody(tenant)).id != user.id


async def test_deleting_again_ends_what_a_dead_process_left():
    """What was given is ended also where the user is gone already, if the name is a user_id."""
    tenant = await town()
    ghost = User(tenant=tenant.id, id="1", user_id="auth0|ghost", connection=DATABASE)
    left = await given(tenant, ghost)
    await users.delete(tenant, ghost.user_id, ADMIN)
    assert not await lives(tenant, left)


async def test_deletes_who_has_no_password():
    """A user without password is deleted like any other."""
    tenant = await town()
    user = await somebody(tenant, password=UNSET)
    await users.delete(tenant, user.id, ADMIN)
    assert await tenant.store.count(User, tenant.id, {}) == 0


async def test_a_password_does_not_outlive_its_user():
    """Setting a password while the user is deleted leaves no password behind."""
    tenant = await town()
    user = await somebody(tenant)
    done = await asyncio.gather(
        users.set_password(tenant, user.id, OTHER, ADMIN),
        users.delete(tenant, user.id, ADMIN),
        return_exceptions=True,
    )
    assert isinstance(done[0], Refused)
    assert await tenant.store.count(Password, tenant.id, {}) == 0


async def test_tenants_do_not_share_users():
    """A user of one tenant is nobody in another."""
    tenant = await town(Clock())
    user = await somebody(tenant)
    other = elsewhere(tenant)
    for name in (user.id, user.user_id, "ann@example.com"):
        with pytest.raises(Refused):
            await users.find(other, name)
        await users.delete(other, name, ADMIN)
    assert await users.find(tenant, user.id) == user
