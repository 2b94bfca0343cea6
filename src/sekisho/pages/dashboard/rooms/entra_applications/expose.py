"""Expose an API: what an application is called as an API, and what others may ask of it."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

URIS, VERSION = "identifierUris", "api.requestedAccessTokenVersion"
KINDS: Mapping[str, Kind] = {
    URIS: "lines",
    VERSION: "number",
    "appRoleAssignmentRequired": "switch",
    "api.knownClientApplications": "lines",
}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    application, visit = await one.found(ask, tenant), (ask, who, tenant)
    locked = await one.is_locked(application, visit)
    return await _page(
        fields.shown(_said(application), application.version, locked=locked), application, visit
    )


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    said = _said(application)
    try:
        await one.change(fields.told(ask.form, KINDS, said), application, visit, fields.at(ask.form))
    except Refused as refused:
        form = one.at_fields(fields.again(refused, ask.form, KINDS, said, application.version), KINDS, URIS)
        return frame.refused(await _page(form, application, visit), refused)
    return frame.done("saved", head.path(application.client, "expose"), ask)


def _said(application: Application) -> Mapping[str, Any]:
    api = application.api
    return {
        URIS: list(api.identifiers[1:]) if api else [],
        VERSION: 2 if api and api.dialect == "entra_v2" else 1,
        "appRoleAssignmentRequired": bool(api and api.assignment_required),
        "api.knownClientApplications": list(api.known_clients) if api else [],
    }


async def _page(form: Form, application: Application, visit: Visit) -> Answer:
    api, tenant = application.api, visit[2]
    context = {
        "form": form,
        "api": api,
        "authorized": [
            (each, await tenant.known.named(Client, tenant.id, each.client), _values(api, each.scopes))
            for each in (api.pre_authorized if api else ())
        ],
    }
    return await head.page("application_expose", context, application.client, visit)


def _values(api: Api | None, ids: tuple[str, ...]) -> list[str]:
    return [each.value for each in (api.scopes if api else ()) if each.id in ids]
