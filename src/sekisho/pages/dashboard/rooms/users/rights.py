"""What one user may do: roles, and permissions beside them."""

from collections.abc import Awaitable, Callable, Mapping

from sekisho.model.role import Role
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.users import carried, one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import assignments, permissions, powers, roles
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.people import ROLE_ABSENT
from sekisho.store import Window
from sekisho.tenant import Tenant

ROLE: Mapping[str, Kind] = {"role": "text"}
Deed = Callable[[Subject, Visit], Awaitable[Answer]]


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what they have, and where it comes from."""
    return await _page(Form({}), await one.subject(ask, who, tenant), (ask, who, tenant))


async def change(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: a role or a permission more, or one fewer; what is wrong is said at its field."""
    subject = await one.changeable(ask, who, tenant)
    deed = _DEEDS.get(ask.need("deed"))
    if deed is None:
        raise Refused(NOT_FOUND)
    try:
        return await deed(subject, (ask, who, tenant))
    except Refused as refused:
        typed = fields.typed(ask.form, {**ROLE, **carried.KINDS})
        field = "role" if typed["role"] else "resource_server_identifier"
        form = wording.at(field, refused, typed)
        return frame.refused(await _page(form, subject, (ask, who, tenant)), refused)


async def _give(subject: Subject, visit: Visit) -> Answer:
    ask, who, tenant = visit
    role = await _meant(*visit)
    await assignments.assign(tenant, subject.user.id, [role.id], who.actor(ask))
    return frame.done("role_given", f"{subject.path}/rights", ask)


async def _take(subject: Subject, visit: Visit) -> Answer:
    ask, who, tenant = visit
    role = await _meant(*visit)
    await assignments.unassign(tenant, subject.user.id, [role.id], who.actor(ask))
    return frame.done("role_taken", f"{subject.path}/rights", ask)


async def _permit(subject: Subject, visit: Visit) -> Answer:
    ask, who, tenant = visit
    await assignments.permit(tenant, subject.user.id, [carried.typed(ask.form)], who.actor(ask))
    return frame.done("permission_given", f"{subject.path}/rights", ask)


async def _forbid(subject: Subject, visit: Visit) -> Answer:
    ask, who, tenant = visit
    await assignments.forbid(tenant, subject.user.id, [carried.typed(ask.form)], who.actor(ask))
    return frame.done("permission_taken", f"{subject.path}/rights", ask)


_DEEDS: Mapping[str, Deed] = {"give": _give, "take": _take, "permit": _permit, "forbid": _forbid}


async def _meant(ask: Ask, who: Administrator, tenant: Tenant) -> Role:
    """The role of this name or id, if it may be given by them, and here."""
    name = fields.typed(ask.form, ROLE)["role"] or ""
    role = await tenant.store.named(Role, tenant.id, name)
    if role is None:
        raise Refused(ROLE_ABSENT)
    await powers.may_be_given(tenant, role, who.scopes)
    return roles.is_ordinary(role)


async def _page(form: Form, subject: Subject, visit: Visit) -> Answer:
    _, _, tenant = visit
    user, ranks = subject.user, await powers.roles_of_ranks(tenant)
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
