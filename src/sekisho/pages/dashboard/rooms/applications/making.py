"""A new application: its type decides what it is asked for, and what it may ask."""

from collections.abc import Mapping

from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.head import TYPES
from sekisho.pages.dashboard.rooms.applications import settings
from sekisho.registry import clients
from sekisho.registry.client_fields import ClientFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"name": "text", "app_type": "text"}
CRUMBS = (Crumb("dash.applications", "/applications"), Crumb("applications.create"))


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: which type, which name."""
    return _page(fields.shown({"app_type": TYPES[0]}), (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: its settings, with its secret on top where it has one; nobody says that again."""
    visit = (ask, who, tenant)
    try:
        asked = fields.asked(ask.form, KINDS, {"name": None}, ClientFields)
        made = await clients.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        return frame.refused(_page(fields.again(refused, ask.form, KINDS, {}, 0), visit), refused)
    if made.secret:
        return await settings.page_of(made.client, visit, made.secret)
    return frame.done("application_created", head.path(made.client, "settings"), ask)


def _page(form: Form, visit: Visit) -> Answer:
    return frame.page("application_new", {"form": form, "types": TYPES}, CRUMBS, visit)
