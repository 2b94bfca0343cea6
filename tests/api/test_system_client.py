"""The dashboard's own client: anybody may see it, nobody changes it; and who may change other clients."""

import pytest

from sekisho.change.actor import Actor
from sekisho.model.client import DASHBOARD, Client
from sekisho.registry import client_credentials, client_grants, client_rules, clients, dashboard_client
from sekisho.registry.client_credentials import Place
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.registry.client_secrets import RotationFields
from sekisho.registry.credentials import CredentialFields
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABOVE
from tests.api.test_credentials import pem
from tests.tenants import AUDIENCE, ORIGIN

ADMIN = Actor(client="admin")
CALLBACK = "https://id.example.com/dashboard/callback"
HERS = f"/clients/{DASHBOARD}"


async def ours(desk) -> Client:
    """The client, as the first visit of an administrator makes it."""
    return await dashboard_client.wanted(desk.tenant, CALLBACK, ADMIN)


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (f"PATCH {HERS}", {"name": "Mine"}),
        (f"PATCH {HERS}", {"callbacks": ["https://evil.example/cb"]}),
        (f"PATCH {HERS}", {"enabled": False}),
        (f"PATCH {HERS}", {"token_endpoint_auth_method": "client_secret_post"}),
        (f"PATCH {HERS}", {}),
        (f"POST {HERS}/rotate-secret", {}),
        (f"PATCH {HERS}/credentials/cred_x", {"expires_at": None}),
        (f"DELETE {HERS}/credentials/cred_x", None),
        (f"DELETE {HERS}", None),
        ("POST /client-grants", {"client_id": DASHBOARD, "audience": AUDIENCE, "scope": []}),
    ],
    ids=str,
)
async def test_nobody_changes_the_client_of_the_dashboard(desk, line, body):
    """Whatever is tried is refused as system_client, and the client stays as it is."""
    before = await ours(desk)
    answer = await desk.ask(line, body)
    assert desk.refused.reason.slug == "system_client"
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert await clients.find(desk.tenant, DASHBOARD) == before


async def test_the_client_of_the_dashboard_is_seen(desk):
    """It is a client like any other, for whoever may read clients."""
    await ours(desk)
    assert (await desk.ask(f"GET {HERS}")).json["callbacks"] == [CALLBACK]
    assert DASHBOARD in [each["client_id"] for each in (await desk.ask("GET /clients")).json]


async def test_what_is_not_there_yet_is_gone_already(desk):
    """Before an administrator came there is no such client, and deleting it is no different from another."""
    assert (await desk.ask(f"DELETE {HERS}")).status == 204


async def test_the_verbs_refuse_it_themselves(desk):
    """No door has to remember it: the verbs refuse."""
    await ours(desk)
    tenant, pem = desk.tenant, CredentialFields(credential_type="public_key", pem="x")
    place = Place(DASHBOARD, "cred_x")
    for verb in (
        lambda: clients.change(tenant, DASHBOARD, ClientFields(name="Mine"), ADMIN),
        lambda: clients.rotate_secret(tenant, DASHBOARD, RotationFields(), ADMIN),
        lambda: clients.delete(tenant, DASHBOARD, ADMIN),
        lambda: client_credentials.change(tenant, place, pem, ADMIN),
        lambda: client_credentials.delete(tenant, place, ADMIN),
        lambda: client_grants.create(
            tenant, ClientGrantFields(client_id=DASHBOARD, audience=AUDIENCE), ADMIN
        ),
    ):
        with pytest.raises(Refused, match="system_client"):
            await verb()


async def test_who_may_do_less_than_a_client_does_not_change_it(desk):
    """With its secret one could do all that it may: only who may all of that changes it."""
    made = await desk.made("POST /clients", {"name": "Operator", "app_type": "non_interactive"})
    client_id = made["client_id"]
    few = frozenset(("read:clients", "update:clients"))
    client = await clients.find(desk.tenant, client_id)
    await client_rules.may_be_changed(desk.tenant, client, ())
    scopes = [*sorted(few), "update:tenant_settings"]
    body = {"client_id": client_id, "audience": f"{ORIGIN}/api/v2/", "scope": scopes}
    grant = await desk.made("POST /client-grants", body)
    with pytest.raises(Refused, match=CLIENT_ABOVE.slug) as refused:
        await client_rules.may_be_changed(desk.tenant, client, few)
    assert refused.value.reason.status == 403
    await client_rules.may_be_changed(desk.tenant, client, MANAGEMENT_SCOPES)
    tenant, who = desk.tenant, Actor(client="delegate", scopes=few)
    place = Place(client_id, "cred_x")
    key = CredentialFields(credential_type="public_key", pem=pem())
    for verb in (
        lambda: clients.change(tenant, client_id, ClientFields(name="Mine"), who),
        lambda: clients.rotate_secret(tenant, client_id, RotationFields(), who),
        lambda: clients.delete(tenant, client_id, who),
        lambda: client_credentials.create(tenant, client_id, key, who),
        lambda: client_credentials.change(tenant, place, key, who),
        lambda: client_credentials.delete(tenant, place, who),
        lambda: client_grants.create(tenant, ClientGrantFields(client_id=client_id, audience=AUDIENCE), who),
        lambda: client_grants.change(tenant, grant["id"], ClientGrantFields(scopes=()), who),
        lambda: client_grants.delete(tenant, grant["id"], who),
    ):
        with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
            await verb()
    assert await clients.find(tenant, client_id) == client


async def test_only_what_is_new_and_not_theirs_is_beyond_somebody(desk):
    """Scopes of the management API that a client had stay; others are given by who has them."""
    made = await desk.made("POST /clients", {"name": "Operator", "app_type": "non_interactive"})
    tenant, few = desk.tenant, frozenset(("read:users",))
    management = f"{ORIGIN}/api/v2/"

    def asked(*scopes: str) -> ClientGrantFields:
        return ClientGrantFields(client_id=made["client_id"], audience=management, scopes=scopes)

    with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
        await client_grants.create(tenant, asked("read:users", "update:tenant_settings"), Actor(scopes=few))
    grant = await client_grants.create(tenant, asked("read:users", "read:clients"), ADMIN)
    both = Actor(scopes=few | {"read:clients"})
    with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
        await client_grants.change(tenant, grant.id, asked("read:users", "read:logs"), both)
    assert (await client_grants.change(tenant, grant.id, asked("read:users"), both)).scopes == ("read:users",)
