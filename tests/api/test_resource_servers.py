"""/api/v2/resource-servers."""

from urllib.parse import quote

import pytest

from sekisho.model.api import Api
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.registry.management import MANAGEMENT_SCOPES
from tests.tenants import ORIGIN, allowed, client

THINGS = "https://things.example/api/"
FULL = {
    "identifier": THINGS,
    "name": "Things",
    "scopes": [{"value": "read:things", "description": "Read"}, {"value": "write:things"}],
    "signing_alg": "ES256",
    "token_dialect": "opaque",
    "token_lifetime": 3600,
    "token_lifetime_for_web": 600,
    "allow_offline_access": True,
    "skip_consent_for_verifiable_first_party_clients": False,
}


def path(identifier: str) -> str:
    """The path of an API by its identifier."""
    return f"/resource-servers/{quote(identifier, safe='')}"


async def test_an_identifier_is_enough(desk):
    """An API has a 24-hex id, is named after its identifier and signs with RS256."""
    answer = await desk.ask("POST /resource-servers", {"identifier": THINGS})
    assert answer.status == 201
    made = answer.json
    id = made.pop("id")
    assert len(id) == 24
    assert int(id, 16)
    assert made == {
        "name": THINGS,
        "identifier": THINGS,
        "is_system": False,
        "scopes": [],
        "signing_alg": "RS256",
        "token_dialect": "access_token",
        "token_lifetime": 86_400,
        "token_lifetime_for_web": 7_200,
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": True,
    }


async def test_an_api_is_found_by_id_and_by_identifier(desk):
    """An API is addressed by its id or by its percent-encoded identifier, and read back as it was said."""
    made = await desk.made("POST /resource-servers", FULL)
    assert {name: made[name] for name in FULL} == FULL
    assert (await desk.ask(f"GET /resource-servers/{made['id']}")).json == made
    assert (await desk.ask(f"GET {path(THINGS)}")).json == made
    assert (await desk.ask(f"GET {path(THINGS)}?fields=name")).json == {"name": "Things"}


async def test_an_identifier_is_taken_once(desk):
    """A second API under the same identifier is a conflict and leaves nothing behind."""
    await desk.made("POST /resource-servers", FULL)
    answer = await desk.ask("POST /resource-servers", FULL)
    assert (answer.status, answer.json["errorCode"]) == (409, "conflict")
    assert answer.json["message"] == "The resource server already exists."
    assert len((await desk.ask("GET /resource-servers")).json) == 3


async def test_a_scope_that_stays_keeps_its_id(desk):
    """Scopes are known by their value: what is not said about them stays."""
    made = await desk.made("POST /resource-servers", FULL)
    before = await desk.tenant.store.record(Api, desk.tenant.id, made["id"])
    body = {"scopes": [{"value": "write:things", "description": "Write"}, {"value": "new:things"}]}
    changed = await desk.made(f"PATCH /resource-servers/{made['id']}", body)
    assert changed["scopes"] == body["scopes"]
    after = await desk.tenant.store.record(Api, desk.tenant.id, made["id"])
    assert after.scopes[0].id == before.scopes[1].id
    assert after.scopes[1].id not in {scope.id for scope in before.scopes}


async def test_a_scope_that_goes_is_lost_to_clients(desk):
    """A scope that an API loses falls out of every client grant with it."""
    assert await desk.tenant.change(Save(client()), Save(allowed())) is None
    await desk.made(f"PATCH {path('https://api.example.com')}", {"scopes": [{"value": "read:things"}]})
    assert (await desk.ask("GET /client-grants/cgr_1")).json["scope"] == ["read:things"]
    await desk.made(f"PATCH {path('https://api.example.com')}", {"scopes": None})
    assert (await desk.ask("GET /client-grants/cgr_1")).json["scope"] == []


async def test_change_unsets_with_null(desk):
    """Null brings the default back; changing nothing changes nothing."""
    made = await desk.made("POST /resource-servers", FULL)
    line = f"PATCH /resource-servers/{made['id']}"
    changed = await desk.made(line, {"token_dialect": None, "signing_alg": None, "token_lifetime": None})
    assert (changed["token_dialect"], changed["signing_alg"]) == ("access_token", "RS256")
    assert changed["token_lifetime"] == 86_400
    assert await desk.made(line, {"name": "Things"}) == changed
    assert (await desk.tenant.store.record(Api, desk.tenant.id, made["id"])).version == 2


