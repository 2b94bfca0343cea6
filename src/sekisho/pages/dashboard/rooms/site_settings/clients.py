"""Clients of the portal: each with the pages that its answers may go to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.pages.dashboard import arming, fields, frame, problems
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.site_settings.standing import standing
from sekisho.registry.portal import clients
from sekisho.registry.portal.clients import PortalClient
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

ROOM = "/site-settings"
NEW: Mapping[str, Kind] = {"client_id": "text", "RedirectUri": "lines"}
KINDS: Mapping[str, Kind] = {"RedirectUri": "lines", "EngagementAttributesAsText": "switch"}


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the form of one more."""
    return _new(fields.shown({"RedirectUri": [f"{ask.root}/"]}), (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is registered."""
    typed = fields.typed(ask.form, NEW)
    client = PortalClient(client_id=typed["client_id"] or "", redirect_uris=tuple(typed["RedirectUri"]))
    now = await standing(tenant, clients.names_of(client.client_id))
    try:
        # What another client has been given is not overwritten from here.
        await clients.put(tenant, client, who.actor(ask), dict.fromkeys(now.names, 0))
    except Refused as refused:
        form = fields.again(refused, ask.form, NEW, {}, 0)
        if problems.is_stale(refused):
            form = replace(form, problems={"client_id": Problem("invalid.client_is_there")})
        form = _at_its_fields(form, client.client_id)
        return frame.refused(_new(form, (ask, who, tenant)), refused)
    return frame.done("client_registered", ROOM, ask)


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: one of them."""
    client = await clients.find(tenant, ask.names["client_id"])
    now = await standing(tenant, clients.names_of(client.client_id))
    form = fields.shown(_said(client), now.version, locked=not who.may("update:site_settings"))
    return _one(form, client, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: where its answers may go from now on; one that was left over is registered again."""
    client = await clients.find(tenant, ask.names["client_id"])
    now = await standing(tenant, clients.names_of(client.client_id))
    typed = fields.typed(ask.form, KINDS)
    wanted = PortalClient(
        client_id=client.client_id,
        redirect_uris=tuple(typed["RedirectUri"]),
        engagement_as_text=typed["EngagementAttributesAsText"],
    )
    try:
        now.is_meant(ask.form)
        await clients.put(tenant, wanted, who.actor(ask), now.versions)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, _said(client), now.version)
        return frame.refused(
            _one(_at_its_fields(form, client.client_id), client, (ask, who, tenant)), refused
        )
    return frame.done("saved", ROOM, ask)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    client = await clients.find(tenant, ask.names["client_id"])
    context = {"form": arming.asks(locked=False), "client": client}
    crumbs = (*_way(client), Crumb("site_settings.remove"))
    return frame.page("site_settings_client_remove", context, crumbs, (ask, who, tenant))


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it gets no token any more."""
    await clients.remove(tenant, ask.names["client_id"], who.actor(ask))
    return frame.done("client_removed", ROOM, ask)


def _said(client: PortalClient) -> dict[str, Any]:
    return {
        "RedirectUri": list(client.redirect_uris),
        "EngagementAttributesAsText": client.engagement_as_text,
    }


def _at_its_fields(form: Form, client_id: str) -> Form:
    """What is wrong with a setting is wrong with the field that is the end of its name."""
    places = {name: name.rpartition("/")[2] for name in clients.names_of(client_id)}
    return replace(form, problems={places.get(name, name): why for name, why in form.problems.items()})


def _new(form: Form, visit: Visit) -> Answer:
    crumbs = (Crumb("dash.site_settings", ROOM), Crumb("site_settings.add_client"))
    return frame.page("site_settings_client_new", {"form": form}, crumbs, visit)


def _one(form: Form, client: PortalClient, visit: Visit) -> Answer:
    context = {"form": form, "client": client}
    return frame.page("site_settings_client", context, _way(client), visit)


def _way(client: PortalClient) -> tuple[Crumb, Crumb]:
    path = f"{ROOM}/clients/{frame.segment(client.client_id)}"
    return Crumb("dash.site_settings", ROOM), Crumb(client.client_id, path, is_key=False)
