"""All users, found by what they sign in with, by their id, or by a role."""

from collections.abc import Mapping
from dataclasses import replace

from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.listing import Stretch
from sekisho.pages.face import face
from sekisho.people import roles, users
from sekisho.spec import login
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.store.nouns import FIRST_ADDRESSES
from sekisho.tenant import Tenant

SHORTEST = 3  # of the beginning of an address


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    sought, role = listing.sought(ask), await _role(ask, tenant)
    stretch = await _found(sought, role, ask, tenant)
    context = {
        "rows": [(face(user), user) for user in stretch.found],
        "stretch": stretch,
        "sought": sought,
        "role": role,
        "first": FIRST_ADDRESSES if sought and (stretch.next or stretch.first) else 0,
        "short": 0 < len(sought) < SHORTEST,
    }
    return frame.page("users", context, (Crumb("dash.users"),), (ask, who, tenant))


async def _role(ask: Ask, tenant: Tenant) -> Role | None:
    wanted = one(ask.query, "role")
    return await roles.find(tenant, wanted) if wanted else None


async def _found(sought: str, role: Role | None, ask: Ask, tenant: Tenant) -> Stretch[User]:
    """Those of a role; or somebody of this very name, and then whose address begins like this."""
    if role:
        return await listing.uncounted(User, {"tag": role.id}, ask, tenant)
    if not sought:
        return await listing.stretch(User, {}, ask, tenant)
    only = await _named(sought, tenant)
    where = _beginning(sought)
    found: Stretch[User] = Stretch((), 0, "", "")
    if where:
        found = await listing.uncounted(User, where, ask, tenant)
    if only is None or listing.cursor(ask) or only in found.found:
        return found
    return replace(found, found=(only, *found.found))


async def _named(sought: str, tenant: Tenant) -> User | None:
    try:
        return await users.find(tenant, sought)
    except Refused:
        return None


def _beginning(sought: str) -> Mapping[str, str]:
    """An id is nobody's beginning, and what is too short would be almost everybody's."""
    if users.is_id(sought) or len(sought) < SHORTEST:
        return {}
    # Not all of them: where nearly everybody begins like this, that would take seconds.
    return {"first_addresses": login.beginning(sought)}
