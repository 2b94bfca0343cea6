"""All applications, found by what they are called."""

from sekisho.model.client import Client
from sekisho.pages.caller import caller
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    sought = listing.sought(ask)
    stretch = await listing.stretch(Client, {}, ask, tenant)
    rows = [(caller(client), client) for client in stretch.found]
    context = {"rows": rows, "stretch": stretch, "sought": sought}
    return frame.page("applications", context, (Crumb("dash.applications"),), (ask, who, tenant))
