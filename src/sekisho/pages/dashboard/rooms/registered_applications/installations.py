"""Installations of a registered application: the clients that registered themselves, and the end of one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.pages.dashboard import arming, frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registrations
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

# What a device says of itself that people know it by, in this order.
KNOWN_BY = ("manufacturer", "model", "osName", "osVersion")


@dataclass(frozen=True, slots=True)
class Installation:
    """A client, what its device calls itself, by which statement it came, when it was last given a token."""

    client: Client
    device: str
    statement: str
    used: float | None


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    found = await seen.named(ask, tenant)
    stretch = await listing.stretch(Client, {"application": found.id}, ask, tenant)
    used = await registrations.last_used(tenant, stretch.found)
    context = {"rows": [_installation(each, used) for each in stretch.found], "stretch": stretch}
    return seen.page("registered_installations", found, context, (ask, who, tenant))


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    found = await seen.named(ask, tenant)
    client = await registrations.find(tenant, found.id, ask.names["client_id"])
    used = await registrations.last_used(tenant, (client,))
    form = arming.asks(locked=not who.may("delete:clients"))
    crumbs = (
        Crumb("registered.installations", f"{seen.path(found)}/installations"),
        Crumb("registered.delete"),
    )
    context = {"form": form, "row": _installation(client, used)}
    return seen.page("registered_installation_delete", found, context, (ask, who, tenant), *crumbs)


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it has to register anew."""
    found = await seen.named(ask, tenant)
    await registrations.delete(tenant, found.id, ask.names["client_id"], who.actor(ask))
    return frame.done("installation_deleted", f"{seen.path(found)}/installations", ask)


def _installation(client: Client, used: Mapping[str, float]) -> Installation:
    came_by = client.registration
    told = came_by.device if came_by else {}
    device = " ".join(dict.fromkeys(told[name] for name in KNOWN_BY if told.get(name)))
    return Installation(client, device, came_by.statement if came_by else "", used.get(client.client_id))
