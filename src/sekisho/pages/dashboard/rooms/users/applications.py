"""Which applications one user let in, and what they may do."""

from sekisho.pages.account import connected
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.users import one
from sekisho.people import consents
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import GRANT_ABSENT
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: all of them, the latest first."""
    subject = await one.subject(ask, who, tenant)
    context = {
        "connected": await connected.of_user(subject.user, tenant),
        "may_end": who.may("delete:grants") and not subject.above,
    }
    return one.page("user_applications", context, subject, (ask, who, tenant))


async def withdraw(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the application has nothing from this person any more."""
    subject, client = await one.changeable(ask, who, tenant), ask.need("client")
    if client not in {each.caller.id for each in await connected.of_user(subject.user, tenant)}:
        raise Refused(GRANT_ABSENT)
    await consents.disconnect(tenant, subject.user.user_id, client, who.actor(ask))
    return frame.done("app_disconnected", f"{subject.path}/applications", ask)
