"""/api/v2/clients."""

import asyncio
import re

import pytest

from sekisho.keys import secret
from sekisho.model.artifact import Owner
from sekisho.model.client import COMMAND_LINE, Client, RefreshTerms, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.store import Window
from tests.tenants import AUDIENCE, NOW

WINDOW = Window()
MINIMAL = {"name": "Shop"}
FULL = {
    "name": "Shop",
    "description": "Sells things",
    "app_type": "regular_web",
    "logo_uri": "https://shop.example/logo.png",
    "enabled": True,
    "is_first_party": True,
    "oidc_conformant": True,
    "callbacks": ["https://shop.example/cb", "http://localhost:3000/cb"],
    "allowed_origins": ["https://shop.example"],
    "web_origins": ["http://localhost:3000"],
    "allowed_logout_urls": ["https://shop.example/bye"],
    "cross_origin_authentication": True,
    "initiate_login_uri": "https://shop.example/login",
    "grant_types": ["authorization_code", "client_credentials"],
    "token_endpoint_auth_method": "client_secret_basic",
    "client_metadata": {"team": "sales"},
    "resource_server_identifier": "https://api.example.com",
}


async def stored(desk, client_id: str) -> Client:
    """The client as the store has it."""
    client: Client = await desk.tenant.store.named(Client, desk.tenant.id, client_id)
    return client


async def test_creates_a_client_with_the_defaults_of_the_product(desk):
    """A name is enough: the rest has the defaults of a confidential web application."""
    answer = await desk.ask("POST /clients", MINIMAL)
    assert answer.status == 201
    made = answer.json
    assert re.fullmatch(r"[A-Za-z0-9]{32}", made.pop("client_id"))
    assert len(made.pop("client_secret")) == 64
    assert made.pop("refresh_token")["rotation_type"] == "rotating"
    assert made == {
        "tenant": "demo",
        "global": False,
        "name": "Shop",
        "app_type": "regular_web",
        "cross_origin_authentication": False,
        "enabled": True,
        "is_first_party": True,
        "oidc_conformant": True,
        "callbacks": [],
        "allowed_origins": [],
        "web_origins": [],
        "allowed_logout_urls": [],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
        "require_pushed_authorization_requests": False,
        "scope_claims_in_id_token": "always",
    }
    assert ("cache-control", "no-store") in answer.headers


@pytest.mark.parametrize("app_type", ["native", "spa"])
async def test_creates_a_public_client_without_a_secret(desk, app_type):
    """An application on a device has no secret and no grant of its own. RFC 6749 section 2.1."""
    made = await desk.made("POST /clients", MINIMAL | {"app_type": app_type})
    assert "client_secret" not in made
    assert made["token_endpoint_auth_method"] == "none"
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    assert (await stored(desk, made["client_id"])).secrets == ()


async def test_creates_a_portal(desk):
    """A portal that signs people in here gets what its kind knows: implicit and hybrid sign-in."""
    made = await desk.made("POST /clients", MINIMAL | {"app_type": "portal"})
    assert made["grant_types"] == ["authorization_code", "implicit"]


async def test_says_the_secret_once_and_remembers_its_digest(desk):
    """A secret is in the answer that made it, and nowhere else ever after."""
    made = await desk.made("POST /clients", MINIMAL)
    client = await stored(desk, made["client_id"])
    secret.prove(made["client_secret"], client, NOW)
    again = await desk.ask(f"GET /clients/{made['client_id']}?fields=client_secret,secrets,name")
    assert again.json == {"name": "Shop"}
    assert made["client_secret"] not in str(client)


async def test_keeps_everything_that_was_said(desk):
    """What a client says about itself is read back unchanged."""
    made = await desk.made("POST /clients", FULL)
    read = (await desk.ask(f"GET /clients/{made['client_id']}")).json
    assert {name: read[name] for name in FULL} == FULL


