"""One role: what it is called, what it carries, its end."""

from collections.abc import Awaitable, Callable

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

Deed = Callable[[Role], Awaitable[object]]


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
        form = fields.again(refused, ask.form, KINDS, said, found.version)
        return frame.refused(await _page(form, Form({}), found, (ask, who, tenant)), refused)
    return frame.done("saved", path(found), ask)


async def permit(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it carries one more."""

    async def deed(role: Role) -> None:
        await roles.permit(tenant, role.id, [carried.typed(ask.form)], who.actor(ask))

    return await _done("role_permitted", deed, (ask, who, tenant))


async def forbid(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it carries one fewer."""

    async def deed(role: Role) -> None:
        await roles.forbid(tenant, role.id, [carried.typed(ask.form)], who.actor(ask))

    return await _done("role_forbidden", deed, (ask, who, tenant))


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


async def _done(what: str, deed: Deed, visit: Visit) -> Answer:
    ask, who, tenant = visit
    found = roles.is_ordinary(await roles.find(tenant, ask.names["role"]))
    try:
        await deed(found)
    except Refused as refused:
        typed = fields.typed(ask.form, carried.KINDS)
        more = wording.at("resource_server_identifier", refused, typed)
        return frame.refused(await _page(_form(found, who), more, found, visit), refused)
    return frame.done(what, path(found), ask)


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
