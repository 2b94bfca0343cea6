"""The management half of auth0-python, as it comes: it walks pages until one is empty, and retries."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError
from auth0.management.errors import BadRequestError, ForbiddenError, NotFoundError, UnauthorizedError
from cryptography.hazmat.primitives import serialization

from sekisho.model.connection import DATABASE
from tests.clients.place import Machine, Place, a_key

SPKI = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
TO_KEEP = "Kept by the library"
ORDERS = "https://orders.example.com/v1"


@pytest.fixture(scope="module")
def console(place: Place) -> Machine:
    """A client that may do everything with the management API."""
    found = place.made(
        "clients", name="Console", app_type="non_interactive", grant_types=["client_credentials"]
    )
    scopes = place.web.get("/api/v2/resource-servers", params={"per_page": 100}).json()
    (api,) = (each for each in scopes if each["identifier"].endswith("/api/v2/"))
    names = [scope["value"] for scope in api["scopes"]]
    place.made("client-grants", client_id=found["client_id"], audience=api["identifier"], scope=names)
    return Machine(client_id=found["client_id"], method="client_secret_post", secret=found["client_secret"])


@pytest.fixture
def management(place: Place, console: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagementClient]:
    """The library, which fetches its token itself, by another way than it asks with the token."""
    monkeypatch.setenv("SSL_CERT_FILE", str(place.authority))
    with httpx.Client(verify=ssl.create_default_context(cafile=place.authority)) as web:
        means: dict[str, Any] = {"client_id": console.client_id, "client_secret": console.secret}
        yield ManagementClient(domain=place.domain, httpx_client=web, **means)


def test_clients(management):
    """A client is made, found on a page, read, changed, given a new secret and deleted."""
    made = management.clients.create(
        name="Shop", app_type="regular_web", callbacks=["https://shop.example/cb"]
    )
    assert made.client_id
    assert made.client_id in [
        each.client_id for each in management.clients.list(per_page=2, is_first_party=True)
    ]
    read = management.clients.get(made.client_id, fields="name,callbacks", include_fields=True)
    assert (read.name, read.callbacks) == ("Shop", ["https://shop.example/cb"])
    changed = management.clients.update(made.client_id, name=TO_KEEP, client_metadata={"team": "sales"})
    assert (changed.name, changed.client_metadata) == (TO_KEEP, {"team": "sales"})
    rotated = management.clients.rotate_secret(made.client_id)
    assert rotated.client_secret not in (None, made.client_secret)
    management.clients.delete(made.client_id)
    with pytest.raises(NotFoundError) as raised:
        management.clients.get(made.client_id)
    assert raised.value.body["errorCode"] == "inexistent_client"


def test_pages_are_walked_to_their_end(management):
    """The library goes from page to page until one is empty, and meets each client once."""
    for number in range(5):
        management.clients.create(name=f"Page {number}", app_type="spa")
    met = [each.client_id for each in management.clients.list(per_page=2, app_type="spa,native")]
    assert len(met) == len(set(met)) >= 5
    assert [each.name for each in management.clients.list(per_page=100, app_type="native")] == []


def test_credentials(management):
    """A credential is added, chosen, given an end, taken out and removed."""
    made = management.clients.create(name="Signer", app_type="non_interactive")
    assert made.client_id
    credential = management.clients.credentials.create(
        made.client_id,
        credential_type="public_key",
        name="laptop",
        pem=a_key().public_key().public_bytes(*SPKI).decode(),
        alg="RS256",
    )
    assert credential.id
    chosen = management.clients.update(
        made.client_id,
        client_authentication_methods={"private_key_jwt": {"credentials": [{"id": credential.id}]}},
    )
    assert chosen.client_authentication_methods.private_key_jwt.credentials[0].id == credential.id
    (listed,) = management.clients.credentials.list(made.client_id)
    read = management.clients.credentials.get(made.client_id, credential.id)
    assert (read.id, read.kid, read.alg) == (listed.id, listed.kid, "RS256")
    ended = management.clients.credentials.update(
        made.client_id, credential.id, expires_at="2030-01-01T00:00:00Z"
    )
    assert ended.expires_at.year == 2030
    with pytest.raises(BadRequestError):
        management.clients.credentials.delete(made.client_id, credential.id)
    management.clients.delete(made.client_id)


def test_resource_servers_and_client_grants(management, console: Machine):
    """An API is made, used by a client, changed and deleted; in addresses its identifier is encoded."""
    api = management.resource_servers.create(
        identifier=ORDERS, name="Orders", scopes=[{"value": "read:orders", "description": "Read"}]
    )
    assert management.resource_servers.get(ORDERS).id == api.id
    assert ORDERS in [each.identifier for each in management.resource_servers.list()]
    grant = management.client_grants.create(
        client_id=console.client_id, audience=ORDERS, scope=["read:orders"]
    )
    assert [each.id for each in management.client_grants.list(audience=ORDERS)] == [grant.id]
    assert management.client_grants.update(grant.id, scope=[]).scope == []
    assert management.resource_servers.update(api.id, token_lifetime=60).token_lifetime == 60
    management.client_grants.delete(grant.id)
    management.resource_servers.delete(api.id)
    with pytest.raises(NotFoundError):
        management.resource_servers.get(ORDERS)


def test_a_duplicate_is_refused_however_often_it_is_sent(management):
    """The library sends a conflict three times: nothing is made by any of them."""
    management.resource_servers.create(identifier=f"{ORDERS}/twice", name="Once")
    with pytest.raises(ApiError) as raised:
        management.resource_servers.create(identifier=f"{ORDERS}/twice", name="Twice")
    assert (raised.value.status_code, raised.value.body["errorCode"]) == (409, "conflict")
    assert management.resource_servers.get(f"{ORDERS}/twice").name == "Once"


def test_signing_keys(management):
    """Keys are listed, read, rotated, and the previous one revoked, in the library's own models."""
    management.resource_servers.create(identifier=f"{ORDERS}/es256", signing_alg="ES256")
    before = management.keys.signing.list()
    (current,) = (key for key in before if key.current and key.alg == "ES256")
    assert current.cert.startswith("-----BEGIN CERTIFICATE-----")
    assert management.keys.signing.get(current.kid).fingerprint == current.fingerprint
    turned = management.keys.signing.rotate(
        request_options={"additional_body_parameters": {"alg": "ES256", "force": True}}
    )
    assert turned.kid in [key.kid for key in before if key.next]
    revoked = management.keys.signing.revoke(current.kid)
    assert (revoked.kid, revoked.cert) == (current.kid, current.cert)
    assert management.keys.signing.get(current.kid).revoked


