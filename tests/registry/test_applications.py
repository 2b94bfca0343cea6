"""Applications in Entra's words: one client and one API, made and changed together."""

import uuid
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import amendment, creation
from sekisho.model.api import MANAGEMENT, Api, PreAuthorized
from sekisho.model.artifact import Owner
from sekisho.model.client import Access, Client, Registration, ReplyUrl, Required
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Save
from sekisho.registry import apis, clients
from sekisho.registry.applications import manifest, verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.registry.client_fields import ClientFields
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import PERMISSION_ENABLED
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    BODY_INVALID,
    CLIENT_ABOVE,
    CLIENT_ABSENT,
    NOT_SUPPORTED,
    SYSTEM_CLIENT,
    VERSION_STALE,
)
from sekisho.spec.refusals.registration import REGISTRATION_DECIDES
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, NOW, ORIGIN, TENANT, client, demo_tenant

ACTOR = Actor(client="tests")
READ, WRITE = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
CLERK = "a0000000-0000-4000-8000-000000000003"
GRAPH = "00000003-0000-0000-c000-000000000000"


def scope(id: str = READ, value: str = "Orders.Read", **more: object) -> dict[str, object]:
    """A delegated scope."""
    return {"id": id, "value": value, "adminConsentDisplayName": "Read orders", **more}


def role(id: str = CLERK, value: str = "clerk", *members: str, **more: object) -> dict[str, object]:
    """A role."""
    return {
        "id": id,
        "value": value,
        "displayName": value,
        "allowedMemberTypes": list(members or ("User",)),
        **more,
    }


async def made(tenant: Tenant, **told: object) -> Application:
    """A new application."""
    read = manifest.read({"displayName": "Orders", **told})
    return await verbs.create(tenant, creation(read.members, EntraApplicationFields), ACTOR, wild=read.wild)


async def changed(tenant: Tenant, had: Application, actor: Actor = ACTOR, **told: Any) -> Application:
    """An application with something else said of it."""
    read = manifest.read(told, is_there=True)
    asked = amendment(read.members, EntraApplicationFields)
    return await verbs.change(tenant, Meant(had.client.id, actor), asked, wild=read.wild)


async def refused(tenant: Tenant, had: Application | None = None, **told: Any) -> Refused:
    """Why an application is not made, or not changed like this."""
    with pytest.raises(Refused) as refused:
        await (changed(tenant, had, **told) if had else made(tenant, **told))
    return refused.value


@pytest.fixture
async def tenant() -> Tenant:
    """The demo tenant."""
    return await demo_tenant()


