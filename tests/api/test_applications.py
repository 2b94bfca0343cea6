"""/api/v2/applications."""

import uuid

from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT
from sekisho.model.client import Client, Registration
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from tests.certified import key_part
from tests.tenants import client

SCOPE = {"id": "a0000000-0000-4000-8000-000000000001", "value": "Orders.Read"}
BODY = {"displayName": "Orders", "api": {"oauth2PermissionScopes": [SCOPE]}}
TRUST = {"name": "deployments", "issuer": "https://ci.example", "subject": "repo", "audiences": ["api://x"]}


async def test_applications_are_made_read_changed_and_deleted(desk):
    """All of their life, by object id or appId; each answer says the version."""
    answer = await desk.ask("POST /applications", BODY)
    assert (answer.status, dict(answer.headers)["etag"]) == (201, '"2"')
    made = answer.json
    assert (made["displayName"], made["identifierUris"]) == ("Orders", ())
    one = f"/applications/{made['id']}"
    assert (await desk.ask(f"GET {one}")).json == made
    assert (await desk.ask(f"GET /applications/{made['appId']}?fields=appId")).json == {
        "appId": made["appId"]
    }
    uri = f"api://{made['appId']}"
    answer = await desk.ask(f"PATCH {one}", {"identifierUris": [uri]}, if_match='"2"')
    assert (answer.status, answer.json["identifierUris"]) == (200, (uri,))
    assert (await desk.ask(f"PATCH {one}", {"identifierUris": []}, if_match='"2"')).status == 412
    assert (await desk.ask(f"DELETE {one}", if_match='"2"')).status == 412
    assert (await desk.ask(f"DELETE {one}")).status == 204
    for line in (f"GET {one}", f"PATCH {one}", f"DELETE {one}", "GET /applications/x%20y"):
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client")
    assert await desk.tenant.store.count(Client, desk.tenant.id, {}) == 0


async def test_applications_are_listed(desk):
    """By page, by appId, by a piece of the name; those that registered themselves are elsewhere."""
    made = await desk.made("POST /applications", BODY)
    tv = client(
        id=str(uuid.uuid4()), client_id="tv", registration=Registration(application="a", statement="s")
    )
    assert await desk.tenant.change(Save(client()), Save(tv)) is None
    found = (await desk.ask("GET /applications?include_totals=true")).json
    assert (found["total"], {each["appId"] for each in found["applications"]}) == (
        2,
        {"machine", made["appId"]},
    )
    for query in (f"appId={made['appId']}", "displayName=rder", f"displayName={made['appId']}"):
        assert (await desk.ask(f"GET /applications?{query}")).json == [made]
    (other,) = (await desk.ask("GET /applications?appId=machine")).json
    assert (other["api"]["oauth2PermissionScopes"], other["passwordCredentials"][0]["hint"]) == ((), "s3c")
    assert (await desk.ask("GET /applications?appId=tv")).json == []


async def test_a_manifest_is_taken(desk):
    """Under its older names, with its own appId; a second one of that name is a conflict."""
    told = {"name": "Graph", "appId": "00000003-0000-0000-c000-000000000000", "accessTokenAcceptedVersion": 2}
    made = await desk.made("POST /applications", told)
    assert (made["appId"], made["api"]["requestedAccessTokenVersion"]) == (told["appId"], 2)
    answer = await desk.ask("POST /applications", told)
    assert (answer.status, answer.json["message"]) == (409, "The application already exists.")
    again = await desk.ask(f"PATCH /applications/{made['id']}", {**told, "name": "Store"})
    assert again.json["displayName"] == "Store"


async def test_what_is_enabled_is_not_deleted(desk):
    """The refusal names the permission. Reason: permission_enabled."""
    made = await desk.made("POST /applications", BODY)
    answer = await desk.ask(f"PATCH /applications/{made['id']}", {"api": {"oauth2PermissionScopes": []}})
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "permission_enabled"
    assert "Orders.Read" in answer.json["message"]


async def test_a_secret_is_said_once(desk):
    """Where it is made, and nowhere else; removed, it is gone."""
    made = await desk.made("POST /applications", BODY)
    one = f"/applications/{made['id']}"
    told = {"passwordCredential": {"displayName": "first"}}
    answer = await desk.ask(f"POST {one}/addPassword", told)
    assert (answer.status, answer.json["displayName"]) == (200, "first")
    assert len(answer.json["secretText"]) == 64
    (seen,) = (await desk.ask(f"GET {one}")).json["passwordCredentials"]
    assert seen == {**answer.json, "secretText": None}
    assert (await desk.ask(f"POST {one}/addPassword")).status == 200
    assert (await desk.ask(f"POST {one}/removePassword", {"keyId": seen["keyId"]})).status == 204
    answer = await desk.ask(f"POST {one}/removePassword", {"keyId": seen["keyId"]})
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_credential")
    assert len((await desk.ask(f"GET {one}")).json["passwordCredentials"]) == 1


