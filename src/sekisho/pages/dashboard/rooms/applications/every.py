"""All applications, found by what they are called, by their client ids and by their callback URLs."""

from sekisho.model.client import Client
from sekisho.pages.caller import caller
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.head import TYPES
from sekisho.pages.dashboard.rooms.applications import safety
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them. Installations of registered applications are listed where those are."""
    sought, kind = listing.sought(ask), listing.sought(ask, "type")
    asked = {"words": sought, "app_type": kind}
    where = {"application": "", **{name: value for name, value in asked.items() if value}}
    stretch = await listing.stretch(Client, where, ask, tenant)
    now = tenant.now()
    context = {
        "rows": [(caller(client), client, safety.of(client, now)) for client in stretch.found],
        "stretch": stretch,
        "sought": sought,
        "kind": kind,
        "types": TYPES,
    }
    return frame.page("applications", context, (Crumb("dash.applications"),), (ask, who, tenant))