def test_logs_and_stats(management, console: Machine):
    """What the library did is in the logs, page by page; statistics are numbers."""
    made = management.clients.create(name="Noted", app_type="spa")
    logs = management.logs.list(per_page=100, search="type:sapi")
    found = next(each for each in logs if each.details["event"] == "client_created")
    assert (found.type, found.client_id) == ("sapi", console.client_id)
    assert found.details["client_id"] == made.client_id
    assert management.logs.get(found.log_id).description == "Create a client"
    assert management.stats.get_active_users_count() == 0
    days = management.stats.get_daily(from_="20260101", to="20260103")
    assert [day.date[:10] for day in days] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_tenant_settings(management):
    """Settings are read, changed and unset."""
    assert management.tenants.settings.update(support_email="help@example.com")
    assert management.tenants.settings.get().support_email == "help@example.com"
    assert management.tenants.settings.get(fields="support_email").support_email == "help@example.com"


def test_refusals_are_the_library_s_own(place: Place, management, console: Machine):
    """A refusal is raised with our status and body: bad input, no scope, no token."""
    with pytest.raises(BadRequestError) as raised:
        management.clients.create(name="x", app_type="toaster")
    assert raised.value.body["errorCode"] == "invalid_body"
    web = place.web
    with pytest.raises(UnauthorizedError):
        ManagementClient(domain=place.domain, token="x", httpx_client=web).clients.get("x")
    form = {"grant_type": "client_credentials", "audience": f"{place.url}/api/v2/", "scope": "read:stats"}
    token = web.post("/oauth/token", data=form, auth=(console.client_id, console.secret)).json()[
        "access_token"
    ]
    with pytest.raises(ForbiddenError) as forbidden:
        ManagementClient(domain=place.domain, token=token, httpx_client=web).clients.get("x")
    assert forbidden.value.body["message"].startswith("Insufficient scope, expected any of: read:clients,")