async def test_certificates_come_and_go(desk):
    """One at a time; the certificate is shown by its thumbprint, and goes by its keyId."""
    made = await desk.made("POST /applications", {**BODY, "keyCredentials": [key_part()]})
    one = f"/applications/{made['id']}"
    answer = await desk.ask(f"POST {one}/addKey", {"keyCredential": key_part("two", "Encrypt")})
    assert (answer.status, answer.json["usage"], answer.json["key"]) == (200, "Encrypt", None)
    chosen = await desk.ask(f"PATCH {one}", {"tokenEncryptionKeyId": answer.json["keyId"]})
    assert chosen.json["tokenEncryptionKeyId"] == answer.json["keyId"]
    keys = chosen.json["keyCredentials"]
    assert [each["usage"] for each in keys] == ["Verify", "Encrypt"]
    assert (await desk.ask(f"POST {one}/removeKey", {"keyId": keys[0]["keyId"]})).status == 204
    assert (await desk.ask(f"POST {one}/removeKey", {"keyId": keys[0]["keyId"]})).status == 404
    assert (await desk.ask(f"POST {one}/removeKey", {"keyId": keys[1]["keyId"]})).status == 400


async def test_federated_credentials_come_and_go(desk):
    """Listed, read by id or name, deleted."""
    made = await desk.made("POST /applications", BODY)
    place = f"/applications/{made['id']}/federatedIdentityCredentials"
    told = await desk.made(f"POST {place}", TRUST)
    assert told == {**TRUST, "id": told["id"], "audiences": ("api://x",), "description": None}
    assert (await desk.ask(f"POST {place}", TRUST)).status == 409
    assert (await desk.ask(f"GET {place}")).json == [told]
    for name in (told["id"], "deployments"):
        assert (await desk.ask(f"GET {place}/{name}")).json == told
    assert (await desk.ask(f"DELETE {place}/{told['id']}")).status == 204
    for method in ("GET", "DELETE"):
        assert (await desk.ask(f"{method} {place}/{told['id']}")).status == 404


async def test_who_changes_applications_becomes_none_of_them(desk):
    """Keys and secrets need scopes of their own, at creation and later, wherever they are said."""
    made = await desk.made("POST /applications", BODY)
    one, key = f"/applications/{made['id']}", {"keyCredential": key_part()}
    token = desk.token("create:clients", "update:clients", "read:clients", "delete:clients")
    assert (await desk.ask("POST /applications", BODY, token)).status == 201
    for line, body in (
        ("POST /applications", {**BODY, "keyCredentials": [key_part()]}),
        ("POST /applications", {"name": "x", "keyCredentials": [key_part()]}),
        (f"PATCH {one}", {"keyCredentials": [key_part()]}),
        (f"PATCH {one}", {"tokenEncryptionKeyId": None}),
        (f"POST {one}/addPassword", {}),
        (f"POST {one}/removePassword", {"keyId": SCOPE["id"]}),
        (f"POST {one}/addKey", key),
        (f"POST {one}/removeKey", {"keyId": SCOPE["id"]}),
        (f"POST {one}/federatedIdentityCredentials", TRUST),
        (f"GET {one}/federatedIdentityCredentials", None),
        (f"DELETE {one}/federatedIdentityCredentials/x", None),
    ):
        assert (await desk.ask(line, body, token)).status == 403, line


async def test_nobody_becomes_an_application_that_may_do_more(desk):
    """What administers is changed by who may do as much, by this door too. Reason: client_above."""
    made = await desk.made("POST /applications", BODY)
    grant = ClientGrant(tenant=desk.tenant.id, id="cgr_1", client_id=made["appId"], audience=MANAGEMENT)
    assert await desk.tenant.change(Save(replace(grant, scopes=("delete:users",)))) is None
    little = ("update:clients", "update:client_keys", "create:client_credentials", "delete:clients")
    one, token = f"/applications/{made['id']}", desk.token(*little)
    for line, body in (
        (f"PATCH {one}", {"displayName": "x"}),
        (f"POST {one}/addPassword", {}),
        (f"POST {one}/addKey", {"keyCredential": key_part()}),
        (f"POST {one}/federatedIdentityCredentials", TRUST),
        (f"DELETE {one}", None),
    ):
        answer = await desk.ask(line, body, token)
        assert (answer.status, desk.refused.reason.slug) == (403, "client_above"), line
