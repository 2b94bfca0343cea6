"""Settings, Members: who administers this tenant, in which rank, and who is invited to."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.artifact import Invitation
from sekisho.model.user import User
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.face import face
from sekisho.people import members, powers, users
from sekisho.people.members import Member
from sekisho.people.powers import RANKS, VIEWER
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.spec.refusals.people import LOGIN_MALFORMED
from sekisho.tenant import Tenant

PATH = "/settings/members"
CRUMB = Crumb("dash.settings", "/settings")
CHANGE = "update:tenant_settings"  # which only owners have
KINDS: Mapping[str, Kind] = {"email": "text", "rank": "text"}
BLANK: Mapping[str, str] = {"rank": VIEWER}
NONE = "none"  # what a form says where somebody shall have no rank any more
_PROBLEMS: Mapping[str, str] = {
    ALREADY_EXISTS.slug: "invalid.member_already",
    LOGIN_MALFORMED.slug: "invalid.email_malformed",
}


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody whose invitation is open, and the rank that comes with it."""

    user: User
    rank: str
    invitation: Invitation


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: all of them."""
    return await _page(fields.shown(BLANK, locked=not who.may(CHANGE)), (ask, who, tenant))


async def invite(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the link is shown once, here; the rank comes with the password that is chosen there."""
    typed = fields.typed(ask.form, KINDS)
    email, rank = typed["email"] or "", typed["rank"] or ""
    try:
        user, ticket = await members.invite(tenant, email, rank, who.actor(ask))
    except Refused as refused:
        return frame.refused(await _page(_again(refused, ask), (ask, who, tenant)), refused)
    context = {
        "link": f"{ask.root}/invitation?ticket={ticket}",
        "label": face(user).label,
        "rank": rank,
    }
    crumbs = (CRUMB, Crumb("members.title", PATH), Crumb("members.link"))
    return frame.page("settings_members_link", context, crumbs, (ask, who, tenant))


async def withdraw(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: an invitation that nobody accepted is none any more."""
    name = ask.need("user")
    if users.is_id(name):
        await members.withdraw(tenant, name, who.actor(ask))
    return frame.done("invitation_withdrawn", PATH, ask)


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: which rank one of them shall have, or none."""
    member = await members.find(tenant, ask.names["user"])
    form = fields.shown({"rank": member.rank}, locked=not who.may(CHANGE))
    return _asked(form, member, (ask, who, tenant))


async def change(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: from now on it is this one; the last owner stays one."""
    member, told = await members.find(tenant, ask.names["user"]), ask.need("rank")
    rank = members.NOTHING if told == NONE else told
    try:
        await members.change(tenant, member.user.id, rank, who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, ask.form, {"rank": "text"}, {"rank": member.rank}, 0)
        return frame.refused(_asked(form, member, (ask, who, tenant)), refused)
    if rank:
        return frame.done("member_changed", PATH, ask)
    return frame.done("member_removed", PATH, ask)


def _again(refused: Refused, ask: Ask) -> Form:
    form = fields.again(refused, ask.form, KINDS, BLANK, 0)
    if key := _PROBLEMS.get(refused.reason.slug):
        return Form(form.values, problems={"email": Problem(key, text=refused.text)})
    return form


async def _page(form: Form, visit: Visit) -> Answer:
    _, who, tenant = visit
    rows = [(face(each.user), each, each.user.id == who.user.id) for each in await members.every(tenant)]
    context = {"form": form, "rows": rows, "ranks": list(RANKS), "invited": await _invited(tenant)}
    return frame.page("settings_members", context, (CRUMB, Crumb("members.title")), visit)


async def _invited(tenant: Tenant) -> list[tuple[str, Invited]]:
    ranks = {role.id: rank for rank, role in (await powers.roles_of_ranks(tenant)).items()}
    found = []
    for each in await members.invited(tenant):
        user = await tenant.store.record(User, tenant.id, each.user)
        rank = next((ranks[id] for id in each.roles if id in ranks), "")
        if user and rank:
            found.append((face(user).label, Invited(user, rank, each)))
    return found


def _asked(form: Form, member: Member, visit: Visit) -> Answer:
    _, who, _ = visit
    context = {
        "form": form,
        "member": member,
        "label": face(member.user).label,
        "ranks": list(RANKS),
        "is_you": member.user.id == who.user.id,
    }
    crumbs = (CRUMB, Crumb("members.title", PATH), Crumb(face(member.user).label, is_key=False))
    return frame.page("settings_members_rank", context, crumbs, visit)
