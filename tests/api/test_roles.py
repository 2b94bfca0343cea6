"""/api/v2/roles, and what users are given."""

import re

import pytest

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api
from sekisho.people import administrators, permissions, roles, users
from sekisho.spec.refusals.people import SYSTEM_ROLE
from tests.api.conftest import Desk
from tests.tenants import AUDIENCE, ORIGIN
from tests.visitor import person

AYA = "/users/auth0%7Caya"
READ = {"permission_name": "read:things", "resource_server_identifier": AUDIENCE}
WRITE = {"permission_name": "write:things", "resource_server_identifier": AUDIENCE}


async def role(desk: Desk, name: str = "clerk", *carries: dict) -> str:
    """The id of a new role that carries something."""
    made = await desk.made("POST /roles", {"name": name})
    if carries:
        answer = await desk.ask(f"POST /roles/{made['id']}/permissions", {"permissions": [*carries]})
        assert (answer.status, answer.json) == (201, None)
    return str(made["id"])


async def names(desk: Desk, line: str) -> list[str]:
    """What the permissions of a list are called."""
    found = (await desk.ask(f"GET {line}")).json
    assert isinstance(found, list)
    return [each["permission_name"] for each in found]


async def may(desk: Desk) -> tuple[str, ...]:
    """What the person may do at the API, as tokens will say it."""
    api = await desk.tenant.known.named(Api, desk.tenant.id, AUDIENCE)
    assert api
    return await permissions.of_user(desk.tenant, await users.find(desk.tenant, person().id), api)


async def test_a_role_is_created_changed_and_deleted(desk):
    """POST and DELETE answer 200, as Auth0 does; a role that is gone is absent."""
    answer = await desk.ask("POST /roles", {"name": "clerk", "description": "Reads"})
    assert answer.status == 200
    made = answer.json
    assert re.fullmatch(r"rol_[A-Za-z0-9]{16}", made["id"])
    assert made == {"id": made["id"], "name": "clerk", "description": "Reads"}
    line = f"/roles/{made['id']}"
    assert (await desk.ask(f"GET {line}?fields=name")).json == {"name": "clerk"}
    changed = await desk.made(f"PATCH {line}", {"name": "scribe", "description": None})
    assert changed == {"id": made["id"], "name": "scribe"}
    assert (await desk.ask(f"PATCH {line}", {}, if_match='"1"')).status == 412
    answer = await desk.ask(f"DELETE {line}")
    assert (answer.status, answer.json) == (200, {})
    for method, more in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/users"),
        ("GET", "/permissions"),
    ):
        answer = await desk.ask(f"{method} {line}{more}", {})
        assert (answer.status, answer.json["message"]) == (404, "The role does not exist.")


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "<b>"}, {"name": "x" * 51}, {"name": "a", "id": "b"}]
)
async def test_refuses_what_no_role_can_be(desk, body):
    """A role has a name for people, and the schema is closed."""
    answer = await desk.ask("POST /roles", body)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")


async def test_roles_are_listed_and_have_names_of_their_own(desk):
    """A list comes with its place; a second role of a name is a conflict."""
    ids = {await role(desk, name) for name in ("a", "b", "c")}
    whole = (await desk.ask("GET /roles?include_totals=true&per_page=2")).json
    assert (whole["total"], len(whole["roles"])) == (3, 2)
    assert {each["id"] for each in (await desk.ask("GET /roles?take=5")).json["roles"]} == ids
    assert (await desk.ask("GET /roles?page=7")).json == []
    answer = await desk.ask("POST /roles", {"name": "a"})
    assert (answer.status, answer.json["message"]) == (409, "The role already exists.")


async def test_a_role_carries_permissions(desk):
    """Permissions are scopes of APIs that are there, each once, and are shown with their API."""
    id = await role(desk, "clerk", READ, WRITE)
    await role(desk, "other", READ)
    line = f"/roles/{id}/permissions"
    (first, second) = (await desk.ask(f"GET {line}")).json
    assert first == {**READ, "description": "", "resource_server_name": "Things"}
    assert second["permission_name"] == "write:things"
    whole = (await desk.ask(f"GET {line}?page=1&per_page=1&include_totals=true")).json
    assert (whole["start"], whole["limit"], whole["total"]) == (1, 1, 2)
    assert [each["permission_name"] for each in whole["permissions"]] == ["write:things"]
    assert (await desk.ask(f"DELETE {line}", {"permissions": [READ]})).status == 204
    assert await names(desk, line) == ["write:things"]
    await desk.made("PATCH /resource-servers/" + "a" * 24, {"scopes": [{"value": "read:things"}]})
    assert await names(desk, line) == []


@pytest.mark.parametrize("where", ["/roles/ID/permissions", f"{AYA}/permissions"])
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ([], 400),
        ([{"permission_name": "read:things"}], 400),
        ([{**READ, "sources": []}], 400),
        ([{**READ, "permission_name": "fly:things"}], 400),
        ([{**READ, "resource_server_identifier": "https://nothing.example"}], 404),
        ([{"permission_name": "create:clients", "resource_server_identifier": MANAGEMENT}], 404),
        ([{"permission_name": "create:clients", "resource_server_identifier": f"{ORIGIN}/api/v2/"}], 404),
    ],
)
async def test_refuses_permissions_that_nobody_can_have(home, where, asked, status):
    """API and scope are there, and nobody becomes an administrator by them."""
    where = where.replace("ID", await role(home))
    answer = await home.ask(f"POST {where}", {"permissions": asked})
    assert answer.status == status
    assert answer.json["errorCode"] == ("invalid_body" if status == 400 else "inexistent_resource_server")
    assert await names(home, where) == []


