"""What people agreed to: asked once, remembered, taken back (OpenID Connect Core 1.0 section 3.1.2.4)."""

import uuid

from msgspec.structs import replace

from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.consent import Consent
from sekisho.model.step import Erase, Note, Save
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.store import Window
from sekisho.tenant import Tenant

MOST = 1_000
TRIES = 5


async def agreed(user: str, client: Client, api: str | None, tenant: Tenant) -> Consent | None:
    """What a person agreed to for a client, at one API or at the server itself."""
    return await tenant.store.named(Consent, tenant.id, f"{user} {client.client_id} {api or '*'}")


def giving(wanted: Consent, before: Consent | None) -> Save:
    """The step that remembers it, together with what was agreed to before."""
    if before is None:
        return Save(wanted)
    scopes = tuple(dict.fromkeys((*before.scopes, *wanted.scopes)))
    return Save(replace(before, scopes=scopes, updated_at=wanted.updated_at))


def new(user: str, client: Client, api: str | None, scopes: tuple[str, ...], now: float) -> Consent:
    """An agreement that was just made."""
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


async def take_back(user: str, client_id: str, tenant: Tenant, note: Note) -> None:
    """The client has nothing from this person any more: agreements, refresh tokens, access tokens."""
    for _ in range(TRIES):
        mine = [each for each in await of_user(user, tenant) if each.client == client_id]
        if await tenant.change(*map(Erase, mine), note) is None:
            await tenant.store.revoke(Owner(tenant=tenant.id, user=user, client=client_id), tenant.now())
            return
    raise Refused(OVERLOADED, debug="the agreements kept changing meanwhile")
