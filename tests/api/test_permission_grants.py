"""/api/v2/oauth2PermissionGrants."""

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT
from sekisho.model.artifact import Owner
from sekisho.model.client import DASHBOARD
from sekisho.model.consent import Consent
from sekisho.model.role import Permission, Role
from sekisho.model.step import Save
from sekisho.people import powers
from tests.tenants import NOW, client
from tests.visitor import person

READ = {"id": "a0000000-0000-4000-8000-000000000001", "value": "Orders.Read"}
ADMIN = {"id": "a0000000-0000-4000-8000-000000000002", "value": "Orders.All", "type": "Admin"}
OFF = {"id": "a0000000-0000-4000-8000-000000000003", "value": "Orders.Old", "isEnabled": False}
AYA = person().id


@pytest.fixture
async def orders(desk) -> dict:
    """An application that exposes something; another one, and somebody."""
    told = {"displayName": "Orders", "api": {"oauth2PermissionScopes": [READ, ADMIN, OFF]}}
    assert await desk.tenant.change(Save(client()), Save(person())) is None
    made: dict = await desk.made("POST /applications", told)
    return made


def body(orders, **told):
    """The machine may read orders of everybody."""
    whole = {"clientId": "machine", "consentType": "AllPrincipals", "resourceId": orders["appId"]}
    return {**whole, "scope": "Orders.Read", **told}


def one(**told):
    """For this person only."""
    return {"consentType": "Principal", "principalId": AYA, **told}


async def test_grants_are_made_read_changed_and_deleted(desk, orders):
    """What an administrator agreed to for everybody, and for one person, in Graph's shape."""
    answer = await desk.ask("POST /oauth2PermissionGrants", body(orders))
    assert answer.status == 201
    made = answer.json
    assert made == {**body(orders), "id": made["id"], "principalId": None}
    place = f"/oauth2PermissionGrants/{made['id']}"
    assert (await desk.ask(f"GET {place}")).json == made
    answer = await desk.ask(f"PATCH {place}", {"scope": "Orders.All Orders.Read Orders.All"})
    assert answer.json["scope"] == "Orders.All Orders.Read"
    assert (await desk.ask(f"PATCH {place}", {})).json == answer.json
    assert (await desk.ask(f"PATCH {place}", {"scope": "Orders.All"}, if_match='"1"')).status == 412
    large = one(resourceId=orders["appId"].upper())
    own = await desk.made("POST /oauth2PermissionGrants", body(orders, **large))
    assert own["principalId"] == AYA
    record = await desk.tenant.store.record(Consent, desk.tenant.id, own["id"])
    assert (record.user, record.client, record.api) == ("auth0|aya", "machine", orders["appId"])
    assert (await desk.ask(f"DELETE {place}")).status == 204
    for line in (f"GET {place}", f"PATCH {place}", f"DELETE {place}"):
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client_grant")


async def test_grants_are_listed(desk, orders):
    """By the application that has them, the one that they are for, and whose they are."""
    every = await desk.made("POST /oauth2PermissionGrants", body(orders))
    own = await desk.made("POST /oauth2PermissionGrants", body(orders, **one()))
    server = body(orders, **one(resourceId=None, scope="openid profile", principalId="auth0|aya"))
    server = await desk.made("POST /oauth2PermissionGrants", server)
    assert server["resourceId"] is None
    nobody = AYA.replace("4", "5")
    for query, found in (
        ("", [every, own, server]),
        ("clientId=machine", [every, own, server]),
        ("clientId=other", []),
        (f"resourceId={orders['appId']}", [every, own]),
        (f"principalId={AYA.upper()}", [own, server]),
        (f"principalId={AYA}&resourceId={orders['appId']}", [own]),
        (f"principalId={nobody}", []),
    ):
        seen = (await desk.ask(f"GET /oauth2PermissionGrants?{query}")).json
        assert sorted(seen, key=str) == sorted(found, key=str), query
    for name in ("auth0|aya", "aya@example.com", "x"):
        seen = (await desk.ask(f"GET /oauth2PermissionGrants?principalId={name}")).json
        assert len(seen) == (2 if "|" in name else 0)
    told = (await desk.ask("GET /oauth2PermissionGrants?take=1")).json
    assert len(told["oauth2PermissionGrants"]) == 1


async def test_one_grant_for_each(desk, orders):
    """A second one between the same two, for the same people, is a conflict."""
    await desk.made("POST /oauth2PermissionGrants", body(orders))
    answer = await desk.ask("POST /oauth2PermissionGrants", body(orders, scope="Orders.All"))
    assert (answer.status, answer.json["message"]) == (409, "The grant already exists.")


