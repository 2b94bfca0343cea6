"""SAML assertions for an application: whom they name, what they say, the certificates that sign them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.keys.rotation import JWKS_MAX_AGE
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.registry.applications import saml
from sekisho.registry.applications.saml import FORMATS, SOURCES, SamlFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

TAB = "saml"
KINDS: Mapping[str, Kind] = {
    "entityId": "text",
    "nameIdFormat": "text",
    "nameIdSource": "text",
    "attributes": "lines",
    "lifetime": "number",
}
TURN: Mapping[str, Kind] = {"force": "switch"}
STATES = ("current", "next", "retired")
METADATA = "FederationMetadata/2007-06/FederationMetadata.xml"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is; as it would be, where nothing was said yet."""
    application, visit = await one.found(ask, tenant), (ask, who, tenant)
    locked = await one.is_locked(application, visit)
    form = fields.shown(_said(application), application.version, locked=locked)
    return await _page(form, application, visit)


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be, all of it."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    typed = fields.typed(ask.form, KINDS)
    try:
        told = {**typed, "attributes": [_part(each) for each in typed["attributes"]] or None}
        asked = fields.converted(told, SamlFields)
        await saml.put(tenant, Meant(application.client.id, who.actor(ask), fields.at(ask.form)), asked)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, _said(application), application.version)
        # A part of an attribute has no field of its own.
        whole = {name.partition(".")[0]: why for name, why in form.problems.items()}
        return frame.refused(await _page(replace(form, problems=whole), application, visit), refused)
    return frame.done("saved", head.path(application.client, TAB), ask)


async def doubt_turn(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    application = await one.opened(ask, who, tenant)
    saml.settings(application)
    return await _asking("rotate", fields.shown({}), application, (ask, who, tenant))


async def turn(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the next certificate signs; the first time, certificates of its own are made."""
    application = await one.opened(ask, who, tenant)
    forced = fields.typed(ask.form, TURN)["force"]
    try:
        await saml.rotate(tenant, Meant(application.client.id, who.actor(ask)), forced=forced)
    except Refused as refused:
        form = fields.again(refused, ask.form, TURN, {}, 0)
        return frame.refused(await _asking("rotate", form, application, (ask, who, tenant)), refused)
    return frame.done("saved", head.path(application.client, TAB), ask)


async def doubt_end(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    application = await one.opened(ask, who, tenant)
    saml.settings(application)
    return await _asking("remove", arming.asks(locked=False), application, (ask, who, tenant))


async def end(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: assertions are as usual again."""
    application = await one.opened(ask, who, tenant)
    await saml.remove(tenant, Meant(application.client.id, who.actor(ask)))
    return frame.done("part_removed", head.path(application.client, TAB), ask)


def _part(line: str) -> dict[str, str]:
    """A name, and after a blank what it says."""
    name, _, source = line.rpartition(" ")
    return {"name": name.strip() or source, "source": source}


def _said(application: Application) -> Mapping[str, Any]:
    found = application.api.saml if application.api else None
    if found is None:
        return {"nameIdFormat": FORMATS[0], "nameIdSource": SOURCES[0], "attributes": [], "lifetime": 3_600}
    return {
        "entityId": found.entity_id,
        "nameIdFormat": found.name_id_format,
        "nameIdSource": found.name_id_source,
        "attributes": [f"{each.name} {each.source}" for each in found.attributes or ()],
        "lifetime": found.lifetime,
    }


async def _page(form: Form, application: Application, visit: Visit) -> Answer:
    client, api, tenant = application.client, application.api, visit[2]
    found = [each for each in await saml.certificates(tenant, application) if each.state in STATES]
    context = {
        "form": form,
        "is_said": api is not None and api.saml is not None,
        "formats": FORMATS,
        "sources": SOURCES,
        "recipient": saml.recipient(client),
        "metadata": f"/{tenant.id}/{METADATA}?appid={client.client_id}",
        "certificates": sorted(found, key=lambda each: STATES.index(each.state)),
    }
    return await head.page("application_saml", context, client, visit)


async def _asking(what: str, form: Form, application: Application, visit: Visit) -> Answer:
    """One of the two pages that ask."""
    found = await saml.certificates(visit[2], application)
    coming = next((each for each in found if each.state == "next"), None)
    context = {
        "form": form,
        "has_own": bool(found),
        "is_early": coming is not None and coming.published_at + JWKS_MAX_AGE > visit[2].now(),
        "crumb": (Crumb("entra.saml", head.path(application.client, TAB)), Crumb(f"entra.saml_{what}")),
    }
    return await head.page(f"application_saml_{what}", context, application.client, visit)
