"""All roles, and a new one."""

from collections.abc import Mapping

from sekisho.model.role import Role
from sekisho.pages.dashboard import fields, frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.users import one, wording
from sekisho.people import permissions
from sekisho.people import roles as every
from sekisho.people.roles import RoleFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"name": "text", "description": "text"}
CRUMB = Crumb("users.roles", "/users/roles")


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    stretch = await listing.stretch(Role, {}, ask, tenant)
    rows = [(role, bool(permissions.of_administrators(role.permissions))) for role in stretch.found]
    context = {"rows": rows, "stretch": stretch}
    return frame.page("users_roles", context, (one.CRUMB, Crumb("users.roles")), (ask, who, tenant))


async def form(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: nothing filled in."""
    return _page(fields.shown({}), (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is there, and carries nothing yet."""
    try:
        asked = fields.asked(ask.form, KINDS, {"description": ""}, RoleFields)
        role = await every.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        again = wording.named(refused, ask.form, KINDS, {}, 0)
        return frame.refused(_page(again, (ask, who, tenant)), refused)
    return frame.done("role_created", path(role), ask)


def path(role: Role) -> str:
    """Where the page of a role is."""
    return f"/users/roles/{frame.segment(role.id)}"


def _page(form: Form, visit: Visit) -> Answer:
    return frame.page("users_role_new", {"form": form}, (one.CRUMB, CRUMB, Crumb("users.role_new")), visit)