async def test_a_new_application_is_a_client_alone(tenant: Tenant) -> None:
    """It has a GUID for a name and asks for tokens by four grants; without anything exposed it is no API."""
    new = await made(tenant)
    assert new.api is None
    assert str(uuid.UUID(new.client.client_id)) == new.client.client_id
    assert new.client.grant_types == (
        *("authorization_code", "refresh_token", "client_credentials"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    )
    assert (new.client.assertion_audience, new.client.assertion_reuse) == ("lenient", True)
    assert (new.client.is_first_party, new.client.front_channel) == (False, ())
    # Nobody who shows nothing is a web application.
    assert (new.client.token_endpoint_auth_method, new.client.secrets) == ("client_secret_post", ())
    assert await verbs.find(tenant, new.client.id) == new
    assert await verbs.find(tenant, new.client.client_id.upper()) == new


async def test_what_it_exposes_makes_it_an_api(tenant: Tenant) -> None:
    """The first identifier of the API is the application's own name, and it stays an API."""
    new = await made(tenant, api={"oauth2PermissionScopes": [scope()]}, appRoles=[role()])
    assert new.api
    assert new.api.identifiers == (new.client.client_id,)
    assert new.api.owner_client == new.client.client_id
    assert (new.api.dialect, new.api.token_lifetime, new.api.signing_alg) == ("entra_v1", 3600, "RS256")
    assert new.api.scopes[0].admin_title == "Read orders"
    uri = f"api://{new.client.client_id}"
    told: dict[str, Any] = {
        "identifierUris": [uri, "https://shop.example/orders"],
        "api": {"requestedAccessTokenVersion": 2},
    }
    new = await changed(tenant, new, **told)
    assert new.api
    assert new.api.identifiers == (new.client.client_id, uri, "https://shop.example/orders")
    assert (new.api.dialect, [each.value for each in new.api.scopes]) == ("entra_v2", ["Orders.Read"])
    assert await apis.of_audience(tenant, "https://shop.example/orders") == new.api
    off = {"oauth2PermissionScopes": [scope(isEnabled=False)], "requestedAccessTokenVersion": None}
    new = await changed(tenant, new, api=off, appRoles=[role(isEnabled=False)])
    new = await changed(tenant, new, api={"oauth2PermissionScopes": None}, appRoles=[], identifierUris=None)
    assert new.api
    assert (new.api.identifiers, new.api.dialect) == ((new.client.client_id,), "entra_v1")
    assert await verbs.find(tenant, new.client.id) == new


@pytest.mark.parametrize(
    "told",
    [
        {"appRoleAssignmentRequired": True},
        {"api": {"knownClientApplications": [GRAPH]}},
        {"optionalClaims": {"accessToken": [{"name": "email"}]}},
        {"api": {"requestedAccessTokenVersion": 2}},
    ],
    ids=str,
)
async def test_each_thing_that_only_an_api_has_makes_one(tenant: Tenant, told: dict[str, Any]) -> None:
    """Whatever has no place in a client brings the API; saying its default does not."""
    new = await changed(tenant, await made(tenant, api={}, appRoles=[], optionalClaims=None), **told)
    assert new.api
    assert new.version == new.client.version + 1


async def test_reply_urls_keep_their_types_and_their_order(tenant: Tenant) -> None:
    """Web, single-page, public, each as it was said; a type that is not said stays as it is."""
    new = await made(
        tenant,
        publicClient={"redirectUris": ["msal1://auth", "http://localhost"]},
        web={"redirectUris": ["https://b.example/", "https://a.example/cb"]},
    )
    kinds = [(each.url, each.kind) for each in new.client.reply_urls]
    assert kinds == [
        *(("https://b.example/", "web"), ("https://a.example/cb", "web")),
        *(("msal1://auth", "public"), ("http://localhost", "public")),
    ]
    new = await changed(tenant, new, spa={"redirectUris": ["https://spa.example"]}, web={"logoutUrl": None})
    assert [each.kind for each in new.client.reply_urls] == ["web", "web", "spa", "public", "public"]
    new = await changed(tenant, new, web=None, publicClient={"redirectUris": []})
    assert new.client.reply_urls == (ReplyUrl("https://spa.example", "spa"),)


@pytest.mark.parametrize(
    ("told", "method", "kind"),
    [
        ({}, "client_secret_post", "regular_web"),
        ({"isFallbackPublicClient": True}, "none", "regular_web"),
        ({"spa": {"redirectUris": ["https://a.example"]}}, "none", "spa"),
        ({"publicClient": {"redirectUris": ["http://localhost"]}}, "none", "native"),
        (
            {"spa": {"redirectUris": ["https://a.example"]}, "web": {"redirectUris": ["https://b.example"]}},
            "client_secret_post",
            "regular_web",
        ),
    ],
    ids=str,
)
async def test_who_needs_no_proof(tenant: Tenant, told: dict[str, Any], method: str, kind: str) -> None:
    """Only single-page and public applications go without credentials."""
    new = await made(tenant, **told)
    assert (new.client.token_endpoint_auth_method, new.client.app_type) == (method, kind)


async def test_implicit_follows_from_its_settings(tenant: Tenant) -> None:
    """The grant is there as long as something may be answered in an address, and it says what."""
    new = await made(tenant, web={"implicitGrantSettings": {"enableIdTokenIssuance": True}})
    assert ("implicit" in new.client.grant_types, new.client.front_channel) == (True, ("id_token",))
    both = {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}
    new = await changed(tenant, new, web=both)
    assert new.client.front_channel == ("id_token", "token")
    new = await changed(tenant, new, web={"implicitGrantSettings": None})
    assert ("implicit" in new.client.grant_types, new.client.front_channel) == (False, ())


async def test_the_rest_has_its_places(tenant: Tenant) -> None:
    """Required permissions keep their order; claims belong to the client or to the API."""
    needs = [
        {"resourceAppId": GRAPH, "resourceAccess": [{"id": READ, "type": "Scope"}]},
        {"resourceAppId": "old-name", "resourceAccess": [{"id": CLERK.upper(), "type": "Role"}]},
    ]
    claims = {"name": "aud", "additionalProperties": ["use_guid"]}
    new = await made(
        tenant,
        requiredResourceAccess=needs,
        optionalClaims={"idToken": [{"name": "email", "essential": True}], "accessToken": [claims]},
        groupMembershipClaims="SecurityGroup",
        signInAudience="AzureADMultipleOrgs",
        description="Where orders are",
        info={"supportUrl": "https://shop.example/help", "logoUrl": "https://shop.example/logo.png"},
        web={"homePageUrl": "https://shop.example", "logoutUrl": "https://shop.example/out"},
    )
    assert new.client.required == (
        Required(resource=GRAPH, access=(Access(READ),)),
        Required(resource="old-name", access=(Access(CLERK, "Role"),)),
    )
    assert new.api
    assert [each.name for each in new.client.id_token_claims] == ["email"]
    assert [each.properties for each in new.api.access_token_claims] == [("use_guid",)]
    assert (new.client.groups_claim, new.api.groups_claim) == ("SecurityGroup", "SecurityGroup")
    assert new.client.front_logout_uri == "https://shop.example/out"
    assert new.client.support_uri == "https://shop.example/help"
    new = await changed(tenant, new, groupMembershipClaims="None", info=None, description=None)
    assert new.api
    assert (new.client.groups_claim, new.api.groups_claim, new.client.support_uri) == ("", "", "")


async def test_pre_authorized_scopes_are_scopes_of_its_own(tenant: Tenant) -> None:
    """The ids that an application is given without asking belong to this API."""
    given = {"appId": GRAPH, "delegatedPermissionIds": [READ.upper()]}
    new = await made(tenant, api={"oauth2PermissionScopes": [scope()], "preAuthorizedApplications": [given]})
    assert new.api
    assert new.api.pre_authorized == (PreAuthorized(client=GRAPH, scopes=(READ,)),)
    why = await refused(tenant, api={"preAuthorizedApplications": [given]})
    assert why.reason == BODY_INVALID


async def test_what_is_enabled_is_disabled_first(tenant: Tenant) -> None:
    """A scope or a role that may be in use is not deleted. With it goes what it was given to."""
    new = await made(tenant, api={"oauth2PermissionScopes": [scope()]}, appRoles=[role()])
    why = await refused(tenant, new, api={"oauth2PermissionScopes": []})
    assert (why.reason, "Orders.Read" in why.text) == (PERMISSION_ENABLED, True)
    assert (await refused(tenant, new, appRoles=None)).reason == PERMISSION_ENABLED
    name = new.client.client_id
    grant = ClientGrant(
        tenant=TENANT, id="cgr_2", client_id="machine", audience=name, scopes=("Orders.Read",)
    )
    kind: Any = "User"
    held = [
        RoleAssignment(tenant=TENANT, id=id, principal=str(uuid.uuid4()), kind=kind, api=name, role=which)
        for id, which in (("1", CLERK), ("2", WRITE))
    ]
    assert await tenant.change(Save(grant), *map(Save, held)) is None
    off = {"oauth2PermissionScopes": [scope(isEnabled=False)]}
    new = await changed(tenant, new, api=off, appRoles=[role(isEnabled=False)])
    new = await changed(tenant, new, api={"oauth2PermissionScopes": []}, appRoles=[])
    left = await tenant.store.record(ClientGrant, TENANT, "cgr_2")
    assert left
    assert left.scopes == ()
    assert [await tenant.store.record(RoleAssignment, TENANT, id) is None for id in "12"] == [True, False]


REPLY = "web", "redirectUris"
WRONG: tuple[dict[str, Any], ...] = (
    {"displayName": " "},
    {"displayName": "<b>"},
    {"signInAudience": "Everybody"},
    {"groupMembershipClaims": "Some"},
    {"identifierUris": ["api://x/"]},
    {"identifierUris": ["ftp://x"]},
    {"identifierUris": ["https://x?y"]},
    {"identifierUris": ["https://x#y"]},
    {"identifierUris": ["https://x y"]},
    {"identifierUris": ["api://x", "api://x"]},
    {"identifierUris": ["api://" + "x" * 300]},
    {"api": {"oauth2PermissionScopes": [scope(id="x")]}},
    {"api": {"oauth2PermissionScopes": [scope(value="a b")]}},
    {"api": {"oauth2PermissionScopes": [scope(value=".default")]}},
    {"api": {"oauth2PermissionScopes": [scope(value="x" * 121)]}},
    {"api": {"oauth2PermissionScopes": [scope(type="Everybody")]}},
    {"api": {"oauth2PermissionScopes": [scope(), scope(WRITE)]}},
    {"api": {"oauth2PermissionScopes": [scope(), scope(value="Orders.Write")]}},
    {"api": {"oauth2PermissionScopes": [scope()]}, "appRoles": [role(READ)]},
    {"api": {"requestedAccessTokenVersion": 3}},
    {"api": {"knownClientApplications": [GRAPH, GRAPH]}},
    {"api": {"nobodyKnows": 1}},
    {"appRoles": [role(), role(READ)]},
    {"appRoles": [role(CLERK, "clerk", "User", "User")]},
    {"appRoles": [role(CLERK, "clerk", "Everybody")]},
    {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": []}] * 2},
    {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "x", "type": "Scope"}]}]},
    {"optionalClaims": {"idToken": [{"name": "email"}, {"name": "email"}]}},
    {"web": {"redirectUris": ["http://shop.example/cb"]}},
    {"web": {"redirectUris": ["https://shop.example/cb#x"]}},
    {"web": {"redirectUris": ["https://shop.example/*"]}},
    {"web": {"redirectUris": ["https://*.shop.example/"]}},
    {"web": {"redirectUris": ["com.shop:/cb"]}},
    {"web": {"redirectUris": ["http://[::1]/cb"]}},
    {"web": {"redirectUris": ["https://user@shop.example/"]}},
    {"web": {"redirectUris": ["https://shop.example:x/"]}},
    {"web": {"redirectUris": ["https://[/"]}},
    {"web": {"redirectUris": ["//shop.example"]}},
    {"web": {"redirectUris": ["https://shop.example:/"]}},
    {"web": {"redirectUris": ["https://shop.example/" + "x" * 240]}},
    {"web": {"redirectUris": ["https://a.example", "https://a.example"]}},
    {"web": {"redirectUris": ["https://a.example"]}, "spa": {"redirectUris": ["https://a.example"]}},
    {"spa": {"redirectUris": ["com.shop:/cb"]}},
    {"publicClient": {"redirectUris": ["javascript://x"]}},
    {"publicClient": {"redirectUris": ["data:text/html,x"]}},
    {"publicClient": {"redirectUris": ["https://shop.example/*"]}},
    {"web": {"logoutUrl": "http://shop.example"}},
    {"info": {"logoUrl": "javascript:alert(1)"}},
    {"tokenEncryptionKeyId": READ},
    {"appId": "not a GUID"},
)


