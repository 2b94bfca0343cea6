"""All registered applications."""

from sekisho.model.registered_application import RegisteredApplication
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.registered_applications.seen import path
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    stretch = await listing.stretch(RegisteredApplication, {}, ask, tenant)
    context = {"rows": [(each, path(each)) for each in stretch.found], "stretch": stretch}
    crumbs = (Crumb("dash.registered_applications"),)
    return frame.page("registered_applications", context, crumbs, (ask, who, tenant))