async def test_change_answers_the_whole_client_and_null_unsets(desk):
    """A change touches what it names; null brings the default back."""
    made = await desk.made("POST /clients", FULL)
    body = {"name": "Store", "description": None, "callbacks": None, "grant_types": None, "enabled": False}
    changed = await desk.made(f"PATCH /clients/{made['client_id']}", body)
    assert changed["name"] == "Store"
    assert "description" not in changed
    assert changed["callbacks"] == []
    assert changed["grant_types"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert changed["enabled"] is False
    assert changed["web_origins"] == FULL["web_origins"]
    assert changed == (await desk.ask(f"GET /clients/{made['client_id']}")).json


async def test_metadata_merges(desk):
    """Members of client_metadata merge, null removes one, null for all removes all."""
    made = await desk.made("POST /clients", FULL)
    line = f"PATCH /clients/{made['client_id']}"
    merged = await desk.made(line, {"client_metadata": {"tier": "gold"}})
    assert merged["client_metadata"] == {"team": "sales", "tier": "gold"}
    assert (await desk.made(line, {"client_metadata": {"team": None}}))["client_metadata"] == {"tier": "gold"}
    assert "client_metadata" not in await desk.made(line, {"client_metadata": None})


async def test_a_client_that_stops_being_public_gets_a_secret(desk):
    """Leaving the method none makes a secret, said to whoever may change keys; returning drops it."""
    made = await desk.made("POST /clients", MINIMAL | {"app_type": "spa"})
    line = f"PATCH /clients/{made['client_id']}"
    changed = await desk.made(line, {"token_endpoint_auth_method": "client_secret_post"})
    secret.prove(changed["client_secret"], await stored(desk, made["client_id"]), NOW)
    again = await desk.made(line, {"token_endpoint_auth_method": "client_secret_basic"})
    assert "client_secret" not in again
    public = await desk.made(line, {"token_endpoint_auth_method": None})
    assert public["token_endpoint_auth_method"] == "none"
    assert (await stored(desk, made["client_id"])).secrets == ()


async def test_a_new_secret_is_not_said_without_the_scope_for_keys(desk):
    """Who may not change keys does not learn one."""
    made = await desk.made("POST /clients", MINIMAL | {"app_type": "spa"})
    body = {"token_endpoint_auth_method": "client_secret_post"}
    answer = await desk.ask(f"PATCH /clients/{made['client_id']}", body, desk.token("update:clients"))
    assert answer.status == 200
    assert "client_secret" not in answer.json


@pytest.mark.parametrize(
    ("scope", "body", "status"),
    [
        ("update:client_keys", {"token_endpoint_auth_method": "client_secret_basic"}, 200),
        ("update:client_credentials", {"token_endpoint_auth_method": "client_secret_basic"}, 200),
        ("update:client_keys", {"callbacks": ["https://evil.example/cb"]}, 403),
        ("update:client_token_vault_privileged_access", {"token_endpoint_auth_method": "none"}, 403),
        ("update:clients", {"callbacks": ["https://shop.example/cb"]}, 200),
    ],
)
async def test_a_scope_for_keys_changes_nothing_else(desk, scope, body, status):
    """What may be written depends on the scope."""
    made = await desk.made("POST /clients", MINIMAL)
    answer = await desk.ask(f"PATCH /clients/{made['client_id']}", body, desk.token(scope))
    assert answer.status == status


@pytest.mark.parametrize("scope", ["read:client_summary", "read:client_credentials"])
async def test_a_narrow_scope_sees_a_summary(desk, scope):
    """Without read:clients or read:client_keys only the summary is seen, whatever is asked for."""
    made = await desk.made("POST /clients", FULL)
    summary = {
        "client_id": made["client_id"],
        "name": "Shop",
        "app_type": "regular_web",
        "description": "Sells things",
    }
    for query in (
        "",
        "?fields=callbacks,name,client_id,app_type,description",
        "?fields=x&include_fields=false",
    ):
        one = await desk.ask(f"GET /clients/{made['client_id']}{query}", token=desk.token(scope))
        assert one.json == summary
        many = await desk.ask(f"GET /clients{query}", token=desk.token(scope))
        assert many.json == [summary]


async def test_an_address_that_stays_keeps_its_kind(desk):
    """Reply addresses keep order and kind; callbacks are a view of them."""
    made = await desk.made(
        "POST /clients", MINIMAL | {"app_type": "spa", "callbacks": ["https://a.example/"]}
    )
    line = f"PATCH /clients/{made['client_id']}"
    body = {"app_type": "native", "callbacks": ["com.example.app:/cb", "https://a.example/"]}
    assert (await desk.made(line, body))["callbacks"] == body["callbacks"]
    replies = (await stored(desk, made["client_id"])).reply_urls
    assert replies == (ReplyUrl("com.example.app:/cb", "public"), ReplyUrl("https://a.example/", "spa"))


@pytest.mark.parametrize("line", ["GET /clients/{}", "PATCH /clients/{}"])
@pytest.mark.parametrize("id", ["nobody", "x" * 5000, "a b", "ü"])
async def test_an_unknown_client_is_absent(desk, line, id):
    """An unknown client is answered 404 inexistent_client."""
    answer = await desk.ask(line.format(id), {"name": "x"} if line.startswith("PATCH") else None)
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client")


@pytest.mark.parametrize("id", ["nobody", "x" * 5000])
async def test_deleting_an_unknown_client_is_done_already(desk, id):
    """Deletion answers 204, also for an unknown client."""
    answer = await desk.ask(f"DELETE /clients/{id}")
    assert (answer.status, answer.json, answer.body) == (204, None, b"")


async def test_the_command_line_is_no_client_to_delete(desk):
    """Deleting a client of the command line's name is done already, and ends none of its tokens."""
    token = desk.token()
    assert (await desk.ask(f"DELETE /clients/{COMMAND_LINE}", token=token)).status == 204
    assert (await desk.ask("GET /clients", token=token)).status == 200
    assert not await desk.tenant.store.revoked(Owner(tenant=desk.tenant.id, client=COMMAND_LINE), NOW)


async def test_deleting_a_client_ends_everything_of_it(desk):
    """A deleted client takes its grants along, and all that was issued to it is revoked."""
    made = await desk.made("POST /clients", MINIMAL)
    client_id = made["client_id"]
    await desk.made("POST /client-grants", {"client_id": client_id, "audience": AUDIENCE, "scope": []})
    assert (await desk.ask(f"DELETE /clients/{client_id}")).status == 204
    assert (await desk.ask(f"GET /clients/{client_id}")).status == 404
    assert await desk.tenant.store.count(ClientGrant, desk.tenant.id, {}) == 0
    assert await desk.tenant.store.revoked(Owner(tenant=desk.tenant.id, client=client_id), NOW)
    events = [event.slug for event in await desk.tenant.store.events(desk.tenant.id, {}, WINDOW)]
    assert events[0] == "client_deleted"


async def test_no_update_is_lost(desk):
    """Changes at the same time all land: none overwrites what it did not name."""
    made = await desk.made("POST /clients", MINIMAL)
    line = f"PATCH /clients/{made['client_id']}"
    bodies = [{"client_metadata": {f"k{n}": "v"}} for n in range(10)]
    answers = await asyncio.gather(*(desk.ask(line, body) for body in bodies))
    assert {answer.status for answer in answers} == {200}
    client = await stored(desk, made["client_id"])
    assert len(client.client_metadata) == 10
    assert client.version == 11


async def test_changing_nothing_writes_nothing(desk):
    """A change to what is there already is no change."""
    made = await desk.made("POST /clients", FULL)
    await desk.made(f"PATCH /clients/{made['client_id']}", FULL)
    assert (await stored(desk, made["client_id"])).version == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "'Missing required property: name'"),
        ({"name": None}, "'Missing required property: name'"),
        ({"name": ""}, "name"),
        ({"name": " "}, "'Must not be blank or contain < or > or control characters' on property name"),
        ({"name": "<b>"}, "on property name"),
        ({"name": "x" * 256}, "on property name"),
        ({"name": 7}, "'Expected str, got int' on property name"),
        (MINIMAL | {"foo": 1}, "'Additional properties not allowed: foo'"),
        (MINIMAL | {"client_id": "x"}, "'Additional properties not allowed: client_id'"),
        (MINIMAL | {"client_secret": "x"}, "'Additional properties not allowed: client_secret'"),
        (MINIMAL | {"secrets": []}, "'Additional properties not allowed: secrets'"),
        (MINIMAL | {"reply_urls": []}, "'Additional properties not allowed: reply_urls'"),
        (MINIMAL | {"description": "x" * 141}, "on property description"),
        (MINIMAL | {"app_type": "toaster"}, "on property app_type"),
        (MINIMAL | {"enabled": "yes"}, "on property enabled"),
        (MINIMAL | {"enabled": 1}, "on property enabled"),
        (MINIMAL | {"grant_types": ["magic"]}, "on property grant_types"),
        (MINIMAL | {"grant_types": ["implicit", "implicit"]}, "on property grant_types"),
        (MINIMAL | {"grant_types": "implicit"}, "on property grant_types"),
        (MINIMAL | {"token_endpoint_auth_method": "magic"}, "on property token_endpoint_auth_method"),
        (MINIMAL | {"callbacks": ["https://a.example/", "https://a.example/"]}, "on property callbacks"),
        (MINIMAL | {"callbacks": ["javascript:alert(1)"]}, "on property callbacks"),
        (MINIMAL | {"callbacks": ["https://a.example/"] * 101}, "on property callbacks"),
        (MINIMAL | {"logo_uri": "http://a.example/x.png"}, "on property logo_uri"),
        (MINIMAL | {"web_origins": ["https://a.example/"]}, "on property web_origins"),
        (MINIMAL | {"client_metadata": {"a": 1}}, "on property client_metadata"),
        (MINIMAL | {"client_metadata": {"a": "x" * 256}}, "on property client_metadata"),
        (MINIMAL | {"client_metadata": {str(n): "" for n in range(11)}}, "on property client_metadata"),
        (MINIMAL | {"resource_server_identifier": "a b"}, "on property resource_server_identifier"),
        (MINIMAL | {"jwt_configuration": {"foo": 1}}, None),
        (MINIMAL | {"require_proof_of_possession": True}, None),
        (MINIMAL | {"require_pushed_authorization_requests": 1}, "on property require_pushed"),
        (MINIMAL | {"par_request_expiry": 9}, "on property par_request_expiry"),
        (MINIMAL | {"par_request_expiry": 601}, "on property par_request_expiry"),
        (MINIMAL | {"refresh_token": {"rotation": "rotating"}}, "on property refresh_token"),
        (MINIMAL | {"refresh_token": {"leeway": 61}}, "on property refresh_token.leeway"),
        (MINIMAL | {"refresh_token": {"token_lifetime": 0}}, "on property refresh_token.token_lifetime"),
        (MINIMAL | {"scope_claims_in_id_token": "never"}, "on property scope_claims_in_id_token"),
        (MINIMAL | {"compliance_level": "fapi2_sp_pkj_mtls"}, None),
        (MINIMAL | {"cross_origin_authentication": 0}, "on property cross_origin_authentication"),
        (MINIMAL | {"token_exchange": {"allow_any_profile_of_type": ["custom_authentication"]}}, None),
    ],
)
async def test_refuses_what_a_client_cannot_be(desk, body, problem):
    """A body outside the closed schema is invalid_body, one that promises too much is not supported."""
    answer = await desk.ask("POST /clients", body)
    assert answer.status == 400
    assert answer.json["errorCode"] == ("invalid_body" if problem else "operation_not_supported")
    if problem:
        assert answer.json["message"].startswith("Payload validation error: ")
        assert problem in answer.json["message"]
    assert await desk.tenant.store.count(Client, desk.tenant.id, {}) == 0


