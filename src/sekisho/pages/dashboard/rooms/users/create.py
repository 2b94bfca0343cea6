"""A new user: with a password that is told to them, or with a link by which they choose one."""

from collections.abc import Mapping

from sekisho.model.connection import DATABASE
from sekisho.model.user import User
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.users import one, wording
from sekisho.pages.face import face
from sekisho.people import invitations, users
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"email": "text", "username": "text", "name": "text", "way": "text"}
BLANK: Mapping[str, str] = {"way": "link"}
PASSWORD = "password"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: nothing filled in."""
    return _page(fields.shown(BLANK), (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: they are there; the link is shown once, here."""
    told = {name: value for name, value in fields.typed(ask.form, KINDS).items() if value}
    way = told.pop("way", "")
    if way == PASSWORD:
        told[PASSWORD] = ask.get(PASSWORD) or ""
    try:
        asked = fields.converted({**told, "connection": DATABASE}, UserFields)
        user = await users.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        form = wording.again(refused, ask.form, KINDS, BLANK, 0)
        return frame.refused(_page(form, (ask, who, tenant)), refused)
    if way == PASSWORD:
        return frame.done("user_created", one.path(user), ask)
    return await linked(user, (ask, who, tenant))


async def linked(user: User, visit: Visit) -> Answer:
    """A link by which this user sets a password, shown on this answer alone."""
    ask, who, tenant = visit
    ticket = await invitations.invite(tenant, user.id, who.actor(ask))
    context = {
        "link": f"{ask.root}/invitation?ticket={ticket}",
        "label": face(user).label,
        "onward": one.path(user),
    }
    crumbs = (one.CRUMB, Crumb(face(user).label, one.path(user), is_key=False), Crumb("users.link"))
    return frame.page("user_link", context, crumbs, visit)


def _page(form: Form, visit: Visit) -> Answer:
    context = {"form": form, "least": least(visit[2].policy.password_shortest)}
    return frame.page("user_new", context, (one.CRUMB, Crumb("users.new")), visit)
