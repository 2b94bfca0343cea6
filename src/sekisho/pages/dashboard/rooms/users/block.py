"""Whether somebody may sign in at all."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.users import one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

BLOCK, UNBLOCK = "block", "unblock"


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: whether that shall be different."""
    subject = await one.subject(ask, who, tenant)
    locked = subject.above or not who.may("update:users")
    return _page(fields.shown({}, locked=locked), subject, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: blocked, and everything that was given before ends; or not blocked any more."""
    subject, blocked = await one.changeable(ask, who, tenant), ask.need("decision") == BLOCK
    user = subject.user
    try:
        await users.change(tenant, user.id, UserFields(blocked=blocked), who.actor(ask), (user.version,))
    except Refused as refused:
        form = wording.at("", refused, {})
        return frame.refused(_page(form, subject, (ask, who, tenant)), refused)
    if blocked:
        return frame.done("user_blocked", subject.path, ask)
    return frame.done("user_unblocked", subject.path, ask)


def _page(form: Form, subject: Subject, visit: Visit) -> Answer:
    return one.page("user_block", {"form": form}, subject, visit)
