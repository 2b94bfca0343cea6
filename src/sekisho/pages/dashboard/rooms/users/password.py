"""Another password for somebody: set here, or chosen by them through a link."""

from collections.abc import Mapping

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.users import create, one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"way": "text"}


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: in which way."""
    subject = await one.subject(ask, who, tenant)
    return _page(fields.shown(create.BLANK), subject, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is set, and everything that was given before ends; or the link is shown once, here."""
    subject = await one.changeable(ask, who, tenant)
    user, asked = subject.user, UserFields(password=ask.get(create.PASSWORD) or "")
    if ask.get("way") != create.PASSWORD:
        return await create.linked(user, (ask, who, tenant))
    try:
        await users.change(tenant, user.id, asked, who.actor(ask), (user.version,))
    except Refused as refused:
        form = wording.again(refused, ask.form, KINDS, create.BLANK, 0)
        return frame.refused(_page(form, subject, (ask, who, tenant)), refused)
    return frame.done("password_set", subject.path, ask)


def _page(form: Form, subject: Subject, visit: Visit) -> Answer:
    context = {"form": form, "least": least(visit[2].policy.password_shortest)}
    return one.page("user_password", context, subject, visit)
