"""What a registered application is: said for a new one, changed while it is a draft, locked ever after."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.model.registered_application import RegisteredApplication
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registered_applications
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

# `release` is `version` on the wire, which is the record's own in a form.
KINDS: Mapping[str, Kind] = {
    "name": "text",
    "release": "text",
    "channels": "lines",
    "platforms": "lines",
    "domains": "lines",
    "custom_schemes": "lines",
    "scopes": "lines",
}
BLANK: Mapping[str, Any] = {"name": "", "release": "1.0.0"}


async def begin(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the empty form."""
    locked = not who.may("create:registered_applications")
    return _blank(fields.shown(BLANK, locked=locked), (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: here it is, as a draft."""
    try:
        made = await registered_applications.create(tenant, _asked(ask.form, {}), who.actor(ask))
    except Refused as refused:
        return frame.refused(_blank(_again(refused, ask.form, {}, 0), (ask, who, tenant)), refused)
    return frame.done("application_drafted", seen.path(made), ask)


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    found = await seen.named(ask, tenant)
    locked = found.state != "draft" or not who.may("update:registered_applications")
    form = fields.shown(_said(found), found.version, locked=locked)
    return _page(form, found, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    found = await seen.named(ask, tenant)
    said = _said(found)
    try:
        asked, at = _asked(ask.form, said), fields.at(ask.form)
        await registered_applications.change(tenant, found.id, asked, who.actor(ask), at)
    except Refused as refused:
        form = _again(refused, ask.form, said, found.version)
        return frame.refused(_page(form, found, (ask, who, tenant)), refused)
    return frame.done("saved", seen.path(found), ask)


def _said(application: RegisteredApplication) -> Mapping[str, Any]:
    told = {name: getattr(application, name) for name in KINDS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _asked(form: Pairs, said: Mapping[str, Any]) -> ApplicationFields:
    told = {name: value for name, value in fields.typed(form, KINDS).items() if value != said.get(name)}
    if "release" in told:
        told["version"] = told.pop("release")
    return fields.converted(told, ApplicationFields)


def _again(refused: Refused, form: Pairs, said: Mapping[str, Any], current: int) -> Form:
    found = fields.again(refused, form, KINDS, said, current)
    places = {"release" if name == "version" else name: why for name, why in found.problems.items()}
    return replace(found, problems=places)


def _blank(form: Form, visit: Visit) -> Answer:
    return frame.page("registered_new", {"form": form}, (seen.ALL, Crumb("registered.create")), visit)


def _page(form: Form, application: RegisteredApplication, visit: Visit) -> Answer:
    return seen.page("registered_settings", application, {"form": form}, visit)