@pytest.mark.parametrize("told", WRONG, ids=lambda each: str(each)[:80])
async def test_what_is_unsound_is_refused(tenant: Tenant, told: dict[str, Any]) -> None:
    """Each rule of the shape refuses what breaks it, and nothing is made. Reason: body_invalid."""
    why = await refused(tenant, **told)
    assert why.reason == BODY_INVALID
    assert await tenant.store.count(Client, TENANT, {}) == 0


@pytest.mark.parametrize(
    "told",
    [
        {"signInAudience": "PersonalMicrosoftAccount"},
        {"samlMetadataUrl": "https://x.example"},
        {"tags": ["x"]},
        {"verifiedPublisher": {"displayName": "x"}},
        {"parentalControlSettings": {"legalAgeGroupRule": "BlockMinors"}},
        {"api": {"acceptMappedClaims": True}},
        {"optionalClaims": {"saml2Token": [{"name": "email"}]}},
        {"passwordCredentials": [{"displayName": "x"}]},
    ],
    ids=str,
)
async def test_what_is_not_enforced_is_not_stored(tenant: Tenant, told: dict[str, Any]) -> None:
    """A promise that nothing keeps is refused, its default is taken. Reason: not_supported."""
    assert (await refused(tenant, **told)).reason == NOT_SUPPORTED
    default = {"legalAgeGroupRule": "Allow", "countriesBlockedForMinors": []}
    assert await made(tenant, tags=[], parentalControlSettings=default, api={"acceptMappedClaims": None})