async def test_a_short_lifetime_shortens_that_for_the_web(desk):
    """Tokens for the web never live longer than the others."""
    made = await desk.made("POST /resource-servers", {"identifier": THINGS, "token_lifetime": 60})
    assert made["token_lifetime_for_web"] == 60


async def test_deleting_an_api_ends_what_clients_could_ask_of_it(desk):
    """A deleted API takes its client grants along."""
    assert await desk.tenant.change(Save(client()), Save(allowed())) is None
    line = f"DELETE {path('https://api.example.com')}"
    assert (await desk.ask(line)).status == 204
    assert await desk.tenant.store.count(ClientGrant, desk.tenant.id, {}) == 0
    answer = await desk.ask(line)
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_resource_server")


async def test_old_grants_do_not_come_back_to_life(desk):
    """An API under a name that was used before starts without client grants."""
    assert await desk.tenant.change(Save(client()), Save(allowed(audience=THINGS))) is None
    await desk.made("POST /resource-servers", {"identifier": THINGS, "scopes": [{"value": "read:things"}]})
    assert await desk.tenant.store.count(ClientGrant, desk.tenant.id, {}) == 0


async def test_the_management_api_is_listed_under_the_address_of_the_request(desk):
    """The management API is one of the APIs, named as it was reached, with every scope."""
    for root in (ORIGIN, f"{ORIGIN}/t/demo"):
        found = await desk.ask(f"GET {path(f'{root}/api/v2/')}", root=root)
        assert found.json["identifier"] == f"{root}/api/v2/"
        assert found.json["name"] == "Sekisho Management API"
        assert found.json["is_system"] is True
        assert [scope["value"] for scope in found.json["scopes"]] == list(MANAGEMENT_SCOPES)
    listed = (await desk.ask("GET /resource-servers")).json
    assert f"{ORIGIN}/api/v2/" in [view["identifier"] for view in listed]
    assert (await desk.ask(f"GET {path('urn:sekisho:management')}")).status == 404


async def test_of_the_management_api_only_the_lifetime_changes(desk):
    """The management API cannot be deleted, and only its token lifetime can be changed."""
    line = path(f"{ORIGIN}/api/v2/")
    same = (await desk.ask(f"GET {line}")).json["scopes"]
    changed = await desk.made(f"PATCH {line}", {"token_lifetime": 7_200, "scopes": same})
    assert changed["token_lifetime"] == 7_200
    bodies: list[dict] = [{"name": "Mine"}, {"scopes": []}, {"token_dialect": "opaque"}]
    for body in bodies:
        answer = await desk.ask(f"PATCH {line}", body)
        assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    answer = await desk.ask(f"DELETE {line}")
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")


