"""Roles, permissions, and who has them."""

import asyncio
from collections.abc import Awaitable

import pytest
from msgspec.structs import replace

from sekisho.change import fields
from sekisho.model.api import Scope
from sekisho.model.role import Role
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.people import assignments, permissions, roles, users
from sekisho.people.permissions import PermissionFields
from sekisho.people.roles import RoleFields
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, API_ABSENT, BODY_INVALID, VERSION_STALE
from sekisho.spec.refusals.people import ROLE_ABSENT, USER_ABSENT
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADMIN, somebody, things, town
from tests.tenants import AUDIENCE, api

READ = PermissionFields(permission_name="read:things", resource_server_identifier=AUDIENCE)
WRITE = PermissionFields(permission_name="write:things", resource_server_identifier=AUDIENCE)


async def role(tenant: Tenant, name: str = "clerk", *carries: PermissionFields) -> Role:
    """A role that carries something."""
    made = await roles.create(tenant, RoleFields(name=name), ADMIN)
    return await roles.permit(tenant, made.id, carries, ADMIN) if carries else made


async def may(tenant: Tenant, user: User) -> tuple[str, ...]:
    """What a user may do at the API, as it is now."""
    there = await things(tenant)
    return await permissions.of_user(tenant, await users.find(tenant, user.id), there)


async def refused(made: Awaitable[object]) -> Reason:
    """Why this is refused."""
    with pytest.raises(Refused) as caught:
        await made
    return caught.value.reason


async def said(tenant: Tenant) -> list[str]:
    """What the audit says, oldest first, users aside."""
    events = await tenant.store.events(tenant.id, {}, Window())
    return [event.slug for event in reversed(events) if event.slug != "user_created"]


async def test_a_role_is_created_changed_and_deleted():
    """A role has an id for ever and a name that no other role has."""
    tenant = await town()
    made = await roles.create(tenant, fields.creation({"name": "clerk"}, RoleFields), ADMIN)
    assert made.id.startswith("rol_")
    assert len(made.id) == 20
    assert await roles.find(tenant, made.id) == made
    asked = fields.amendment({"description": "Sorts things"}, RoleFields)
    new = await roles.change(tenant, made.id, asked, ADMIN)
    assert (new.name, new.description, new.version) == ("clerk", "Sorts things", 2)
    assert await refused(roles.create(tenant, RoleFields(name="clerk"), ADMIN)) is ALREADY_EXISTS
    assert await refused(roles.change(tenant, made.id, asked, ADMIN, {1})) is VERSION_STALE
    assert await refused(roles.delete(tenant, made.id, ADMIN, {1})) is VERSION_STALE
    await roles.delete(tenant, made.id, ADMIN, {2})
    for gone in (made.id, "clerk", "rol_", "x" * 9999):
        assert await refused(roles.find(tenant, gone)) is ROLE_ABSENT
    assert await said(tenant) == ["role_created", "role_changed", "role_deleted"]


@pytest.mark.parametrize(
    "members", [{}, {"name": ""}, {"name": "<b>"}, {"name": "x" * 51}, {"name": "a", "permissions": []}]
)
async def test_refuses_what_no_role_can_be(members: dict[str, object]):
    """A role has a plain name; what it carries is not said along with it."""
    tenant = await town()
    with pytest.raises(Refused) as caught:
        await roles.create(tenant, fields.creation(members, RoleFields), ADMIN)
    assert caught.value.reason is BODY_INVALID


async def test_a_user_may_what_is_permitted_directly_and_by_roles():
    """The permissions of a user are its own and those of all its roles, in the order of the API."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant, "clerk", WRITE)
    assert await may(tenant, user) == ()
    await assignments.permit(tenant, user.user_id, [READ], ADMIN)
    assert await may(tenant, user) == ("read:things",)
    await assignments.assign(tenant, user.user_id, [clerk.id], ADMIN)
    assert await may(tenant, user) == ("read:things", "write:things")
    await assignments.forbid(tenant, user.user_id, [READ, WRITE], ADMIN)
    assert await may(tenant, user) == ("write:things",)
    await roles.forbid(tenant, clerk.id, [WRITE], ADMIN)
    assert await may(tenant, user) == ()
    await roles.permit(tenant, clerk.id, [READ, READ], ADMIN)
    assert await may(tenant, user) == ("read:things",)
    assert [one.id for one in await permissions.roles_of(tenant, await users.find(tenant, user.id))] == [
        clerk.id
    ]
    (found,) = await tenant.store.records(User, tenant.id, {"tag": clerk.id}, Window())
    assert found.id == user.id
    await assignments.unassign(tenant, user.user_id, [clerk.id, "rol_other"], ADMIN)
    assert await may(tenant, user) == ()
    assert await tenant.store.records(User, tenant.id, {"tag": clerk.id}, Window()) == []
    told = ["role_created", "role_permitted", "user_permitted", "roles_assigned", "user_forbidden"]
    assert await said(tenant) == [*told, "role_forbidden", "role_permitted", "roles_unassigned"]


async def test_an_assignment_is_in_the_audit():
    """The audit says who got what."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant)
    await assignments.assign(tenant, user.user_id, [clerk.id], ADMIN)
    await assignments.permit(tenant, user.user_id, [READ], ADMIN)
    first, second = await tenant.store.events(tenant.id, {}, Window(limit=2))
    assert second.detail == {"user_id": user.user_id, "names": [clerk.id]}
    assert first.detail == {"user_id": user.user_id, "names": [f"read:things {AUDIENCE}"]}