async def test_too_many_entries_are_refused(tenant: Tenant) -> None:
    """256 reply URLs, and 1200 entries of all kinds."""
    urls = [f"https://shop.example/{n}" for n in range(256)]
    new = await made(tenant, web={"redirectUris": urls})
    assert (await refused(tenant, new, spa={"redirectUris": ["https://x.example"]})).reason == BODY_INVALID
    many = [
        {"resourceAppId": str(uuid.uuid4()), "resourceAccess": [{"id": READ, "type": "Scope"}] * 100}
        for _ in range(10)
    ]
    assert "1200" in (await refused(tenant, new, requiredResourceAccess=many)).text


async def test_identifier_uris_belong_to_one_application(tenant: Tenant) -> None:
    """Neither another application's nor another API's, none of the server's own. Reason: already_exists."""
    await made(tenant, identifierUris=["https://shop.example"])
    taken = ("https://shop.example", AUDIENCE, MANAGEMENT, "urn:sekisho:userinfo", f"{ORIGIN}/api/v2")
    for uri in taken:
        assert (await refused(tenant, identifierUris=[uri])).reason == ALREADY_EXISTS, uri


async def test_an_app_id_comes_with_a_manifest_if_it_is_free(tenant: Tenant) -> None:
    """Nobody is called so, and nothing that an earlier one was given comes back to life."""
    left = (
        Consent(tenant=TENANT, id="1", user=None, client=GRAPH, api=None, scopes=("openid",)),
        Consent(tenant=TENANT, id="2", user="auth0|aya", client="machine", api=GRAPH, scopes=("Mail",)),
        ClientGrant(tenant=TENANT, id="cgr_2", client_id="machine", audience=GRAPH, scopes=("Mail",)),
        Consent(tenant=TENANT, id="3", user=None, client="machine", api=None, scopes=("openid",)),
    )
    assert await tenant.change(*map(Save, left)) is None
    new = await made(tenant, appId=GRAPH.upper(), id=str(uuid.uuid4()))
    assert new.client.client_id == GRAPH
    assert [each.id for each in await tenant.store.records(Consent, TENANT, {}, Window())] == ["3"]
    assert await tenant.store.count(ClientGrant, TENANT, {}) == 0
    bare = Api(tenant=TENANT, id="e" * 24, name="Bare", identifiers=(str(uuid.uuid4()),))
    grant = replace(left[2], id="cgr_3", audience=bare.identifier)
    assert await tenant.change(Save(bare), Save(grant)) is None
    for name in (GRAPH, new.client.id, bare.identifier):
        assert (await refused(tenant, appId=name)).reason == ALREADY_EXISTS
    assert await tenant.store.count(ClientGrant, TENANT, {}) == 1


