"""One role: what it is called, what it carries, its end."""

from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.pages.dashboard import arming, fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.users import carried, one, wording
from sekisho.pages.dashboard.rooms.users.roles import CRUMB, KINDS, path
from sekisho.people import permissions, roles
from sekisho.people.roles import RoleFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

FORBID = "forbid"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    found = await roles.find(tenant, ask.names["role"])
    return await _page(_form(found, who), Form({}), found, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: called something else."""
    found = await roles.find(tenant, ask.names["role"])
    said = _said(found)
    try:
        asked = fields.asked(ask.form, KINDS, said, RoleFields)
        await roles.change(tenant, found.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = wording.named(refused, ask.form, KINDS, said, found.version)
        return frame.refused(await _page(form, Form({}), found, (ask, who, tenant)), refused)
    return frame.done("saved", path(found), ask)


async def change(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it carries one more, or one fewer."""
    found = roles.is_ordinary(await roles.find(tenant, ask.names["role"]))
    try:
        asked = [carried.typed(ask.form)]
        if ask.get("deed") == FORBID:
            await roles.forbid(tenant, found.id, asked, who.actor(ask))
            return frame.done("role_forbidden", path(found), ask)
        await roles.permit(tenant, found.id, asked, who.actor(ask))
    except Refused as refused:
        more = wording.at("resource_server_identifier", refused, fields.typed(ask.form, carried.KINDS))
        return frame.refused(await _page(_form(found, who), more, found, (ask, who, tenant)), refused)
    return frame.done("role_permitted", path(found), ask)


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: whether it shall be gone."""
    found = await roles.find(tenant, ask.names["role"])
    locked = _is_ranks(found) or not who.may("delete:roles")
    return await _asked(arming.asks(locked=locked), found, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: nobody has it any more."""
    found = await roles.find(tenant, ask.names["role"])
    if not arming.is_armed(ask.form, found.name):
        return await _asked(arming.unarmed(ask.form), found, (ask, who, tenant))
    await roles.delete(tenant, found.id, who.actor(ask))
    return frame.done("role_deleted", "/users/roles", ask)


def _is_ranks(role: Role) -> bool:
    return bool(permissions.of_administrators(role.permissions))


def _said(role: Role) -> dict[str, str]:
    return {"name": role.name, "description": role.description}


def _form(role: Role, who: Administrator) -> Form:
    locked = _is_ranks(role) or not who.may("update:roles")
    return fields.shown(_said(role), role.version, locked=locked)


async def _page(form: Form, more: Form, role: Role, visit: Visit) -> Answer:
    tenant = visit[2]
    context = {
        "form": form,
        "more": more,
        "role": role,
        "ranks": _is_ranks(role),
        "rows": await carried.of_role(role, tenant),
        "apis": await carried.apis(tenant),
        "members": await tenant.store.count(User, tenant.id, {"tag": role.id}),
    }
    return frame.page("users_role", context, (one.CRUMB, CRUMB, Crumb(role.name, is_key=False)), visit)


async def _asked(form: Form, role: Role, visit: Visit) -> Answer:
    tenant = visit[2]
    context = {
        "form": form,
        "role": role,
        "members": await tenant.store.count(User, tenant.id, {"tag": role.id}),
    }
    crumbs = (one.CRUMB, CRUMB, Crumb(role.name, path(role), is_key=False), Crumb("users.delete"))
    return frame.page("users_role_delete", context, crumbs, visit)
