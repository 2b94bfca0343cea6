"""Installations: /api/v2/registered-applications/{id}/clients, and what /clients says about them."""

import asyncio

import pytest

from sekisho import tokens
from sekisho.api import samples
from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED
from sekisho.spec.refusals.registration import TOKEN_CLIENT_GONE, TOKEN_SECRET_REPLACED
from tests.registered import came_by, installed, published, secret_of, token_of
from tests.tenants import NOW, TENANT, client

AT = "2027-01-15T08:00:00.000Z"
DAY = 86_400
PATH = "/registered-applications"


@pytest.fixture
async def application(desk):
    """A published application."""
    return await published(desk.tenant)


async def refusal(desk, text: str) -> object:
    """Why a token is refused now; None if it is good."""
    try:
        await tokens.live(text, desk.tenant)
    except Refused as refused:
        return refused.reason
    return None


async def test_an_installation_is_seen_with_what_it_said(desk, application):
    """The list says where a client came from, what its device is, where answers go, when it was used."""
    uri, device = "https://www.example.com/back", {"model": "TV", "osName": "Android"}
    one = await installed(desk.tenant, application, redirect_uri=uri, described=device)
    (seen,) = (await desk.ask(f"GET {PATH}/{application.id}/clients")).json
    told = {
        "client_id": one.client.client_id,
        "name": "Television",
        "enabled": True,
        "created_at": AT,
        "statement": came_by(one).statement,
        "generation": 1,
        "device": device,
        "redirect_uris": [uri],
    }
    assert seen == told
    desk.clock.now += 60
    await token_of(desk.tenant, one.client.client_id)
    (seen,) = (await desk.ask(f"GET {PATH}/{application.id}/clients?fields=last_used_at")).json
    assert seen == {"last_used_at": "2027-01-15T08:01:00.000Z"}


async def test_installations_are_listed_by_page_and_in_steps(desk, application):
    """Those of one application only, in the order of their ids."""
    mine = [await installed(desk.tenant, application) for _ in range(3)]
    await installed(desk.tenant, await published(desk.tenant))
    names = [each.client.client_id for each in sorted(mine, key=lambda each: each.client.id)]
    page = (await desk.ask(f"GET {PATH}/{application.id}/clients?include_totals=true&per_page=2")).json
    assert (page["total"], [each["client_id"] for each in page["clients"]]) == (3, names[:2])
    step = (await desk.ask(f"GET {PATH}/{application.id}/clients?take=2")).json
    rest = (await desk.ask(f"GET {PATH}/{application.id}/clients?take=2&from={step['next']}")).json
    assert [each["client_id"] for each in (*step["clients"], *rest["clients"])] == names


async def test_installations_are_not_among_the_clients_unless_asked_for(desk, application):
    """Clients without number would hide those that people made; a parameter shows all."""
    assert await desk.tenant.change(Save(client())) is None
    one = await installed(desk.tenant, application)
    for query in ("", "?include_registered=false", "?include_registered="):
        assert [each["client_id"] for each in (await desk.ask(f"GET /clients{query}")).json] == ["machine"]
    everybody = (await desk.ask("GET /clients?include_registered=true&include_totals=true")).json
    assert everybody["total"] == 2
    assert {each["client_id"] for each in everybody["clients"]} == {"machine", one.client.client_id}
    narrow = (await desk.ask("GET /clients?include_registered=true&app_type=native")).json
    assert [each["client_id"] for each in narrow] == [one.client.client_id]
    assert (await desk.ask("GET /clients?include_registered=maybe")).status == 400