async def test_nobody_agreed_to_a_later_scope_of_the_same_name(tenant: Tenant) -> None:
    """What an administrator agreed to for everybody ends with the scope; at other APIs, nothing does."""
    both = [scope(), scope(WRITE, "Orders.Write")]
    had = await made(tenant, api={"oauth2PermissionScopes": both})
    told = Consent(
        tenant=TENANT, id="c-1", user=None, client="x", api=had.client.client_id, scopes=("Orders.Read",)
    )
    wider = replace(told, id="c-2", client="y", scopes=("Orders.Read", "Orders.Write"))
    other = replace(told, id="c-3", api="elsewhere")
    assert await tenant.change(Save(told), Save(wider), Save(other)) is None
    off = await changed(tenant, had, api={"oauth2PermissionScopes": [scope(isEnabled=False), both[1]]})
    assert (await consent_of(tenant, "c-1")).scopes == ("Orders.Read",)
    await changed(tenant, off, api={"oauth2PermissionScopes": both[1:]})
    again = [scope(str(uuid.uuid4())), both[1]]
    await changed(tenant, await verbs.find(tenant, had.client.id), api={"oauth2PermissionScopes": again})
    left = [(await consent_of(tenant, id)).scopes for id in ("c-1", "c-2", "c-3")]
    assert left == [(), ("Orders.Write",), ("Orders.Read",)]