async def test_a_deleted_role_gives_nothing():
    """What a deleted role carried is gone at once for everybody, and makes room for another role."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant, "clerk", READ)
    await assignments.assign(tenant, user.id, [clerk.id], ADMIN)
    await roles.delete(tenant, clerk.id, ADMIN)
    assert await may(tenant, user) == ()
    # Not even a role that is called like it.
    await role(tenant, clerk.id, WRITE)
    assert await may(tenant, user) == ()
    other = await role(tenant, "other")
    assert (await assignments.assign(tenant, user.id, [other.id], ADMIN)).roles == (other.id,)


async def test_a_permission_ends_with_its_scope():
    """A scope or an API that is made again under the same name is another one: nobody has it yet."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant, "clerk", READ)
    await assignments.assign(tenant, user.id, [clerk.id], ADMIN)
    await assignments.permit(tenant, user.id, [WRITE], ADMIN)
    there = await things(tenant)
    again = tuple(Scope(id=f"new {each.value}", value=each.value) for each in there.scopes)
    assert await tenant.change(Save(replace(there, scopes=again))) is None
    assert await may(tenant, user) == ()
    await assignments.permit(tenant, user.id, [WRITE], ADMIN)
    assert await may(tenant, user) == ("write:things",)
    # The old one is taken away by its name, too.
    assert (await assignments.forbid(tenant, user.id, [WRITE], ADMIN)).permissions == ()


async def test_a_disabled_scope_is_nobodys():
    """A scope that is switched off is given to nobody, whoever has the permission."""
    tenant = await town()
    user = await somebody(tenant)
    await assignments.permit(tenant, user.id, [READ, WRITE], ADMIN)
    there = await things(tenant)
    off = tuple(replace(each, enabled=each.value != "read:things") for each in there.scopes)
    assert await tenant.change(Save(replace(there, scopes=off))) is None
    assert await may(tenant, user) == ("write:things",)


async def test_only_what_is_there_can_be_given():
    """Roles, APIs, scopes and users have to exist."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant)
    other = PermissionFields(permission_name="fly", resource_server_identifier=AUDIENCE)
    away = PermissionFields(
        permission_name="read:things", resource_server_identifier="https://away.example.com"
    )
    assert await refused(assignments.assign(tenant, user.id, ["rol_" + "x" * 16], ADMIN)) is ROLE_ABSENT
    assert await refused(assignments.assign(tenant, "nobody", [clerk.id], ADMIN)) is USER_ABSENT
    assert await refused(assignments.permit(tenant, user.id, [other], ADMIN)) is BODY_INVALID
    assert await refused(roles.permit(tenant, clerk.id, [away], ADMIN)) is API_ABSENT
    assert await refused(roles.permit(tenant, "rol_", [READ], ADMIN)) is ROLE_ABSENT
    assert await tenant.change(Erase(await things(tenant))) is None
    assert await refused(assignments.permit(tenant, user.id, [READ], ADMIN)) is API_ABSENT


async def test_what_is_given_has_a_bound():
    """Fifty roles, and a thousand permissions, at once and in the end."""
    tenant = await town()
    user, clerk = await somebody(tenant), await role(tenant)
    many = [f"rol_{n:016}" for n in range(assignments.MOST_ROLES)]
    assert await tenant.change(*(Save(Role(tenant=tenant.id, id=id, name=id)) for id in many)) is None
    await assignments.assign(tenant, user.id, many, ADMIN)
    assert await refused(assignments.assign(tenant, user.id, [clerk.id], ADMIN)) is BODY_INVALID
    assert await refused(assignments.unassign(tenant, user.id, [*many, "x"], ADMIN)) is BODY_INVALID
    too_many = [READ] * (permissions.MOST + 1)
    for made in (
        assignments.permit(tenant, user.id, too_many, ADMIN),
        assignments.forbid(tenant, user.id, too_many, ADMIN),
        roles.permit(tenant, clerk.id, too_many, ADMIN),
    ):
        assert await refused(made) is BODY_INVALID
    scopes = tuple(Scope(id=f"s{n}", value=f"s{n}") for n in range(permissions.MOST))
    wide = api(id="b" * 24, identifiers=("https://wide.example.com",), scopes=scopes)
    assert await tenant.change(Save(wide)) is None
    asked = [
        PermissionFields(permission_name=each.value, resource_server_identifier=wide.identifier)
        for each in scopes
    ]
    await roles.permit(tenant, clerk.id, asked, ADMIN)
    assert await refused(roles.permit(tenant, clerk.id, [READ], ADMIN)) is BODY_INVALID


async def test_assignments_at_the_same_time_all_count():
    """Roles that are given at the same time are all there."""
    tenant = await town()
    user = await somebody(tenant)
    made = [await role(tenant, f"role {n}") for n in range(8)]
    await asyncio.gather(*(assignments.assign(tenant, user.id, [each.id], ADMIN) for each in made))
    assert set((await users.find(tenant, user.id)).roles) == {each.id for each in made}