async def test_a_client_tells_how_it_registered(desk, application):
    """The view of a client has its registration, which nobody can say."""
    one = await installed(desk.tenant, application)
    line = f"/clients/{one.client.client_id}"
    seen = (await desk.ask(f"GET {line}")).json
    assert seen["registration"] == {
        "application": application.id,
        "statement": came_by(one).statement,
        "generation": 1,
    }
    answer = await desk.ask(f"PATCH {line}", {"registration": seen["registration"]})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert await desk.tenant.change(Save(client())) is None
    assert "registration" not in (await desk.ask("GET /clients/machine")).json


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"callbacks": ["https://evil.example/"]}, "callbacks"),
        ({"grant_types": ["implicit"]}, "grant_types"),
        ({"app_type": "spa"}, "app_type"),
        ({"is_first_party": True}, "is_first_party"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"resource_server_identifier": "*"}, "resource_server_identifier"),
        ({"web_origins": ["https://www.example.com"], "name": "x"}, "web_origins"),
        ({"app_type": None, "is_first_party": None}, "app_type, is_first_party"),
    ],
)
async def test_what_registration_decided_stays(desk, application, body, named):
    """Nobody changes what a client registered with, and the refusal says which members these are."""
    one = await installed(desk.tenant, application, redirect_uri="com.example.television:/back")
    answer = await desk.ask(f"PATCH /clients/{one.client.client_id}", body)
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "registration_decides"
    assert answer.json["message"].endswith(f": {named}")


async def test_a_registered_client_takes_no_credential(desk, application):
    """It proves itself by the secret that it got, and by nothing that somebody adds."""
    one = await installed(desk.tenant, application)
    answer = await desk.ask(f"POST /clients/{one.client.client_id}/credentials", samples.CREDENTIAL)
    assert (answer.status, desk.refused.reason.slug) == (400, "registration_decides")
    assert answer.json["message"].endswith(": credentials")


@pytest.mark.parametrize("uri", ["", "http://www.example.com/back", "com.example.television://x#y"])
async def test_what_an_administrator_says_about_it_changes(desk, application, uri):
    """Name, description and the like are the administrator's, wherever the client's answers go."""
    one = await installed(desk.tenant, application, redirect_uri=uri)
    line = f"PATCH /clients/{one.client.client_id}"
    body = {"name": "Living room", "description": "Ours", "client_metadata": {"a": "b"}, "enabled": False}
    same = {"callbacks": [uri] if uri else [], "app_type": "native", "is_first_party": False}
    changed = await desk.made(line, body | same)
    assert {name: changed[name] for name in body} == body
    stored = await desk.tenant.store.named(Client, TENANT, one.client.client_id)
    assert stored.registration == one.client.registration
    secret.prove(secret_of(one), stored, NOW)


@pytest.mark.parametrize("line", ["DELETE /clients/{}", "DELETE {}/clients/{}"])
async def test_a_deleted_installation_is_gone_with_its_tokens(desk, application, line):
    """A client that is deleted, at either address, has no token that is good."""
    one, other = [await installed(desk.tenant, application) for _ in range(2)]
    name = one.client.client_id
    text = await token_of(desk.tenant, name)
    place = (name,) if line.count("{}") == 1 else (f"{PATH}/{application.id}", name)
    assert (await desk.ask(line.format(*place))).status == 204
    assert await refusal(desk, text) is TOKEN_CLIENT_GONE
    left = (await desk.ask(f"GET {PATH}/{application.id}/clients")).json
    assert [each["client_id"] for each in left] == [other.client.client_id]


async def test_a_new_secret_ends_the_tokens_of_the_previous_one(desk, application):
    """The new secret is said once; what was asked for with the previous one, and itself, end at once."""
    one = await installed(desk.tenant, application)
    name = one.client.client_id
    before = await token_of(desk.tenant, name, "one")
    made = await desk.made(f"POST {PATH}/{application.id}/clients/{name}/rotate-secret", None)
    assert (made["client_id"], made["generation"]) == (name, 2)
    stored = await desk.tenant.store.named(Client, TENANT, name)
    secret.prove(made["client_secret"], stored, NOW)
    with pytest.raises(Refused) as caught:
        secret.prove(secret_of(one), stored, NOW)
    assert caught.value.reason is CLIENT_AUTH_FAILED
    assert await refusal(desk, before) is TOKEN_SECRET_REPLACED
    assert await refusal(desk, await token_of(desk.tenant, name, "two")) is None
    for line in (f"GET {PATH}/{application.id}/clients", f"GET /clients/{name}", "GET /logs"):
        assert made["client_secret"] not in str((await desk.ask(line)).json)


