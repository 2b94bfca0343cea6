"""What one user may do: roles, and permissions beside them."""

from collections.abc import Awaitable, Callable

from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.users import carried, one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import administrators, assignments, permissions, roles
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ROLE_ABSENT
from sekisho.store import Window
from sekisho.tenant import Tenant

ROLE: Kinds = {"role": "text"}
Deed = Callable[[User], Awaitable[object]]


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what they have, and where it comes from."""
    return await _page(Form({}), await one.subject(ask, who, tenant), (ask, who, tenant))


async def give(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one role more."""

    async def deed(user: User) -> None:
        role = await _meant(ask, who, tenant)
        await assignments.assign(tenant, user.id, [role.id], who.actor(ask))

    return await _done("role_given", "role", deed, (ask, who, tenant))


async def take(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one role fewer."""

    async def deed(user: User) -> None:
        role = await _meant(ask, who, tenant)
        await assignments.unassign(tenant, user.id, [role.id], who.actor(ask))

    return await _done("role_taken", "role", deed, (ask, who, tenant))


async def permit(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one permission of their own more."""

    async def deed(user: User) -> None:
        await assignments.permit(tenant, user.id, [carried.typed(ask.form)], who.actor(ask))

    return await _done("permission_given", "resource_server_identifier", deed, (ask, who, tenant))


async def forbid(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one permission of their own fewer."""

    async def deed(user: User) -> None:
        await assignments.forbid(tenant, user.id, [carried.typed(ask.form)], who.actor(ask))

    return await _done("permission_taken", "resource_server_identifier", deed, (ask, who, tenant))


async def _meant(ask: Ask, who: Administrator, tenant: Tenant) -> Role:
    """The role of this name or id, if it may be given by them, and here."""
    name = fields.typed(ask.form, ROLE)["role"] or ""
    role = await tenant.store.named(Role, tenant.id, name)
    if role is None:
        raise Refused(ROLE_ABSENT)
    await administrators.may_be_given(tenant, role, who.scopes)
    return roles.is_ordinary(role)


async def _done(what: str, field: str, deed: Deed, visit: Visit) -> Answer:
    """What was asked for, for a user who may be changed; or the page with what was wrong at the field."""
    subject = await one.changeable(*visit)
    try:
        await deed(subject.user)
    except Refused as refused:
        typed = fields.typed(visit[0].form, {**ROLE, **carried.KINDS})
        form = wording.at(field, refused, typed)
        return frame.refused(await _page(form, subject, visit), refused)
    return frame.done(what, f"{subject.path}/rights", visit[0])


async def _page(form: Form, subject: Subject, visit: Visit) -> Answer:
    _, _, tenant = visit
    user, ranks = subject.user, await administrators.roles_of_ranks(tenant)
    ranking = {role.id for role in ranks.values()}
    held = await permissions.roles_of(tenant, user)
    some = await tenant.store.records(Role, tenant.id, {}, Window(limit=carried.MOST))
    context = {
        "form": form,
        "held": [(role, role.id in ranking) for role in held],
        "rows": await carried.of_user(user, held, tenant),
        "offered": [role for role in some if role.id not in user.roles and role.id not in ranking],
        "apis": await carried.apis(tenant),
    }
    return one.page("user_rights", context, subject, visit)
