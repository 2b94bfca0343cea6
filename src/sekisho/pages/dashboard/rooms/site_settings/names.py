"""Settings by their names and texts as they are kept, known ones and any other."""

from collections.abc import Mapping
from dataclasses import replace

from sekisho.model.tenant import SiteSetting
from sekisho.pages.dashboard import arming, fields, frame, listing, problems
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.registry.portal import site_settings
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import SETTING_ABSENT
from sekisho.tenant import Tenant

ROOM = "/site-settings/names"
NEW: Mapping[str, Kind] = {"name": "text", "value": "text"}
KINDS: Mapping[str, Kind] = {"value": "text"}
_WAY = (Crumb("dash.site_settings", "/site-settings"), Crumb("site_settings.names", ROOM))


async def every(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of those that are set."""
    stretch = await listing.stretch(SiteSetting, {}, ask, tenant)
    return frame.page("site_settings_names", {"stretch": stretch}, _WAY, (ask, who, tenant))


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the form of one more."""
    return _new(fields.shown({}), (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is set; one that is there already is not overwritten from here."""
    typed = fields.typed(ask.form, NEW)
    name, value = typed["name"] or "", typed["value"] or ""
    try:
        await site_settings.put(tenant, name, value, who.actor(ask), ())
    except Refused as refused:
        form = fields.again(refused, ask.form, NEW, {}, 0)
        if problems.is_stale(refused):
            form = replace(form, problems={"name": Problem("invalid.setting_is_there")})
        return frame.refused(_new(form, (ask, who, tenant)), refused)
    return frame.done("setting_set", ROOM, ask)


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: one of them."""
    found = await _named(ask, tenant)
    locked = not who.may("update:site_settings")
    return _one(fields.shown({"value": found.value}, found.version, locked=locked), found, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: what it says from now on."""
    found = await _named(ask, tenant)
    value = fields.typed(ask.form, KINDS)["value"] or ""
    try:
        await site_settings.put(tenant, found.name, value, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {"value": found.value}, found.version)
        return frame.refused(_one(form, found, (ask, who, tenant)), refused)
    return frame.done("saved", ROOM, ask)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    context = {"form": arming.asks(locked=False), "setting": await _named(ask, tenant)}
    crumbs = (*_WAY, Crumb("site_settings.delete"))
    return frame.page("site_settings_name_delete", context, crumbs, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it has its default again."""
    found = await _named(ask, tenant)
    await site_settings.delete(tenant, found.name, who.actor(ask))
    return frame.done("setting_deleted", ROOM, ask)


async def _named(ask: Ask, tenant: Tenant) -> SiteSetting:
    """By its id: a name may have anything in it."""
    found = await tenant.store.record(SiteSetting, tenant.id, ask.names["setting"])
    if found is None:
        raise Refused(SETTING_ABSENT)
    return found


def _new(form: Form, visit: Visit) -> Answer:
    crumbs = (*_WAY, Crumb("site_settings.add_name"))
    return frame.page("site_settings_name_new", {"form": form}, crumbs, visit)


def _one(form: Form, found: SiteSetting, visit: Visit) -> Answer:
    crumbs = (*_WAY, Crumb(found.name, is_key=False))
    return frame.page("site_settings_name", {"form": form, "setting": found}, crumbs, visit)
