"""Software statements that were given out: all of an application, and the end of one."""

from sekisho.model.software_statement import SoftwareStatement
from sekisho.pages.dashboard import arming, frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registered_applications
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    found = await seen.named(ask, tenant)
    stretch = await listing.stretch(SoftwareStatement, {"application": found.id}, ask, tenant)
    return seen.page("registered_statements", found, {"stretch": stretch}, (ask, who, tenant))


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    found = await seen.named(ask, tenant)
    form = arming.asks(locked=not who.may("delete:software_statements"))
    crumbs = (Crumb("registered.statements", f"{seen.path(found)}/statements"), Crumb("registered.revoke"))
    statement = await registered_applications.find_statement(tenant, found.id, ask.names["jti"])
    context = {"form": form, "statement": statement}
    return seen.page("registered_statement_revoke", found, context, (ask, who, tenant), *crumbs)


async def revoke(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it has ended, with the installations that came by it."""
    found, jti = await seen.named(ask, tenant), ask.names["jti"]
    await registered_applications.revoke_statement(tenant, found.id, jti, who.actor(ask))
    return frame.done("statement_revoked", f"{seen.path(found)}/statements", ask)