def test_users(management):
    """A person is made, found in every way, changed, blocked and deleted; the password comes in no answer."""
    told = {"email": "ann@example.com", "password": "seven grey herons", "given_name": "Ann"}
    made = management.users.create(connection=DATABASE, user_metadata={"shoe": 38}, **told)
    assert (made.email, made.name, made.user_metadata) == ("ann@example.com", "ann@example.com", {"shoe": 38})
    assert not hasattr(made, "password")
    id = made.user_id
    assert management.users.get(id).identities[0].connection == DATABASE
    assert id in [each.user_id for each in management.users.list(per_page=1)]
    for q in ('email:"ANN@example.com"', f'user_id:"{id}"', "ann@"):
        assert [each.user_id for each in management.users.list(q=q, search_engine="v3")] == [id]
    assert [each.user_id for each in management.users.list_users_by_email(email="ann@example.com")] == [id]
    assert management.users.update(id, blocked=True).blocked is True
    assert management.users.update(id, app_metadata={"plan": "gold"}).app_metadata == {"plan": "gold"}
    assert list(management.users.sessions.list(id)) == list(management.users.refresh_token.list(id)) == []
    management.users.sessions.delete(id)
    management.users.refresh_token.delete(id)
    assert list(management.users.logs.list(id)) == []
    assert list(management.user_grants.list(user_id=id)) == []
    management.user_grants.delete_by_user_id(user_id=id)
    management.users.delete(id)
    with pytest.raises(NotFoundError) as raised:
        management.users.get(id)
    assert raised.value.body["errorCode"] == "inexistent_user"


def test_roles(management):
    """A role carries permissions, people have it, and each side lists the other."""
    api = "https://roles.example.com"
    management.resource_servers.create(identifier=api, scopes=[{"value": "read:roles", "description": "R"}])
    role = management.roles.create(name="clerk", description="Reads")
    assert management.roles.update(role.id, description="Reads much").description == "Reads much"
    may: list[Any] = [{"permission_name": "read:roles", "resource_server_identifier": api}]
    management.roles.permissions.add(role.id, permissions=may)
    assert [each.permission_name for each in management.roles.permissions.list(role.id)] == ["read:roles"]
    user = management.users.create(connection=DATABASE, email="roy@example.com").user_id
    management.users.roles.assign(user, roles=[role.id])
    assert [each.name for each in management.users.roles.list(user)] == ["clerk"]
    assert [each.email for each in management.roles.users.list(role.id)] == ["roy@example.com"]
    management.users.permissions.create(user, permissions=may)
    (held,) = management.users.permissions.list(user)
    assert [each["source_type"] for each in held.sources] == ["DIRECT", "ROLE"]
    management.users.permissions.delete(user, permissions=may)
    management.users.roles.delete(user, roles=[role.id])
    assert list(management.users.permissions.list(user)) == []
    management.roles.users.assign(role.id, users=[user])
    management.roles.permissions.delete(role.id, permissions=may)
    assert role.id in [each.id for each in management.roles.list(per_page=1)]
    management.roles.delete(role.id)
    assert list(management.users.roles.list(user)) == []


def test_pushing_is_demanded(management):
    """The call of Auth0's guide makes an application push its requests, once the tenant lets it."""
    made = management.clients.create(name="Pusher", app_type="regular_web")
    management.tenants.settings.update(pushed_authorization_requests_supported=False)
    with pytest.raises(BadRequestError):
        management.clients.update(made.client_id, require_pushed_authorization_requests=True)
    management.tenants.settings.update(pushed_authorization_requests_supported=True)
    changed = management.clients.update(made.client_id, require_pushed_authorization_requests=True)
    assert changed.require_pushed_authorization_requests is True
    assert management.clients.get(made.client_id).require_pushed_authorization_requests is True
    assert management.tenants.settings.get().session_lifetime == 168
