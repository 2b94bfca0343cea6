"""All APIs."""

from sekisho.model.api import Api
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.apis.seen import seen
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    stretch = await listing.stretch(Api, {}, ask, tenant)
    context = {"rows": [seen(api, ask) for api in stretch.found], "stretch": stretch}
    return frame.page("apis", context, (Crumb("dash.apis"),), (ask, who, tenant))