@pytest.mark.parametrize(
    "identifier", ["urn:sekisho:management", f"{ORIGIN}/api/v2/", f"{ORIGIN}/t/demo/api/v2/"]
)
async def test_nobody_takes_the_name_of_the_management_api(desk, identifier):
    """No API can pass for the management API, at any address of the tenant."""
    assert (await desk.ask("POST /resource-servers", {"identifier": identifier})).status == 409


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_body"),
        ({"identifier": ""}, "invalid_body"),
        ({"identifier": "a b"}, "invalid_body"),
        ({"identifier": "a\n"}, "invalid_body"),
        ({"identifier": "x" * 601}, "invalid_body"),
        ({"identifier": "\U0001f512" * 600}, "invalid_body"),
        ({"identifier": THINGS, "id": "x"}, "invalid_body"),
        ({"identifier": THINGS, "name": "<x>"}, "invalid_body"),
        ({"identifier": THINGS, "dialect": "opaque"}, "invalid_body"),
        ({"identifier": THINGS, "token_lifetime": 0}, "invalid_body"),
        ({"identifier": THINGS, "token_lifetime": 2_592_001}, "invalid_body"),
        ({"identifier": THINGS, "token_lifetime": 1.5}, "invalid_body"),
        ({"identifier": THINGS, "token_lifetime": True}, "invalid_body"),
        ({"identifier": THINGS, "token_lifetime": 60, "token_lifetime_for_web": 61}, "invalid_body"),
        ({"identifier": THINGS, "signing_alg": "none"}, "invalid_body"),
        ({"identifier": THINGS, "token_dialect": "x"}, "invalid_body"),
        ({"identifier": THINGS, "scopes": [{"value": "a"}, {"value": "a"}]}, "invalid_body"),
        ({"identifier": THINGS, "scopes": [{"value": "a b"}]}, "invalid_body"),
        ({"identifier": THINGS, "scopes": [{"value": "a", "kind": "Admin"}]}, "invalid_body"),
        ({"identifier": THINGS, "scopes": ["a"]}, "invalid_body"),
        ({"identifier": THINGS, "scopes": [{}]}, "invalid_body"),
        ({"identifier": THINGS, "signing_alg": "HS256"}, "operation_not_supported"),
        ({"identifier": THINGS, "token_dialect": "access_token_authz"}, "operation_not_supported"),
        ({"identifier": THINGS, "enforce_policies": True}, "operation_not_supported"),
        ({"identifier": THINGS, "proof_of_possession": {"mechanism": "dpop"}}, "operation_not_supported"),
        (
            {"identifier": THINGS, "subject_type_authorization": {"user": {"policy": "deny_all"}}},
            "operation_not_supported",
        ),
    ],
)
async def test_refuses_what_an_api_cannot_be(desk, body, code):
    """A body outside the closed schema is invalid_body, one that promises too much is not supported."""
    answer = await desk.ask("POST /resource-servers", body)
    assert (answer.status, answer.json["errorCode"]) == (400, code)


async def test_an_identifier_never_changes(desk):
    """The identifier is said at creation only."""
    made = await desk.made("POST /resource-servers", FULL)
    answer = await desk.ask(f"PATCH /resource-servers/{made['id']}", {"identifier": THINGS})
    assert (
        answer.json["message"] == "Payload validation error: 'Additional properties not allowed: identifier'"
    )


@pytest.mark.parametrize("line", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("id", ["f" * 24, "nothing", "x" * 5000])
async def test_an_unknown_api_is_absent(desk, line, id):
    """An unknown API is answered 404 inexistent_resource_server."""
    answer = await desk.ask(f"{line} /resource-servers/{id}", {})
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_resource_server")


async def test_the_api_of_installations_is_shown_and_only_its_lifetime_changes(desk):
    """It comes with the first registered application; nothing but its lifetime can be changed."""
    name = "urn:sekisho:adobe-pass"
    assert (await desk.ask(f"GET {path(name)}")).status == 404
    for _ in range(2):
        await desk.made("POST /registered-applications", {"name": "Television"})
    (seen,) = [each for each in (await desk.ask("GET /resource-servers")).json if each["identifier"] == name]
    assert (seen["is_system"], seen["token_dialect"], seen["token_lifetime"]) == (True, "adobe_pass", 86_400)
    line = f"PATCH {path(name)}"
    assert (await desk.made(line, {"token_lifetime": 21_600}))["token_lifetime"] == 21_600
    short = await desk.made(line, {"token_lifetime": 600, "token_dialect": "adobe_pass"})
    assert (short["token_lifetime"], short["token_lifetime_for_web"]) == (600, 600)
    bodies: list[dict] = [{"name": "Mine"}, {"scopes": [{"value": "a"}]}, {"token_dialect": None}]
    bodies += [{"token_lifetime_for_web": 60}, {"signing_alg": "ES256"}, {"allow_offline_access": True}]
    for body in bodies:
        answer = await desk.ask(line, body)
        assert (answer.status, desk.refused.reason.slug) == (400, "system_api")
    assert (await desk.ask(f"DELETE {path(name)}")).status == 400


async def test_nobody_takes_the_name_of_the_api_of_installations(desk):
    """Its name is taken before it is there: whoever had it would decide on the tokens of installations."""
    assert (await desk.ask("POST /resource-servers", {"identifier": "urn:sekisho:adobe-pass"})).status == 409
    body = {"identifier": THINGS, "token_dialect": "adobe_pass"}
    assert (await desk.ask("POST /resource-servers", body)).status == 400
