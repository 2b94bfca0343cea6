"""Authentication: where an application is answered, by the type of the address, and what may be in it."""

from collections.abc import Mapping
from typing import Any

from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.registry.applications.client_side import IMPLICIT, PLACES
from sekisho.registry.applications.fields import AUDIENCES
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

GATES: Mapping[str, str] = {
    "web.implicitGrantSettings.enableIdTokenIssuance": "id_token",
    "web.implicitGrantSettings.enableAccessTokenIssuance": "token",
}
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(PLACES.values(), "lines"),
    "web.logoutUrl": "text",
    **dict.fromkeys(GATES, "switch"),
    "signInAudience": "text",
    "isFallbackPublicClient": "switch",
}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    application, visit = await one.found(ask, tenant), (ask, who, tenant)
    locked = await one.is_locked(application, visit)
    form = fields.shown(_said(application), application.version, locked=locked)
    return await _page(form, application, visit)


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be; an address that stays is as it was."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    said = _said(application)
    try:
        await one.change(fields.told(ask.form, KINDS, said), application, visit, fields.at(ask.form))
    except Refused as refused:
        again = fields.again(refused, ask.form, KINDS, said, application.version)
        form = one.at_fields(again, KINDS, PLACES["web"])
        return frame.refused(await _page(form, application, visit), refused)
    return frame.done("saved", head.path(application.client, "authentication"), ask)


def _said(application: Application) -> Mapping[str, Any]:
    client = application.client
    is_open = IMPLICIT in client.grant_types
    return {
        **{
            place: [each.url for each in client.reply_urls if each.kind == kind]
            for kind, place in PLACES.items()
        },
        **{name: is_open and word in client.front_channel for name, word in GATES.items()},
        "web.logoutUrl": client.front_logout_uri,
        "signInAudience": client.sign_in_audience,
        "isFallbackPublicClient": client.is_fallback_public,
    }


async def _page(form: Form, application: Application, visit: Visit) -> Answer:
    context = {"form": form, "places": PLACES, "gates": tuple(GATES), "audiences": AUDIENCES}
    return await head.page("application_authentication", context, application.client, visit)
