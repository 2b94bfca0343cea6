"""/api/v2/client-grants."""

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Erase, Save
from tests.tenants import AUDIENCE, ORIGIN, api, client

GRANT = {"client_id": "machine", "audience": AUDIENCE, "scope": ["read:things"]}


@pytest.fixture(autouse=True)
async def machine(desk):
    """The machine client."""
    assert await desk.tenant.change(Save(client())) is None


async def test_a_client_may_ask_something_of_an_api(desk):
    """A grant has an id with its prefix, and is read back as it was said."""
    answer = await desk.ask("POST /client-grants", GRANT)
    assert answer.status == 201
    made = answer.json
    assert made["id"].startswith("cgr_")
    assert len(made["id"]) == 20
    assert made == GRANT | {"id": made["id"], "subject_type": "client", "is_system": False}
    assert (await desk.ask(f"GET /client-grants/{made['id']}")).json == made
    assert (await desk.ask(f"GET /client-grants/{made['id']}?fields=scope")).json == {
        "scope": ["read:things"]
    }


async def test_one_grant_for_each_client_and_api(desk):
    """A second grant between the same client and API is a conflict."""
    await desk.made("POST /client-grants", GRANT)
    answer = await desk.ask("POST /client-grants", GRANT)
    assert (answer.status, answer.json["message"]) == (409, "The client grant already exists.")


async def test_the_management_api_is_granted_under_any_of_its_addresses(desk):
    """A grant for the management API is one grant, shown as it was reached."""
    body = {"client_id": "machine", "audience": f"{ORIGIN}/t/demo/api/v2/", "scope": ["read:clients"]}
    made = await desk.made("POST /client-grants", body)
    assert made["audience"] == f"{ORIGIN}/api/v2/"
    record = await desk.tenant.store.record(ClientGrant, desk.tenant.id, made["id"])
    assert record.audience == MANAGEMENT
    assert (await desk.ask("POST /client-grants", body | {"audience": f"{ORIGIN}/api/v2/"})).status == 409
    found = (await desk.ask(f"GET /client-grants?audience={ORIGIN}/api/v2/")).json
    assert [view["id"] for view in found] == [made["id"]]


async def test_grants_are_filtered(desk):
    """Lists are narrowed by client, audience, and what is the same for all."""
    made = await desk.made("POST /client-grants", GRANT)
    for query, count in (
        ("client_id=machine", 1),
        ("client_id=other", 0),
        (f"audience={AUDIENCE}", 1),
        ("audience=https://other.example", 0),
        ("subject_type=client", 1),
        ("subject_type=user", 0),
        ("allow_any_organization=false", 1),
        ("allow_any_organization=true", 0),
    ):
        body = (await desk.ask(f"GET /client-grants?include_totals=true&take=50&{query}")).json
        assert [view["id"] for view in body["client_grants"]] == [made["id"]] * count


async def test_change_and_delete(desk):
    """A grant can ask for other scopes of the API, for none, and can go."""
    made = await desk.made("POST /client-grants", GRANT)
    line = f"/client-grants/{made['id']}"
    assert (await desk.made(f"PATCH {line}", {"scope": ["write:things"]}))["scope"] == ["write:things"]
    assert (await desk.made(f"PATCH {line}", {}))["scope"] == ["write:things"]
    assert (await desk.made(f"PATCH {line}", {"scope": None}))["scope"] == []
    assert (await desk.ask(f"DELETE {line}")).status == 204
    assert (await desk.ask(f"DELETE {line}")).status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("id", ["cgr_none", "x" * 65])
async def test_an_unknown_grant_is_absent(desk, method, id):
    """An unknown grant is answered 404 inexistent_client_grant."""
    answer = await desk.ask(f"{method} /client-grants/{id}", {})
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client_grant")
    assert answer.json["message"] == "The grant does not exist."


async def test_a_grant_whose_api_is_gone_is_not_widened(desk):
    """Without its API there are no scopes to choose from."""
    made = await desk.made("POST /client-grants", GRANT)
    assert await desk.tenant.change(Erase(replace(api(), version=1))) is None
    answer = await desk.ask(f"PATCH /client-grants/{made['id']}", {"scope": ["write:things"]})
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_resource_server")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"audience": AUDIENCE}, 400, "invalid_body"),
        ({"client_id": "machine"}, 400, "invalid_body"),
        (GRANT | {"client_id": "nobody"}, 404, "inexistent_client"),
        (GRANT | {"audience": "https://nothing.example"}, 404, "inexistent_resource_server"),
        (GRANT | {"audience": MANAGEMENT}, 404, "inexistent_resource_server"),
        (GRANT | {"audience": "x" * 601}, 404, "inexistent_resource_server"),
        (GRANT | {"scope": ["fly:things"]}, 400, "invalid_body"),
        (GRANT | {"scope": ["read:things", "read:things"]}, 400, "invalid_body"),
        (GRANT | {"scope": "read:things"}, 400, "invalid_body"),
        (GRANT | {"scopes": []}, 400, "invalid_body"),
        (GRANT | {"allow_any_organization": True}, 400, "operation_not_supported"),
        (GRANT | {"subject_type": "user"}, 400, "operation_not_supported"),
    ],
)
async def test_refuses_what_cannot_be_granted(desk, body, status, code):
    """Client, API and scopes of a grant exist; its body is closed."""
    answer = await desk.ask("POST /client-grants", body)
    assert (answer.status, answer.json["errorCode"]) == (status, code)


async def test_client_and_api_of_a_grant_never_change(desk):
    """Who may ask whom is said at creation only."""
    made = await desk.made("POST /client-grants", GRANT)
    for name in ("client_id", "audience"):
        answer = await desk.ask(f"PATCH /client-grants/{made['id']}", {name: GRANT[name]})
        assert answer.json["errorCode"] == "invalid_body"