async def test_takes_promises_at_their_defaults(desk):
    """A field that nothing enforces yet may be left as it is, and is not stored."""
    promises = {
        "require_proof_of_possession": False,
        "compliance_level": None,
        "jwt_configuration": {"alg": "RS256"},
        "signed_request_object": {"required": False},
    }
    made = await desk.made("POST /clients", MINIMAL | promises)
    assert not promises.keys() & made.keys()


async def test_says_how_refresh_tokens_live(desk):
    """What the client has no terms for is the tenant's choice; the object can be sent back as it came."""
    made = await desk.made("POST /clients", MINIMAL)
    told = made["refresh_token"]
    assert told["rotation_type"] == "rotating"
    assert (told["token_lifetime"], told["idle_token_lifetime"], told["leeway"]) == (2_592_000, 1_296_000, 10)
    line = f"PATCH /clients/{made['client_id']}"
    assert (await desk.made(line, {"refresh_token": told}))["refresh_token"] == told
    assert (await desk.made(line, {"refresh_token": None}))["refresh_token"] == told
    found = await desk.tenant.store.named(Client, desk.tenant.id, made["client_id"])
    assert found.version == 1


@pytest.mark.parametrize(
    ("said", "terms", "shown"),
    [
        ({"rotation_type": "non-rotating"}, RefreshTerms(rotates=False), {"rotation_type": "non-rotating"}),
        ({"leeway": 0}, RefreshTerms(leeway=0), {"leeway": 0}),
        ({"token_lifetime": 7}, RefreshTerms(lifetime=7), {"token_lifetime": 7}),
        ({"idle_token_lifetime": 5}, RefreshTerms(idle_lifetime=5), {"idle_token_lifetime": 5}),
        ({"infinite_token_lifetime": True}, RefreshTerms(lifetime=0), {"infinite_token_lifetime": True}),
        (
            {"expiration_type": "non-expiring"},
            RefreshTerms(lifetime=0, idle_lifetime=0),
            {"expiration_type": "non-expiring", "infinite_idle_token_lifetime": True},
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
async def test_a_client_has_terms_of_its_own(desk, said, terms, shown):
    """What is said of its refresh tokens holds for this client until it is taken back."""
    made = await desk.made("POST /clients", MINIMAL | {"refresh_token": said})
    line = f"PATCH /clients/{made['client_id']}"
    usual = (await desk.made("POST /clients", MINIMAL))["refresh_token"]
    assert made["refresh_token"] == usual | {**made["refresh_token"], **shown}
    found = await desk.tenant.store.named(Client, desk.tenant.id, made["client_id"])
    assert found.refresh == terms
    again = await desk.made(line, {"refresh_token": made["refresh_token"]})
    assert again["refresh_token"] == made["refresh_token"]
    if "infinite_token_lifetime" in said:
        ended = await desk.made(line, {"refresh_token": {"infinite_token_lifetime": False}})
        assert ended["refresh_token"] == usual
    assert (await desk.made(line, {"refresh_token": None}))["refresh_token"] == usual


async def test_where_scopes_are_told(desk):
    """Whether ID tokens of a client tell what scopes ask can be read and changed."""
    made = await desk.made("POST /clients", MINIMAL)
    assert made["scope_claims_in_id_token"] == "always"
    line = f"PATCH /clients/{made['client_id']}"
    lean = await desk.made(line, {"scope_claims_in_id_token": "only_without_access_token"})
    assert lean["scope_claims_in_id_token"] == "only_without_access_token"


async def test_name_cannot_be_unset(desk):
    """A client always has a name."""
    made = await desk.made("POST /clients", MINIMAL)
    assert (await desk.ask(f"PATCH /clients/{made['client_id']}", {"name": None})).status == 400


async def test_audit_names_who_changed_what(desk):
    """Each change is in the audit with the caller and the names of the fields, never their values."""
    made = await desk.made("POST /clients", MINIMAL)
    await desk.made(f"PATCH /clients/{made['client_id']}", {"description": "sesame"})
    event, *_ = await desk.tenant.store.events(desk.tenant.id, {"slug": "client_changed"}, WINDOW)
    assert event.client == "sekisho-cli"
    assert event.detail == {"client_id": made["client_id"], "fields": ["description"]}


async def test_how_tokens_are_exchanged(desk):
    """By Auth0's member for delegation, with a word of ours for impersonation; null takes it back."""
    made = await desk.made("POST /clients", MINIMAL)
    assert "token_exchange" not in made
    line = f"/clients/{made['client_id']}"
    for kinds, kept in (
        (["on_behalf_of_token_exchange"], "delegation"),
        (["impersonation"], "impersonation"),
        (["on_behalf_of_token_exchange", "impersonation"], "both"),
    ):
        told = {"allow_any_profile_of_type": kinds}
        assert (await desk.made(f"PATCH {line}", {"token_exchange": told}))["token_exchange"] == told
        assert (await stored(desk, made["client_id"])).exchange == kept
    nothings: tuple[object, ...] = ({"allow_any_profile_of_type": []}, None)
    for nothing in nothings:
        assert "token_exchange" not in await desk.made(f"PATCH {line}", {"token_exchange": nothing})
        assert (await stored(desk, made["client_id"])).exchange == "none"
    wrongs: tuple[object, ...] = ({}, {"allow_any_profile_of_type": ["anything"]}, {"allow_any": []})
    for wrong in wrongs:
        answer = await desk.ask(f"PATCH {line}", {"token_exchange": wrong})
        assert answer.json["errorCode"] == "invalid_body"
