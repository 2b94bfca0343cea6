"""Who has which role of an API, and who may use it at all."""

from collections.abc import Collection

from sekisho.change.unit import whole
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.role import RoleAssignment, group_id
from sekisho.model.user import User
from sekisho.spec.contrast import Contrast, contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import NOT_ASSIGNED
from sekisho.spec.refusals.protocol import CLIENT_GRANT_MISSING
from sekisho.store import Window
from sekisho.tenant import Tenant

MOST = 200


def groups_of(user: User) -> tuple[str, ...]:
    """The groups of a person, which are their roles in this tenant."""
    return tuple(group_id(user.tenant, role) for role in user.roles)


def groups_told(user: User, api: Api) -> tuple[str, ...]:
    """Those that tokens for an API name."""
    return groups_of(user) if api.groups_claim not in ("", "None") else ()


async def of_user(user: User, api: Api, tenant: Tenant) -> tuple[str, ...]:
    """The roles of a person, their groups' among them; refused where nobody let them in."""
    if not api.app_roles and not api.assignment_required:
        return ()
    ids = {*await _of(user.id, api, tenant), *await _of_groups(groups_of(user), api, tenant)}
    if api.assignment_required and not ids:
        words = {"principal": user.user_id, "resource": api.identifier}
        raise Refused(NOT_ASSIGNED, words=words, seen=_none())
    return _values("User", ids, api)


async def of_client(client: Client, api: Api, tenant: Tenant) -> tuple[str, ...]:
    """The roles that an application has itself."""
    if not api.app_roles and not api.assignment_required:
        return ()
    ids = set(await _of(client.id, api, tenant))
    if api.assignment_required and not ids:
        raise Refused(CLIENT_GRANT_MISSING, words={"audience": api.identifier}, seen=_none())
    return _values("Application", ids, api)


async def _of(principal: str, api: Api, tenant: Tenant) -> list[str]:
    """The ids of the roles of one principal; the one that gives no right is among them."""
    where = {"principal": principal, "api": api.identifier}
    found = await tenant.store.records(RoleAssignment, tenant.id, where, Window(limit=MOST))
    return [each.role for each in found]


async def _of_groups(groups: Collection[str], api: Api, tenant: Tenant) -> list[str]:
    """The same of any of these groups: read by the API, so that it takes one look and not one for each."""
    found = await whole(tenant, RoleAssignment, {"tag": api.identifier}) if groups else []
    return [each.role for each in found if each.principal in groups]


def _none() -> Contrast:
    return contrast("appRoleAssignmentRequired", "an assignment", "none")


def _values(member: str, ids: set[str], api: Api) -> tuple[str, ...]:
    mine = (each for each in api.app_roles if each.enabled and member in each.members)
    return tuple(each.value for each in mine if each.id in ids and each.value)