async def test_users_are_given_roles(home):
    """A user has the roles that were given, each once, and no longer than the role is there."""
    one, two = await role(home, "one", READ), await role(home, "two", WRITE)
    for _ in range(2):
        assert (await home.ask(f"POST {AYA}/roles", {"roles": [one, two]})).status == 204
    assert [each["id"] for each in (await home.ask(f"GET {AYA}/roles")).json] == [one, two]
    assert await may(home) == ("read:things", "write:things")
    whole = (await home.ask(f"GET {AYA}/roles?per_page=1&include_totals=true")).json
    assert (whole["total"], whole["roles"]) == (2, [{"id": one, "name": "one"}])
    assert (await home.ask(f"DELETE {AYA}/roles", {"roles": [one, "rol_unknown"]})).status == 204
    assert await may(home) == ("write:things",)
    await home.ask(f"DELETE /roles/{two}")
    assert (await home.ask(f"GET {AYA}/roles")).json == []
    assert await may(home) == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"roles": []}, 400),
        ({"roles": [1]}, 400),
        ({"roles": ["x"] * 51}, 400),
        ({"roles": ["x"]}, 404),
    ],
)
async def test_refuses_roles_that_nobody_can_have(home, body, status):
    """Only roles that are there are given, and not too many."""
    answer = await home.ask(f"POST {AYA}/roles", body)
    assert answer.status == status
    assert answer.json["errorCode"] == ("invalid_body" if status == 400 else "inexistent_role")


async def test_permissions_say_where_they_come_from(home):
    """A permission is listed once, with every source: the user itself and each role."""
    id = await role(home, "clerk", READ)
    await home.ask(f"POST {AYA}/roles", {"roles": [id]})
    answer = await home.ask(f"POST {AYA}/permissions", {"permissions": [READ, WRITE]})
    assert (answer.status, answer.json) == (201, None)
    direct = {"source_id": "", "source_name": "", "source_type": "DIRECT"}
    by_role = {"source_id": id, "source_name": "clerk", "source_type": "ROLE"}
    found = (await home.ask(f"GET {AYA}/permissions")).json
    assert {each["permission_name"]: each["sources"] for each in found} == {
        "read:things": [direct, by_role],
        "write:things": [direct],
    }
    assert (await home.ask(f"DELETE {AYA}/permissions", {"permissions": [READ, WRITE]})).status == 204
    assert await names(home, f"{AYA}/permissions") == ["read:things"]


async def test_a_role_is_given_to_several_users(home):
    """All who are named get it, or nobody where one is unknown; members are listed."""
    id = await role(home, "clerk", READ)
    bob = await home.made(
        "POST /users", {"connection": "Username-Password-Authentication", "email": "bob@example.com"}
    )
    both = ["auth0|aya", bob["user_id"]]
    for unknown in ("auth0|nobody", "bob@example.com"):
        answer = await home.ask(f"POST /roles/{id}/users", {"users": [*both, unknown]})
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_user")
    assert (await home.ask(f"GET /roles/{id}/users")).json == []
    answer = await home.ask(f"POST /roles/{id}/users", {"users": both})
    assert (answer.status, answer.json) == (200, {})
    members = (await home.ask(f"GET /roles/{id}/users?take=5")).json["users"]
    assert {each["user_id"] for each in members} == set(both)
    assert {"user_id": "auth0|aya", "name": "Aya", "email": "aya@example.com"} in members
    assert await may(home) == ("read:things",)
    assert (await home.ask(f"POST /roles/{id}/users", {"users": ["x"] * 101})).status == 400


async def test_nobody_is_given_anything_under_an_unknown_id(home):
    """What is given to users is given to those who are there."""
    id = await role(home)
    for line in ("/users/auth0%7Cnobody", "/users/aya@example.com"):
        for method, more, body in (
            ("GET", "roles", None),
            ("POST", "roles", {"roles": [id]}),
            ("DELETE", "roles", {"roles": [id]}),
            ("GET", "permissions", None),
            ("POST", "permissions", {"permissions": [READ]}),
            ("DELETE", "permissions", {"permissions": [READ]}),
        ):
            answer = await home.ask(f"{method} {line}/{more}", body)
            assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_user")


async def test_refuses_to_change_the_role_of_a_rank(desk):
    """What makes administrators of the dashboard is neither renamed nor emptied nor deleted here."""
    found = await administrators.role_of(desk.tenant, "Owner", Actor())
    line = f"/roles/{found.id}"
    all_of_it = {"permission_name": "read:users", "resource_server_identifier": MANAGEMENT}
    for told in (
        await desk.ask(f"PATCH {line}", {"name": "King"}),
        await desk.ask(f"DELETE {line}/permissions", {"permissions": [all_of_it]}),
        await desk.ask(f"DELETE {line}"),
    ):
        assert (told.status, told.json["errorCode"]) == (400, "operation_not_supported")
        assert told.json["message"] == SYSTEM_ROLE.text
    assert await roles.find(desk.tenant, found.id) == found
