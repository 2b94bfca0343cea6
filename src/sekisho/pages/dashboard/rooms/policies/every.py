"""All policies as sentences, and the simulation beside them."""

from sekisho.model.tenant import AccessPolicy
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.policies import counted, guessing, told
from sekisho.spec.http import Answer, Ask
from sekisho.store import Window
from sekisho.tenant import MOST_POLICIES, Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: every one of them; there are only so many."""
    found = await tenant.store.records(AccessPolicy, tenant.id, {}, Window(limit=MOST_POLICIES))
    policies = sorted(found, key=lambda each: (each.terms.state == "disabled", each.name.casefold()))
    context = {
        "sentences": await told.sentences(policies, tenant),
        "counts": await counted.counts(tenant) if who.may("read:logs") else None,
        "trial": await guessing.tried(ask, who, tenant),
        "full": len(found) >= MOST_POLICIES,
        "most": MOST_POLICIES,
    }
    return frame.page("policies", context, (Crumb("dash.policies"),), (ask, who, tenant))
