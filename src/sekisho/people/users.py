"""Users: found, created, changed, blocked, deleted."""

import re
import secrets
import uuid

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import written
from sekisho.change.unit import At, kept, land, meant, whole
from sekisho.keys import password_hash
from sekisho.model.artifact import Owner
from sekisho.model.connection import Connection
from sekisho.model.consent import Consent
from sekisho.model.password import Factor
from sekisho.model.step import Erase, Save, Step
from sekisho.model.user import User
from sekisho.people import lockout, passwords, powers
from sekisho.people.user_fields import UserFields, changed, one_identity_changes
from sekisho.spec import login
from sekisho.spec.metadata import problem
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant

# Clocks of processes differ: what one of them began by its own clock before a user ended, ends too.
SETTLED = 2.0
DATABASE = "auth0"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_USER_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}\|[A-Za-z0-9._~|-]{1,190}")


def is_id(name: str) -> bool:
    """It is a GUID or a user_id, and no login name: those may pass from one person to another."""
    return bool(_GUID.fullmatch(name) or _USER_ID.fullmatch(name))


async def find(tenant: Tenant, name: str) -> User:
    """The user of this GUID, user_id or login name."""
    user = await _found(tenant, name)
    if user is None:
        raise Refused(USER_ABSENT)
    return user


async def changeable(tenant: Tenant, name: str, actor: Actor) -> User:
    """The same, for somebody who may do all that they may."""
    user = await find(tenant, name)
    await powers.may_be_changed(tenant, user, actor.scopes)
    return user


async def of_login(tenant: Tenant, canonical: str) -> User | None:
    """The user of a login name in its canonical form."""
    return await tenant.store.named(User, tenant.id, canonical)


async def create(tenant: Tenant, asked: UserFields, actor: Actor, imported: str | None = None) -> User:
    """A new user; the password may come as a hash that another server made."""
    user, steps = await born(tenant, asked, imported)
    note = actor.note(tenant.audit, tenant.id, "user_created", {"user_id": user.user_id})

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        return kept(user), (*steps, note)

    return await land(tenant, attempt)


async def born(
    tenant: Tenant, asked: UserFields, imported: str | None = None
) -> tuple[User, tuple[Step, ...]]:
    """Who is to be, and the steps that make them: nothing is written yet, nobody was looked up."""
    now, suffix = tenant.now(), asked.user_id or secrets.token_hex(12)
    blank = User(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        user_id=f"{DATABASE}|{suffix}",
        connection=await _database(tenant, asked.connection or ""),
        created_at=now,
        updated_at=now,
    )
    user = changed(blank, asked)
    hashed = await _hash(tenant, user, asked, imported)
    password = (await passwords.saved(tenant, user, hashed),) if hashed else ()
    return user, (Save(user), *password)


async def change(tenant: Tenant, name: str, asked: UserFields, actor: Actor, at: At = None) -> User:
    """A user, changed. A new password, and a block, end everything that was given to the user before.

    Who is not blocked can sign in, also after too many wrong passwords.
    """
    one_identity_changes(asked)
    user = await find(tenant, name)
    hashed = await _hash(tenant, changed(user, asked), asked, None)
    detail = {"user_id": user.user_id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "password_changed" if hashed else "user_changed", detail)

    async def attempt() -> tuple[User, tuple[Step, ...]]:
        # By the GUID: a login name may belong to somebody else by now.
        there = meant(await changeable(tenant, user.id, actor), at)
        new = changed(there, asked)
        if new == there and not hashed:
            return there, ()
        stays = await another_stays(tenant, actor, there, new)
        new = replace(new, updated_at=tenant.now())
        password = (await passwords.saved(tenant, there, hashed),) if hashed else ()
        return kept(new), (Save(new), *password, *stays, note)

    new = await land(tenant, attempt)
    # Also where it was blocked already: the process that did that may have died before this.
    if asked.blocked is True or hashed:
        await end(tenant, new.user_id, SETTLED if new.blocked else 0)
    if asked.blocked is False:
        await lockout.lift(tenant, new.id)
    return new


async def set_password(tenant: Tenant, name: str, text: str, actor: Actor) -> User:
    """Another password; whoever signed in with the old one is signed out everywhere."""
    return await change(tenant, name, UserFields(password=text), actor)


async def block(tenant: Tenant, name: str, actor: Actor) -> User:
    """The user cannot sign in, and what was given to it ends."""
    return await change(tenant, name, UserFields(blocked=True), actor)


async def unblock(tenant: Tenant, name: str, actor: Actor) -> User:
    """The user can sign in again."""
    return await change(tenant, name, UserFields(blocked=False), actor)


async def delete(tenant: Tenant, name: str, actor: Actor, at: At = None) -> None:
    """The user, the password, the consents, and everything that was given. An unknown one is gone already."""
    ended: list[str] = []

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        user = await _found(tenant, name)
        if user is None:
            return None, ()
        await powers.may_be_changed(tenant, user, actor.scopes)
        stays = await another_stays(tenant, actor, user)
        ended[:] = [user.user_id]
        held = await passwords.of_user(tenant, meant(user, at))
        left = [
            *([held] if held else []),
            *await whole(tenant, Consent, {"user_id": user.user_id}),
            *await whole(tenant, Factor, {"user_guid": user.id}),
        ]
        note = actor.note(tenant.audit, tenant.id, "user_deleted", {"user_id": user.user_id})
        return None, (Erase(user), *map(Erase, left), *stays, note)

    await land(tenant, attempt)
    # Also where it was gone already: the process that deleted it may have died before this.
    for user_id in ended or ([name] if _USER_ID.fullmatch(name) else []):
        await end(tenant, user_id, SETTLED)


async def another_stays(
    tenant: Tenant, actor: Actor, user: User, became: User | None = None
) -> tuple[Step, ...]:
    """An owner, for everybody but whoever runs the installation, who can appoint one at any time."""
    return () if actor.scopes is None else await powers.another_stays(tenant, user, became)


async def end(tenant: Tenant, user_id: str, later: float = 0) -> None:
    """Whatever began until now in the name of this user: sessions, codes, tokens, invitations."""
    await tenant.store.revoke(Owner(tenant=tenant.id, user=user_id), tenant.now() + later)


async def _found(tenant: Tenant, name: str) -> User | None:
    if _GUID.fullmatch(name):
        return await tenant.store.record(User, tenant.id, name)
    if _USER_ID.fullmatch(name):
        return await tenant.store.named(User, tenant.id, name)
    try:
        return await of_login(tenant, login.canonical(name))
    except Refused:
        return None


async def _database(tenant: Tenant, name: str) -> str:
    """The connection has its users here."""
    connection = await tenant.store.named(Connection, tenant.id, name) if name else None
    if connection is None or connection.strategy != DATABASE:
        raise problem("connection", "The connection does not exist, or keeps its users elsewhere")
    return connection.name


async def _hash(tenant: Tenant, user: User, asked: UserFields, imported: str | None) -> str:
    """What is to be kept of a password; empty where none is said."""
    if imported is not None:
        password_hash.read(imported)
        return imported
    return await passwords.hashed(tenant, asked.password, user) if isinstance(asked.password, str) else ""
