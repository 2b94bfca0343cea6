"""How a verb writes: read, decide, write at that version; read again when somebody was faster."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.role import Role, RoleAssignment
from sekisho.model.step import Note, PutOnce, Save, Step
from sekisho.model.tenant import ClaimRule, TenantRecord
from sekisho.model.user import User
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, VERSION_STALE
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

T = TypeVar("T")
R = TypeVar("R", bound=Record)
# The versions that a change is meant for; None for whichever is there.
At: TypeAlias = Collection[int] | None

TRIES = 25
BATCH = 500
CALLED: Mapping[type[Record], str] = {
    Api: "The resource server",
    ClaimRule: "A rule for this claim",
    Client: "The client",
    ClientGrant: "The client grant",
    Consent: "The grant",
    Role: "The role",
    RoleAssignment: "The assignment",
    TenantRecord: "The tenant",
    User: "The user",
}


async def land(tenant: Tenant, attempt: Callable[[], Awaitable[tuple[T, tuple[Step, ...]]]]) -> T:
    """What an attempt made, once its steps are on disk. Each attempt reads anew: no update is lost."""
    for _ in range(TRIES):
        made, steps = await attempt()
        lost = await tenant.change(*steps) if steps else None
        if lost is None:
            return made
        # What may be done once was done by somebody faster: the next attempt finds it.
        if lost.why == "duplicate" and not isinstance(lost.step, PutOnce):
            raise taken(lost.step)
    raise Refused(VERSION_STALE)


async def amend(
    tenant: Tenant, find: Callable[[], Awaitable[R]], changed: Callable[[R], R], note: Note, at: At = None
) -> R:
    """A record, changed; writing what is there already is no change."""

    async def attempt() -> tuple[R, tuple[Step, ...]]:
        record = meant(await find(), at)
        new = changed(record)
        if new == record:
            return record, ()
        new = replace(new, updated_at=tenant.now())
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def whole(tenant: Tenant, kind: type[R], where: Where) -> list[R]:
    """All that match, batch by batch."""
    found: list[R] = []
    window = Window(limit=BATCH)
    while batch := await tenant.store.records(kind, tenant.id, where, window):
        found += batch
        window = Window(limit=BATCH, after=batch[-1].id)
    return found


def meant(record: R, at: At) -> R:
    """The record, if the change is meant for this version of it."""
    if at is not None and record.version not in at:
        raise Refused(VERSION_STALE, debug=f"it is at version {record.version}")
    return record


def kept(record: R) -> R:
    """The record as it stands after it was saved."""
    return replace(record, version=record.version + 1)


def taken(step: Step) -> Refused:
    """A name belongs to another one already."""
    what = CALLED.get(type(step.record), "It") if isinstance(step, Save) else "It"
    return Refused(ALREADY_EXISTS, words={"what": what})