async def consent_of(tenant: Tenant, id: str) -> Consent:
    """What was agreed to."""
    found = await tenant.store.record(Consent, TENANT, id)
    assert found
    return found


async def test_deleting_takes_everything_along(tenant: Tenant) -> None:
    """The client, its API, who may ask for that, who has roles of it, and its tokens."""
    new = await made(tenant, api={"oauth2PermissionScopes": [scope()]})
    other = await made(tenant)
    name = new.client.client_id
    kind: Any = "ServicePrincipal"
    own = RoleAssignment(tenant=TENANT, id="1", principal=new.client.id, kind=kind, api=name)
    given = (
        own,
        replace(own, id="2", principal=other.client.id),
        replace(own, id="3", api=other.client.client_id),
        ClientGrant(tenant=TENANT, id="cgr_1", client_id=name, audience=name),
        ClientGrant(tenant=TENANT, id="cgr_2", client_id=name, audience=AUDIENCE),
        ClientGrant(tenant=TENANT, id="cgr_3", client_id="machine", audience=name),
    )
    assert await tenant.change(*map(Save, given)) is None
    await verbs.delete(tenant, Meant(name, ACTOR, frozenset((new.version,))))
    assert await tenant.store.named(Api, TENANT, name) is None
    assert await tenant.store.count(RoleAssignment, TENANT, {}) == 0
    assert await tenant.store.count(ClientGrant, TENANT, {}) == 0
    assert await tenant.store.revoked(Owner(tenant=TENANT, client=name), NOW - 1)
    for whose in (Meant(name, ACTOR), Meant(new.client.id, ACTOR)):
        with pytest.raises(Refused) as gone:
            await verbs.delete(tenant, whose)
        assert gone.value.reason == CLIENT_ABSENT


async def test_a_change_is_made_to_its_version(tenant: Tenant) -> None:
    """A version counts client and API; a stale one is refused, and what changes nothing writes nothing."""
    new = await made(tenant, api={"oauth2PermissionScopes": [scope()]})
    assert new.version == 2
    same = await changed(tenant, new, displayName="Orders")
    assert same == new
    asked = amendment({"displayName": "Store"}, EntraApplicationFields)
    after = await verbs.change(tenant, Meant(new.client.id, ACTOR, frozenset((2,))), asked)
    assert (after.version, after.api and after.api.name) == (4, "Store")
    with pytest.raises(Refused) as stale:
        await verbs.change(tenant, Meant(new.client.id, ACTOR, frozenset((2,))), asked)
    assert stale.value.reason == VERSION_STALE


