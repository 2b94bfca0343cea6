"""The two turns in the life of a registered application: it is published, it is revoked."""

from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.pages.dashboard import arming, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registered_applications
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def before_publishing(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would be fixed for ever."""
    found = await seen.named(ask, tenant)
    form = arming.asks(locked=found.state != "draft" or not who.may("update:registered_applications"))
    crumb = Crumb("registered.publish")
    return seen.page("registered_publish", found, {"form": form}, (ask, who, tenant), crumb)


async def publish(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: from now on there are statements."""
    found = await seen.named(ask, tenant)
    await registered_applications.publish(tenant, found.id, who.actor(ask))
    return frame.done("application_published", f"{seen.path(found)}/statements", ask)


async def before_revoking(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    found = await seen.named(ask, tenant)
    locked = found.state == "revoked" or not who.may("delete:registered_applications")
    return await _revoking(arming.asks(locked=locked), found, (ask, who, tenant))


async def revoke(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it has ended, with its statements, its installations and their tokens."""
    found = await seen.named(ask, tenant)
    if not arming.is_armed(ask.form, found.name):
        return arming.again(await _revoking(arming.unarmed(ask.form), found, (ask, who, tenant)))
    await registered_applications.revoke(tenant, found.id, who.actor(ask))
    return frame.done("application_revoked", seen.path(found), ask)


async def _revoking(form: Form, application: RegisteredApplication, visit: Visit) -> Answer:
    tenant, where = visit[2], {"application": application.id}
    context = {
        "form": form,
        "statements": await tenant.store.count(SoftwareStatement, tenant.id, where),
        "installations": await tenant.store.count(Client, tenant.id, where),
    }
    return seen.page("registered_revoke", application, context, visit, Crumb("registered.revoke"))
