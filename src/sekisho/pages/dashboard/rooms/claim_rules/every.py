"""All claim rules."""

from sekisho.model.tenant import ClaimRule
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MOST_RULES, Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    stretch = await listing.stretch(ClaimRule, {}, ask, tenant)
    context = {"stretch": stretch, "full": stretch.total >= MOST_RULES, "most": MOST_RULES}
    return frame.page("claim_rules", context, (Crumb("dash.claim_rules"),), (ask, who, tenant))
