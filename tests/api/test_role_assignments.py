"""/api/v2/appRoleAssignments."""

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT
from sekisho.model.client_grant import ClientGrant
from sekisho.model.role import NO_ROLE, Role, RoleAssignment
from sekisho.model.step import Erase, Save
from tests.tenants import client
from tests.visitor import person

CLERK, ROBOT, OLD = (f"a0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
AYA, MACHINE = person().id, client().id


def role(id, value, member, **more):
    """A role of an application."""
    whole = {"id": id, "value": value, "displayName": value, "allowedMemberTypes": [member]}
    return {**whole, **more}


@pytest.fixture
async def orders(desk) -> dict:
    """An application with roles; a person, a group and another application."""
    group = Role(tenant=desk.tenant.id, id="rol_" + "a" * 16, name="Staff")
    assert await desk.tenant.change(Save(client()), Save(person()), Save(group)) is None
    roles = [role(CLERK, "clerk", "User"), role(ROBOT, "robot", "Application")]
    told = {"displayName": "Orders", "appRoles": [*roles, role(OLD, "old", "User", isEnabled=False)]}
    made: dict = await desk.made("POST /applications", told)
    return made


def body(orders, **told):
    """Aya is a clerk."""
    whole = {"principalId": AYA, "principalType": "User", "resourceId": orders["appId"]}
    return {**whole, "appRoleId": CLERK, **told}


async def test_roles_are_given_and_taken(desk, orders):
    """To people, to groups, and to applications; without a role: that they may use it at all."""
    group = Role(tenant=desk.tenant.id, id="rol_" + "a" * 16, name="Staff").object_id
    answer = await desk.ask("POST /appRoleAssignments", body(orders))
    assert answer.status == 201
    made = answer.json
    assert made == {**body(orders), "id": made["id"], "createdDateTime": made["createdDateTime"]}
    place = f"/appRoleAssignments/{made['id']}"
    assert (await desk.ask(f"GET {place}")).json == made
    robot = {"principalId": MACHINE.upper(), "principalType": "ServicePrincipal", "appRoleId": ROBOT}
    robot = await desk.made("POST /appRoleAssignments", body(orders, **robot))
    assert robot["principalId"] == MACHINE
    staff = {"principalId": group, "principalType": "Group", "appRoleId": None}
    staff = await desk.made("POST /appRoleAssignments", body(orders, **staff))
    assert staff["appRoleId"] == NO_ROLE
    for names in (
        {"principalId": "auth0|aya"},
        {"principalId": "rol_" + "a" * 16, "principalType": "Group", "appRoleId": NO_ROLE},
        {"principalId": "machine", "principalType": "ServicePrincipal", "appRoleId": ROBOT},
    ):
        assert (await desk.ask("POST /appRoleAssignments", body(orders, **names))).status == 409
    for query, found in (
        ("", [made, robot, staff]),
        (f"principalId={AYA}", [made]),
        (f"resourceId={orders['appId']}", [made, robot, staff]),
        ("resourceId=other", []),
    ):
        seen = (await desk.ask(f"GET /appRoleAssignments?{query}")).json
        assert sorted(seen, key=str) == sorted(found, key=str), query
    assert (await desk.ask("POST /appRoleAssignments", body(orders))).status == 409
    for each in (made, robot, staff):
        assert (await desk.ask(f"DELETE /appRoleAssignments/{each['id']}")).status == 204
    for method in ("GET", "DELETE"):
        answer = await desk.ask(f"{method} {place}")
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_app_role_assignment")
    assert desk.refused.reason.slug == "assignment_absent"
    logs = (await desk.ask("GET /logs")).json
    told = [each["description"] for each in logs if "app role" in each["description"]]
    assert told == [*["Delete an app role assignment"] * 3, *["Assign an app role"] * 3]


async def test_what_is_not_for_somebody_is_not_given(desk, orders):
    """Roles of applications are not for people nor the other way round; nobody unknown has any."""
    robot = {"principalType": "ServicePrincipal", "principalId": MACHINE}
    nobody = AYA.replace("4", "5")
    for told, status, code in (
        ({"appRoleId": ROBOT}, 400, "invalid_body"),
        ({"appRoleId": OLD}, 400, "invalid_body"),
        ({"appRoleId": nobody}, 400, "invalid_body"),
        ({**robot, "appRoleId": CLERK}, 400, "invalid_body"),
        ({"principalId": nobody}, 404, "inexistent_user"),
        ({"principalId": MACHINE}, 404, "inexistent_user"),
        ({"principalId": "aya"}, 404, "inexistent_user"),
        ({"principalType": "Group"}, 404, "inexistent_role"),
        ({**robot, "principalId": AYA, "appRoleId": ROBOT}, 404, "inexistent_client"),
        ({"resourceId": "other"}, 404, "inexistent_resource_server"),
        ({"resourceId": "machine"}, 404, "inexistent_resource_server"),
        ({"principalType": "Toaster"}, 400, "invalid_body"),
    ):
        answer = await desk.ask("POST /appRoleAssignments", body(orders, **told))
        assert (answer.status, answer.json["errorCode"]) == (status, code), told
    assert await desk.tenant.store.count(RoleAssignment, desk.tenant.id, {}) == 0


async def test_an_application_that_may_do_more_is_left_alone(desk, orders):
    """Who may do less gives it no role and takes none, unless it is gone. Reason: client_above."""
    robot = {"principalId": MACHINE, "principalType": "ServicePrincipal", "appRoleId": ROBOT}
    made = await desk.made("POST /appRoleAssignments", body(orders, **robot))
    grant = ClientGrant(tenant=desk.tenant.id, id="cgr_1", client_id="machine", audience=MANAGEMENT)
    assert await desk.tenant.change(Save(replace(grant, scopes=("delete:users",)))) is None
    token = desk.token("create:app_role_assignments", "delete:app_role_assignments")
    place = f"DELETE /appRoleAssignments/{made['id']}"
    more = body(orders, **{**robot, "appRoleId": NO_ROLE})
    for line, told in (("POST /appRoleAssignments", more), (place, None)):
        assert (await desk.ask(line, told, token)).status == 403
        assert desk.refused.reason.slug == "client_above"
    there = await desk.tenant.store.record(type(client()), desk.tenant.id, MACHINE)
    assert await desk.tenant.change(Erase(there)) is None
    assert (await desk.ask(place, token=token)).status == 204
