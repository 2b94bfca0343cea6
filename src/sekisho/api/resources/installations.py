"""/api/v2/registered-applications/{id}/clients: the installations that registered themselves."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field

from sekisho.api import match, query, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, together
from sekisho.api.operation import Parameter, Words
from sekisho.api.view import Maybe
from sekisho.change import fields
from sekisho.change.fields import Perhaps
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.registry import clients, registered_applications, registrations
from sekisho.registry.client_secrets import RotationFields
from sekisho.registry.registrations import Stretch
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant

READ = ("read:clients", "read:client_keys")
DAY = 86_400
MOST_DAYS = 3_650
USUAL_DAYS = 365
Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)]
Cursor = Annotated[str, Meta(max_length=128)]
INSTALLATIONS = Listing(Client, "clients")
TAKES = (
    Parameter(
        "unused_for_days",
        Days,
        Words(
            f"Not used for so many days: {USUAL_DAYS} unless said.",
            f"この日数以上使われていないもの（既定 {USUAL_DAYS}）。",
        ),
    ),
    Parameter("from", str, Words("What next said in the step before.", "前回の next の値。")),
)


class InstallationSeen(Struct, kw_only=True):
    """A client that registered itself. `client_secret` is in the answer that makes it, and in no other."""

    client_id: str
    client_secret: Maybe[str] = UNSET
    name: str
    enabled: bool
    created_at: str
    last_used_at: Maybe[str] = UNSET
    statement: str
    generation: int
    device: Mapping[str, str]
    redirect_uris: Sequence[str]


class IdleSeen(Struct, kw_only=True):
    """Clients that were not used: those of a stretch, and where the next one begins, if there is more."""

    unused_for_days: int
    dry_run: bool
    count: int
    client_ids: Sequence[str]
    next: Maybe[str] = UNSET


class PruneFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which clients go: those that were not used for so many days. `dry_run` shows them and deletes none."""

    NEEDS: ClassVar[tuple[str, ...]] = ("unused_for_days",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    unused_for_days: Days | UnsetType = UNSET
    dry_run: Perhaps[bool] = UNSET
    after: Perhaps[Cursor] = field(name="from", default=UNSET)


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /registered-applications/{id}/clients."""
    application = await registered_applications.find(tenant, ask.names["id"])

    async def look(found: Sequence[Client]) -> list[view.View]:
        used = await registrations.last_used(tenant, found)
        return [view.members(_seen(each, used.get(each.client_id))) for each in found]

    return await together(ask, tenant, INSTALLATIONS, look, {"application": application.id})


async def rotate_secret(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST …/clients/{client_id}/rotate-secret: what was asked for with the previous one ends."""
    asked = fields.amendment(document.parse(ask.body or b"{}"), RotationFields)
    id, at = ask.names["client_id"], match.versions(ask)
    await registrations.find(tenant, ask.names["id"], id)
    made = await clients.rotate_secret(tenant, id, asked, actor(bearer, ask), at)
    used = await registrations.last_used(tenant, (made.client,))
    seen = _seen(made.client, used.get(id), made.secret)
    return view.shown(view.members(seen), version=made.client.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE …/clients/{client_id}."""
    id, client_id = ask.names["id"], ask.names["client_id"]
    await registrations.delete(tenant, id, client_id, actor(bearer, ask), match.versions(ask))
    return view.nothing()


async def idle(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET …/clients/idle: what a prune would delete."""
    days = query.number(ask, "unused_for_days", USUAL_DAYS, MOST_DAYS)
    if days == 0:
        raise query.invalid("Expected a number from 1: unused_for_days")
    before = tenant.now() - days * DAY
    found = await registrations.idle(tenant, ask.names["id"], before, one(ask.query, "from"))
    return _shown(found, days, dry_run=True)


async def prune(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST …/clients/prune: deletes nothing unless `dry_run` is false."""
    asked = fields.creation(document.parse(ask.body), PruneFields)
    days = asked.unused_for_days if isinstance(asked.unused_for_days, int) else USUAL_DAYS
    id, before, after = (
        ask.names["id"],
        tenant.now() - days * DAY,
        asked.after if isinstance(asked.after, str) and asked.after else None,
    )
    if asked.dry_run is not False:
        return _shown(await registrations.idle(tenant, id, before, after), days, dry_run=True)
    gone = await registrations.prune(tenant, id, before, actor(bearer, ask), after)
    return _shown(gone, days, dry_run=False)


def _shown(found: Stretch, days: int, *, dry_run: bool) -> Answer:
    seen = IdleSeen(
        unused_for_days=days,
        dry_run=dry_run,
        count=len(found.clients),
        client_ids=[each.client_id for each in found.clients],
        next=found.after or UNSET,
    )
    return view.shown(view.members(seen))


def _seen(client: Client, used: float | None, secret: str | None = None) -> InstallationSeen:
    came_by = client.registration
    if came_by is None:
        raise LookupError("this client did not register itself")
    return InstallationSeen(
        client_id=client.client_id,
        client_secret=secret or UNSET,
        name=client.name,
        enabled=client.enabled,
        created_at=view.moment(client.created_at),
        last_used_at=UNSET if used is None else view.moment(used),
        statement=came_by.statement,
        generation=came_by.generation,
        device=came_by.device,
        redirect_uris=[reply.url for reply in client.reply_urls],
    )