async def test_nobody_changes_who_may_do_more(tenant: Tenant) -> None:
    """One that administers is changed by who may do as much; ours by nobody, nor what registered itself."""
    lord = await made(tenant)
    grant = ClientGrant(
        tenant=TENANT,
        id="cgr_9",
        client_id=lord.client.client_id,
        audience=MANAGEMENT,
        scopes=("delete:users",),
    )
    ours = client(id=str(uuid.uuid4()), client_id="sekisho-dashboard")
    came = replace(
        ours, id=str(uuid.uuid4()), client_id="tv", registration=Registration(application="a", statement="s")
    )
    assert await tenant.change(Save(grant), Save(ours), Save(came)) is None
    little = Actor(client="tests", scopes=frozenset(("update:clients",)))
    for whose, reason in (
        (Meant(lord.client.id, little), CLIENT_ABOVE),
        (Meant("sekisho-dashboard", ACTOR), SYSTEM_CLIENT),
        (Meant("tv", ACTOR), REGISTRATION_DECIDES),
    ):
        asked = amendment({"isFallbackPublicClient": True}, EntraApplicationFields)
        with pytest.raises(Refused) as why:
            await verbs.change(tenant, whose, asked)
        assert why.value.reason == reason
    with pytest.raises(Refused) as why:
        await verbs.delete(tenant, Meant(lord.client.id, little))
    assert why.value.reason == CLIENT_ABOVE


async def test_clients_of_the_other_door_are_applications_too(tenant: Tenant) -> None:
    """What was made elsewhere appears with its names and stays as it is where nothing is said of it."""
    assert await tenant.change(Save(client(app_type="native", token_endpoint_auth_method="none"))) is None
    found = await verbs.find(tenant, "machine")
    assert (found.client.id, found.api) == ("33333333-3333-4333-8333-333333333333", None)
    after = await changed(tenant, found, displayName="Engine", api={"oauth2PermissionScopes": [scope()]})
    assert after.client == replace(found.client, name="Engine", version=2, updated_at=after.client.updated_at)
    assert after.api
    assert after.api.identifier == "machine"


async def test_the_other_door_leaves_an_application_whole(tenant: Tenant) -> None:
    """A change of a client keeps reply URLs that only an application has, and what it proves itself with."""
    replies = {"replyUrlsWithType": [{"url": "https://*.shop.example/", "type": "Web"}]}
    new = await made(tenant, **replies)
    came = replace(new.client, jwks_uri="https://app.example.com/keys")
    assert await tenant.change(Save(came)) is None
    after = await clients.change(
        tenant, new.client.client_id, amendment({"description": "x"}, ClientFields), ACTOR
    )
    assert (after.secret, after.client.secrets) == (None, ())
    assert after.client.reply_urls == new.client.reply_urls
    asked = amendment({"callbacks": ["https://*.shop.example/", "com.shop:/cb"]}, ClientFields)
    with pytest.raises(Refused) as why:
        await clients.change(tenant, new.client.client_id, asked, ACTOR)
    assert why.value.reason == BODY_INVALID


async def test_every_change_is_audited(tenant: Tenant) -> None:
    """Who did what, to which application, and which members; no values."""
    new = await made(tenant)
    await changed(tenant, new, displayName="Store")
    await verbs.delete(tenant, Meant(new.client.id, ACTOR))
    events = await tenant.store.events(TENANT, {}, Window())
    told = [(each.slug, each.detail["client_id"]) for each in events]
    slugs = ("client_deleted", "client_changed", "client_created")
    assert told == [(slug, new.client.client_id) for slug in slugs]
    assert events[1].detail["fields"] == ["displayName"]
