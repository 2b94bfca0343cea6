"""What people agreed to: asked once, remembered, taken back (OpenID Connect Core 1.0 section 3.1.2.4)."""

import uuid

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import land, whole
from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.consent import Consent
from sekisho.model.step import Erase, Note, Save, Step
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.store import Window
from sekisho.store.nouns import EVERYBODY
from sekisho.tenant import Tenant

MOST = 1_000
TRIES = 5


async def agreed(user: str | None, client: Client, api: str | None, tenant: Tenant) -> Consent | None:
    """What a person (None: everybody) agreed to for a client, at one API or at the server itself."""
    return await tenant.store.named(Consent, tenant.id, f"{user or '*'} {client.client_id} {api or '*'}")


def giving(wanted: Consent, before: Consent | None) -> Save:
    """The step that remembers it, together with what was agreed to before."""
    if before is None:
        return Save(wanted)
    scopes = tuple(dict.fromkeys((*before.scopes, *wanted.scopes)))
    return Save(replace(before, scopes=scopes, updated_at=wanted.updated_at))


def new(user: str | None, client: Client, api: str | None, scopes: tuple[str, ...], now: float) -> Consent:
    """An agreement that was just made, by a person or (None) for everybody."""
    return Consent(
        tenant=client.tenant,
        id=str(uuid.uuid4()),
        user=user,
        client=client.client_id,
        api=api,
        scopes=scopes,
        created_at=now,
        updated_at=now,
    )


async def of_user(user: str, tenant: Tenant) -> list[Consent]:
    """Everything that a person agreed to."""
    return await tenant.store.records(Consent, tenant.id, {"user_id": user}, Window(limit=MOST))


async def of_everybody(tenant: Tenant) -> list[Consent]:
    """What administrators agreed to for everybody."""
    return await tenant.store.records(Consent, tenant.id, {"tag": EVERYBODY}, Window(limit=MOST))


async def withdraw(tenant: Tenant, id: str, actor: Actor) -> None:
    """One agreement ends. No token tells by which one it came: the client loses all tokens of this person.

    An unknown one is gone already.
    """
    ended: list[Consent] = []

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        found = await tenant.store.record(Consent, tenant.id, id)
        if found is None:
            return None, ()
        ended[:] = [found]
        return None, (Erase(found), _withdrawn(tenant, found.user, found.client, actor))

    await land(tenant, attempt)
    for each in ended:
        await tenant.store.revoke(Owner(tenant=tenant.id, user=each.user, client=each.client), tenant.now())


async def withdraw_all(tenant: Tenant, user: str, actor: Actor) -> None:
    """Whatever a person agreed to ends, and what it gave."""
    for client in sorted({each.client for each in await whole(tenant, Consent, {"user_id": user})}):
        await disconnect(tenant, user, client, actor)


async def disconnect(tenant: Tenant, user: str, client: str, actor: Actor) -> None:
    """The client has nothing from this person any more, at whatever API."""
    await take_back(user, client, tenant, _withdrawn(tenant, user, client, actor))


def _withdrawn(tenant: Tenant, user: str | None, client: str, actor: Actor) -> Note:
    detail = {"user_id": user or "", "client_id": client}
    return actor.note(tenant.audit, tenant.id, "consent_withdrawn", detail)


async def take_back(user: str, client_id: str, tenant: Tenant, note: Note) -> None:
    """The client has nothing from this person any more: agreements, refresh tokens, access tokens."""
    for _ in range(TRIES):
        mine = [each for each in await of_user(user, tenant) if each.client == client_id]
        if await tenant.change(*map(Erase, mine), note) is None:
            await tenant.store.revoke(Owner(tenant=tenant.id, user=user, client=client_id), tenant.now())
            return
    raise Refused(OVERLOADED, debug="the agreements kept changing meanwhile")