async def test_what_cannot_be_agreed_to_is_refused(desk, orders):
    """Scopes that are not there or disabled, nobody, an unknown application, and the management API."""
    ours = client(id="9" * 36, client_id=DASHBOARD)
    assert await desk.tenant.change(Save(ours)) is None
    for told, status, code in (
        ({"scope": "Orders.Write"}, 400, "invalid_body"),
        ({"scope": "Orders.Old"}, 400, "invalid_body"),
        ({"scope": " "}, 400, "invalid_body"),
        ({"scope": "openid"}, 400, "invalid_body"),
        ({"scope": "Orders.Read", "resourceId": None}, 400, "invalid_body"),
        ({"principalId": AYA}, 400, "invalid_body"),
        ({"consentType": "Principal"}, 400, "invalid_body"),
        (one(principalId=AYA.replace("4", "5")), 404, "inexistent_user"),
        (one(principalId="aya"), 404, "inexistent_user"),
        ({"clientId": "other"}, 404, "inexistent_client"),
        ({"clientId": DASHBOARD}, 400, "operation_not_supported"),
        ({"resourceId": "other"}, 404, "inexistent_resource_server"),
        ({"resourceId": MANAGEMENT, "scope": "read:clients"}, 400, "invalid_body"),
        ({"startTime": "2026-01-01"}, 400, "operation_not_supported"),
    ):
        answer = await desk.ask("POST /oauth2PermissionGrants", body(orders, **told))
        assert (answer.status, answer.json["errorCode"]) == (status, code), told
    assert await desk.tenant.store.count(Consent, desk.tenant.id, {}) == 0


async def ended(desk, user=None):
    """Whether what the machine has of somebody has ended."""
    owner = Owner(tenant=desk.tenant.id, user=user, client="machine")
    return await desk.tenant.store.revoked(owner, NOW - 1)


async def test_what_is_narrowed_takes_effect_at_once(desk, orders):
    """More scopes end nothing; fewer end what the application has, of one person or of anybody."""
    both = body(orders, scope="Orders.Read Orders.All")
    own = await desk.made("POST /oauth2PermissionGrants", {**both, **one()})
    every = await desk.made("POST /oauth2PermissionGrants", body(orders))
    place = f"/oauth2PermissionGrants/{every['id']}"
    assert (await desk.ask(f"PATCH {place}", {"scope": "Orders.All Orders.Read"})).status == 200
    assert not await ended(desk, "auth0|aya")
    changed = f"PATCH /oauth2PermissionGrants/{own['id']}"
    assert (await desk.ask(changed, {"scope": "Orders.Read"})).status == 200
    assert await ended(desk, "auth0|aya")
    assert not await ended(desk, "auth0|ken")
    assert (await desk.ask(f"DELETE {place}")).status == 204
    assert await ended(desk, "auth0|ken")
    assert await ended(desk)


async def test_nobody_agrees_for_who_may_do_more(desk, orders):
    """What an owner lets an application do is decided by who may do as much. Reason: rank_too_low."""
    api = await powers.management(desk.tenant)
    held = tuple(Permission(api=MANAGEMENT, scope=each.value, id=each.id) for each in api.scopes)
    role = Role(tenant=desk.tenant.id, id="rol_" + "a" * 16, name="Owner", permissions=held)
    had = await desk.tenant.store.record(type(person()), desk.tenant.id, AYA)
    assert await desk.tenant.change(Save(role), Save(replace(had, roles=(role.id,)))) is None
    own = Consent(tenant=desk.tenant.id, id="1", user="auth0|aya", client="machine", api=orders["appId"])
    assert await desk.tenant.change(Save(replace(own, scopes=("Orders.Read",)))) is None
    token = desk.token("create:grants", "update:grants", "delete:grants")
    for line, told in (
        ("POST /oauth2PermissionGrants", body(orders, **one())),
        ("PATCH /oauth2PermissionGrants/1", {"scope": "Orders.All"}),
        ("DELETE /oauth2PermissionGrants/1", None),
    ):
        answer = await desk.ask(line, told, token)
        assert (answer.status, desk.refused.reason.slug) == (403, "rank_too_low"), line


async def test_grants_of_who_is_gone_can_still_be_deleted(desk):
    """An agreement of nobody, for an API that is no more, is shown without them and deleted."""
    left = Consent(tenant=desk.tenant.id, id="1", user="auth0|gone", client="machine", api="gone")
    assert await desk.tenant.change(Save(replace(left, scopes=("x",)))) is None
    (seen,) = (await desk.ask("GET /oauth2PermissionGrants")).json
    assert (seen["consentType"], seen["principalId"]) == ("Principal", None)
    assert (await desk.ask("PATCH /oauth2PermissionGrants/1", {"scope": "x"})).status == 404
    assert (await desk.ask("DELETE /oauth2PermissionGrants/1")).status == 204


async def test_each_deed_is_audited(desk, orders):
    """The log says who may do what, in words."""
    made = await desk.made("POST /oauth2PermissionGrants", body(orders))
    place = f"/oauth2PermissionGrants/{made['id']}"
    await desk.ask(f"PATCH {place}", {"scope": "Orders.All"})
    await desk.ask(f"DELETE {place}")
    logs = (await desk.ask("GET /logs")).json
    told = [each["description"] for each in logs if "permission grant" in each["description"]]
    assert told == [
        *("Delete a permission grant", "Change a permission grant", "Create a permission grant"),
    ]
