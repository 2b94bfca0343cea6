"""All signing keys, ring by ring."""

from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.signing_keys import seen
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

KEY_SET = "/.well-known/jwks.json"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what signs, what will, what did."""
    context = {
        "turnings": await seen.turnings(tenant),
        "pinned": await seen.pinned(tenant),
        "until": seen.until,
        "key_set": ask.root + KEY_SET,
        "may_rotate": who.may("create:signing_keys") and who.may("update:signing_keys"),
    }
    return frame.page("signing_keys", context, (Crumb("dash.signing_keys"),), (ask, who, tenant))
