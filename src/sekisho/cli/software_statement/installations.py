"""The clients of registered applications, as the command line asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.change.unit import BATCH
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row, counting
from sekisho.cli.work import OPERATOR, at_work, moment
from sekisho.model.client import Client
from sekisho.registry import clients, registered_applications, registrations
from sekisho.registry.client_secrets import RotationFields
from sekisho.store import Window

DAY = 86_400
# What is told of a device in a table.
TOLD = ("manufacturer", "model", "osName", "osVersion")


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose secret is replaced, and how long the previous one stays good."""

    application: str
    client_id: str
    previous_expires_in: int


async def every(where: Where, whose: Whose, application: str) -> list[Row]:
    """All of an application, in the order of their making."""
    found: list[Row] = []
    async with at_work(where, whose.tenant) as tenant:
        id = (await registered_applications.find(tenant, application)).id
        window = Window(limit=BATCH)
        while batch := await tenant.store.records(Client, tenant.id, {"application": id}, window):
            used = await registrations.last_used(tenant, batch)
            found += [_row(each, used) for each in batch]
            window = Window(limit=BATCH, after=batch[-1].id)
    return sorted(found, key=lambda row: (str(row["created_at"]), str(row["client_id"])))


async def rotate(where: Where, whose: Whose, turn: Turn) -> Row:
    """A client with its new secret."""
    async with at_work(where, whose.tenant) as tenant:
        await registrations.find(tenant, turn.application, turn.client_id)
        asked = RotationFields(previous_expires_in=turn.previous_expires_in)
        made = await clients.rotate_secret(tenant, turn.client_id, asked, OPERATOR)
        used = await registrations.last_used(tenant, (made.client,))
    row = _row(made.client, used)
    return {"client_id": row["client_id"], "client_secret": made.secret, **row}


async def delete(where: Where, whose: Whose, application: str, client_id: str) -> None:
    """One client."""
    async with at_work(where, whose.tenant) as tenant:
        await registrations.delete(tenant, application, client_id, OPERATOR)


async def prune(where: Where, whose: Whose, application: str, days: int, *, yes: bool) -> list[str]:
    """Those that are idle, stretch by stretch, deleted where that is wanted."""
    found: list[str] = []
    async with at_work(where, whose.tenant) as tenant:
        before, after = tenant.now() - days * DAY, None
        with counting("Clients") as more:
            while True:
                if yes:
                    stretch = await registrations.prune(tenant, application, before, OPERATOR, after)
                else:
                    stretch = await registrations.idle(tenant, application, before, after)
                found += [each.client_id for each in stretch.clients]
                more(len(stretch.clients))
                after = stretch.after
                if after is None:
                    return found


def _row(each: Client, used: Mapping[str, float]) -> Row:
    came_by = each.registration
    device = came_by.device if came_by else {}
    return {
        "client_id": each.client_id,
        "name": each.name,
        "enabled": each.enabled,
        "created_at": moment(each.created_at),
        "last_used_at": moment(used.get(each.client_id)),
        "device": " ".join(device[name] for name in TOLD if name in device),
        "redirect_uris": tuple(reply.url for reply in each.reply_urls),
        "statement": came_by.statement if came_by else "",
        "generation": came_by.generation if came_by else 0,
    }
