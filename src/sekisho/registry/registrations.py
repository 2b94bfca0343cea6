"""Clients that register themselves: what an approved statement makes of a device (RFC 7591 section 3)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sekisho.change.actor import Actor
from sekisho.change.unit import BATCH, At, kept, land, whole
from sekisho.keys import secret
from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Erase, Save, Step
from sekisho.registry import clients, registered_applications
from sekisho.registry.client_secrets import Made
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT
from sekisho.spec.refusals.registration import STATEMENT_UNAPPROVED
from sekisho.spec.software.registration import redirect_is_covered
from sekisho.store import Window
from sekisho.tenant import Tenant

# What one request looks at, and finds, at most: it tells where the next one goes on.
MOST_LOOKED = 10_000
MOST_FOUND = 1_000
AT_ONCE = 50  # in one unit


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some clients of an application, and after which one to go on; None at the end."""

    clients: tuple[Client, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What registers: where its answers go, and what it says of itself."""

    redirect_uri: str = ""
    described: Mapping[str, str] = field(default_factory=dict)


async def approved(tenant: Tenant, stated: SoftwareStatement) -> RegisteredApplication:
    """The application of a statement that we signed; nobody learns why there is none any more."""
    application = await tenant.known.named(RegisteredApplication, tenant.id, stated.application)
    statement = await tenant.known.named(SoftwareStatement, tenant.id, stated.id)
    if application is None or not application.stands:
        seen = contrast("sub", "a published application", stated.application)
        debug = "there is no such application, or it was revoked"
        raise Refused(STATEMENT_UNAPPROVED, debug=debug, seen=seen)
    if statement is None or statement.revoked_at is not None or statement.application != application.id:
        seen = contrast("jti", "a statement that was not revoked", stated.id)
        raise Refused(STATEMENT_UNAPPROVED, debug="there is no such statement, or it was revoked", seen=seen)
    return application


async def register(
    tenant: Tenant, application: RegisteredApplication, statement: str, device: Device, actor: Actor
) -> Made:
    """A client of its own for one installation, with a secret that is said once."""
    if device.redirect_uri:
        redirect_is_covered(device.redirect_uri, application.domains, application.custom_schemes)
    now = tenant.now()
    text, made = secret.make(now)
    client = Client(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        client_id=str(uuid.uuid4()),
        name=application.name,
        app_type="native",
        is_first_party=False,
        reply_urls=(ReplyUrl(device.redirect_uri, "public"),) if device.redirect_uri else (),
        grant_types=("client_credentials",),
        secrets=(made,),
        registration=Registration(application=application.id, statement=statement, device=device.described),
        created_at=now,
        updated_at=now,
    )
    detail = {"client_id": client.client_id, "application": application.id, "statement": statement}
    note = replace(actor, client=client.client_id).note(tenant.audit, tenant.id, "client_registered", detail)

    async def attempt() -> tuple[Made, tuple[Step, ...]]:
        return Made(kept(client), text), (Save(client), note)

    return await land(tenant, attempt)


async def find(tenant: Tenant, application: str, client_id: str) -> Client:
    """A client of this application."""
    client = await clients.find(tenant, client_id)
    if client.registration is None or client.registration.application != application:
        raise Refused(CLIENT_ABSENT)
    return client


async def last_used(tenant: Tenant, found: Sequence[Client]) -> Mapping[str, float]:
    """When each was last given a token; those that never were are not in it."""
    await tenant.tools.uses.flush()
    return await tenant.store.last_used(tenant.id, [client.client_id for client in found])


async def delete(tenant: Tenant, application: str, client_id: str, actor: Actor, at: At = None) -> None:
    """One installation; it has to register anew, and its tokens end at once."""
    await find(tenant, application, client_id)
    await clients.delete(tenant, client_id, actor, at)


async def idle(tenant: Tenant, application: str, before: float, after: str | None = None) -> Stretch:
    """Those of a stretch that were neither made nor used since then: what `prune` would delete."""
    await registered_applications.find(tenant, application)
    found: list[Client] = []
    looked = 0
    while looked < MOST_LOOKED and len(found) <= MOST_FOUND - BATCH:
        window = Window(limit=BATCH, after=after)
        batch = await tenant.store.records(Client, tenant.id, {"application": application}, window)
        if not batch:
            return Stretch(tuple(found), None)
        found += await _unused(tenant, batch, before)
        looked += len(batch)
        after = batch[-1].id
    return Stretch(tuple(found), after)


async def prune(
    tenant: Tenant, application: str, before: float, actor: Actor, after: str | None = None
) -> Stretch:
    """Delete those of a stretch, some at a time; whoever comes back has to register anew."""
    stretch = await idle(tenant, application, before, after)
    gone: list[Client] = []
    for first in range(0, len(stretch.clients), AT_ONCE):
        gone += await _erased(tenant, stretch.clients[first : first + AT_ONCE], before, actor)
    return replace(stretch, clients=tuple(gone))


async def _erased(tenant: Tenant, doomed: Sequence[Client], before: float, actor: Actor) -> list[Client]:
    """Those that are idle still, in one unit. Nothing of theirs is good afterwards: no client, no token."""

    async def attempt() -> tuple[list[Client], tuple[Step, ...]]:
        read = [await tenant.store.record(Client, tenant.id, each.id) for each in doomed]
        gone = await _unused(tenant, [each for each in read if each], before)
        if not gone:
            return gone, ()
        names = [each.client_id for each in gone]
        grants = [grant for name in names for grant in await whole(tenant, ClientGrant, {"client_id": name})]
        came_by = gone[0].registration
        detail = {"application": came_by.application if came_by else "", "clients": names}
        note = actor.note(tenant.audit, tenant.id, "clients_pruned", detail)
        return gone, (*map(Erase, gone), *map(Erase, grants), note)

    return await land(tenant, attempt)


async def _unused(tenant: Tenant, found: Sequence[Client], before: float) -> list[Client]:
    used = await last_used(tenant, found)
    return [each for each in found if max(each.created_at, used.get(each.client_id, 0)) < before]
