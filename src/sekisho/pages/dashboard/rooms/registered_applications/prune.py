"""Installations that nobody uses any more, some thousands at a time."""

from sekisho.pages import forms
from sekisho.pages.dashboard import arming, frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registrations
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant

DAY = 86_400
USUAL_DAYS, MOST_DAYS = 365, 3_650
LONGEST = 4


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: how many would go, among those that are looked at now."""
    found, days = await seen.named(ask, tenant), _days(ask)
    stretch = await registrations.idle(tenant, found.id, tenant.now() - days * DAY, listing.cursor(ask))
    context = {
        "form": arming.asks(locked=not (stretch.clients and who.may("delete:clients"))),
        "days": days,
        "most": MOST_DAYS,
        "count": len(stretch.clients),
        "looked": forms.query(("days", str(days)), ("after", listing.cursor(ask) or "")),
        "next": forms.query(("days", str(days)), ("after", stretch.after)) if stretch.after else "",
    }
    crumbs = (
        Crumb("registered.installations", f"{seen.path(found)}/installations"),
        Crumb("registered.prune"),
    )
    return seen.page("registered_prune", found, context, (ask, who, tenant), *crumbs)


async def prune(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: they are gone; where there are more to look at, on with those."""
    found, days = await seen.named(ask, tenant), _days(ask)
    before, after = tenant.now() - days * DAY, listing.cursor(ask)
    gone = await registrations.prune(tenant, found.id, before, who.actor(ask), after)
    path = f"{seen.path(found)}/installations"
    if gone.after is None:
        return frame.done("installations_pruned", path, ask)
    more = forms.query(("days", str(days)), ("after", gone.after), ("done", "installations_pruned"))
    return forms.redirect(f"{ask.root}{frame.HOME}{path}/prune{more}")


def _days(ask: Ask) -> int:
    told = one(ask.query, "days") or ""
    days = int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST else 0
    return days if 1 <= days <= MOST_DAYS else USUAL_DAYS
