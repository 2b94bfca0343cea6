"""The dashboard's own client: administrators sign in by the code flow, like everybody else."""

import uuid

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.model.client import DASHBOARD, Client, ReplyUrl
from sekisho.model.step import Save, Step
from sekisho.tenant import Tenant

NAME = "Sekisho Dashboard"
# Addresses that one tenant is administered at; with one more, the oldest is forgotten.
MOST = 20


async def wanted(tenant: Tenant, callback: str, actor: Actor) -> Client:
    """The client, which answers may go to this address of; made or told of it where that is new."""
    known = await tenant.known.named(Client, tenant.id, DASHBOARD)
    if known and _has(known, callback):
        return known

    async def attempt() -> tuple[Client, tuple[Step, ...]]:
        there = await tenant.store.named(Client, tenant.id, DASHBOARD)
        if there and _has(there, callback):
            return there, ()
        new = _with(there or _blank(tenant), callback, tenant.now())
        slug = "client_changed" if there else "client_created"
        return kept(new), (Save(new), actor.note(tenant.audit, tenant.id, slug, {"client_id": DASHBOARD}))

    return await land(tenant, attempt)


def _has(client: Client, callback: str) -> bool:
    return any(reply.url == callback for reply in client.reply_urls)


def _with(client: Client, callback: str, now: float) -> Client:
    return replace(client, reply_urls=(*client.reply_urls, ReplyUrl(url=callback))[-MOST:], updated_at=now)


def _blank(tenant: Tenant) -> Client:
    return Client(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        client_id=DASHBOARD,
        name=NAME,
        grant_types=("authorization_code",),
        token_endpoint_auth_method="none",
        created_at=tenant.now(),
    )