async def test_one_of_many_rotations_of_a_version_wins(desk, application):
    """Of many who replace the secret that they saw one does, and its secret is the one that is good."""
    one = await installed(desk.tenant, application)
    line = f"POST {PATH}/{application.id}/clients/{one.client.client_id}/rotate-secret"
    answers = await asyncio.gather(*(desk.ask(line, if_match='"1"') for _ in range(10)))
    assert sorted(each.status for each in answers) == [200] + [412] * 9
    (made,) = (each.json for each in answers if each.status == 200)
    stored = await desk.tenant.store.named(Client, TENANT, one.client.client_id)
    secret.prove(made["client_secret"], stored, NOW)
    assert (stored.version, stored.registration.generation) == (2, 2)


@pytest.mark.parametrize("line", ["DELETE {}", "POST {}/rotate-secret"])
async def test_a_client_belongs_to_one_application(desk, application, line):
    """A client of another application, one that people made, and an unknown one are absent here."""
    assert await desk.tenant.change(Save(client())) is None
    other = await installed(desk.tenant, await published(desk.tenant))
    for name in (other.client.client_id, "machine", "nobody", "x" * 5000):
        answer = await desk.ask(line.format(f"{PATH}/{application.id}/clients/{name}"))
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client")
    assert (await desk.ask(f"GET /clients/{other.client.client_id}")).status == 200


async def test_a_preview_deletes_nothing(desk, application):
    """Who asks what is idle, and who prunes without saying more, only learns what would go."""
    idle = await installed(desk.tenant, application)
    desk.clock.now += 30 * DAY
    await installed(desk.tenant, application)
    asked = {"unused_for_days": 10}
    told = {
        "unused_for_days": 10,
        "dry_run": True,
        "count": 1,
        "client_ids": [idle.client.client_id],
    }
    assert (await desk.ask(f"GET {PATH}/{application.id}/clients/idle?unused_for_days=10")).json == told
    for body in (asked, asked | {"dry_run": True}, asked | {"dry_run": None, "from": None}):
        assert (await desk.ask(f"POST {PATH}/{application.id}/clients/prune", body)).json == told
    assert (await desk.ask(f"GET {PATH}/{application.id}/clients/idle")).json["count"] == 0
    assert len((await desk.ask(f"GET {PATH}/{application.id}/clients")).json) == 2


async def test_prunes_what_was_not_used(desk, application):
    """What was neither made nor used for so long is deleted with its grants; the audit names each."""
    idle, used = [await installed(desk.tenant, application) for _ in range(2)]
    other = await installed(desk.tenant, await published(desk.tenant))
    name = idle.client.client_id
    text = await token_of(desk.tenant, name)
    await desk.made(
        "POST /client-grants", {"client_id": name, "audience": "https://api.example.com", "scope": []}
    )
    desk.clock.now += 30 * DAY
    await token_of(desk.tenant, used.client.client_id)
    body = {"unused_for_days": 10, "dry_run": False}
    gone = (await desk.ask(f"POST {PATH}/{application.id}/clients/prune", body)).json
    assert gone == {"unused_for_days": 10, "dry_run": False, "count": 1, "client_ids": [name]}
    assert await refusal(desk, text) is not None
    assert await desk.tenant.store.count(ClientGrant, TENANT, {}) == 0
    left = {each["client_id"] for each in (await desk.ask("GET /clients?include_registered=true")).json}
    assert left == {used.client.client_id, other.client.client_id}
    (line,) = [each for each in (await desk.ask("GET /logs")).json if "not used" in each["description"]]
    assert name in str(line)


@pytest.mark.parametrize("query", ["0", "-1", "3651", "x", "1.5"])
async def test_refuses_days_that_make_no_sense(desk, application, query):
    """A day at least, ten years at most."""
    answer = await desk.ask(f"GET {PATH}/{application.id}/clients/idle?unused_for_days={query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


@pytest.mark.parametrize(
    "body", [{}, {"unused_for_days": 0}, {"unused_for_days": 1, "dry_run": "no"}, {"unused_for_days": True}]
)
async def test_refuses_to_prune_without_a_measure(desk, application, body):
    """Nothing is deleted by default: how long is long has to be said."""
    answer = await desk.ask(f"POST {PATH}/{application.id}/clients/prune", body)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
