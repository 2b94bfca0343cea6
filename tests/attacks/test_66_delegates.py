"""Class 66: somebody with a little of the administration takes more of it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sekisho.api import gate
from sekisho.api.operation import Operation
from sekisho.api.resources import OPERATIONS, clients
from sekisho.registry.management import MANAGEMENT_SCOPES
from tests.attacks.assertions import Signing, signing
from tests.attacks.double import Double
from tests.attacks.forgery import INTRUDER, expel, intrude, nobody_came_in
from tests.attacks.target import ALONE, MACHINE, MANAGEMENT, RS, Target
from tests.oauth.test_client_assertion import jwk
from tests.servers import made

Delegate = Callable[..., httpx.Client]


def delegated(target: Target) -> Iterator[Delegate]:
    """Clients with a management token of exactly these scopes."""
    with target.manage() as manage:
        client = made(manage, "clients", name="Delegate", **MACHINE)
        scopes = list(MANAGEMENT_SCOPES)
        made(manage, "client-grants", client_id=client["client_id"], audience=MANAGEMENT, scope=scopes)
    target.clients["delegate"] = client
    opened: list[httpx.Client] = []

    def of(*scopes: str) -> httpx.Client:
        token = target.token("delegate", MANAGEMENT, scope=" ".join(scopes))
        opened.append(target.manage(token))
        return opened[-1]

    yield of
    for each in opened:
        each.close()
    with target.manage() as manage:
        assert manage.delete(f"/api/v2/clients/{client['client_id']}").status_code == 204


@pytest.fixture(scope="module")
def delegate(target: Target) -> Iterator[Delegate]:
    """Somebody with these scopes at the target."""
    yield from delegated(target)


@pytest.fixture
def double_delegate(double: Double) -> Iterator[Delegate]:
    """Somebody with these scopes at the double."""
    yield from delegated(double.target)


def without(*scopes: str) -> tuple[str, ...]:
    """Every scope but these."""
    return tuple(scope for scope in MANAGEMENT_SCOPES if scope not in scopes)


def done(web: httpx.Client, operation: Operation, id: str = "x") -> httpx.Response:
    """An operation, asked for."""
    path = operation.path.replace("{id}", id).replace("{kid}", id).replace("{credential_id}", id)
    body = dict(operation.body.sample) if operation.body else None
    return web.request(operation.method, f"/api/v2{path}", json=body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_every_operation_has_its_scope(delegate: Delegate, operation: Operation) -> None:
    """All scopes but the ones of an operation are not enough for it, and it says which ones are missing."""
    for needed in (operation.scopes, *((scope,) for scope in operation.also)):
        answer = done(delegate(*without(*needed)), operation)
        assert answer.status_code == 403, answer.text
        assert answer.json()["errorCode"] == "insufficient_scope"
        assert ",".join(needed) in answer.json()["message"]


def test_other_methods_ask_for_the_same(target: Target, delegate: Delegate) -> None:
    """HEAD reads what GET reads and needs what it needs; a method in a header or the query is no method."""
    id = target.clients["neighbour"]["client_id"]
    reader = delegate("read:logs")
    assert reader.head("/api/v2/clients").status_code == 403
    able = delegate("read:clients")
    tries: tuple[dict[str, Any], ...] = (
        {"headers": {"x-http-method-override": "DELETE"}},
        {"headers": {"x-http-method": "DELETE"}},
        {"params": {"_method": "DELETE"}},
    )
    for told in tries:
        assert able.get(f"/api/v2/clients/{id}", **told).status_code in (200, 400)
        assert able.post(f"/api/v2/clients/{id}", **told).status_code == 405
    assert target.token("neighbour")


VALUES: tuple[Any, ...] = ("acme", True, 1, None, [], {})
OWNED = (
    "tenant", "id", "client_id", "client_secret", "secrets", "credentials", "version", "created_at",
    "updated_at",
    "reply_urls", "global", "is_system", "signing_keys", "signing_secret", "owners", "scopes", "grants",
    "object_id",
    "__class__", "__proto__", "constructor", "enabled ", "Enabled", "client_id[]", "$set", "client.enabled",
)  # fmt: skip
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("clients", OWNED),
    (
        "resource-servers",
        ("tenant", "id", "is_system", "identifiers", "version", "created_at", "kind", "__class__"),
    ),
    (
        "client-grants",
        ("tenant", "id", "is_system", "version", "created_at", "scopes", "grant_type", "__class__"),
    ),
)


@pytest.mark.parametrize(("place", "names"), PLACES, ids=lambda each: each if isinstance(each, str) else "")
def test_what_is_ours_is_not_assigned(target: Target, place: str, names: tuple[str, ...]) -> None:
    """Fields that the server decides cannot be sent along, neither with something new nor with a change."""
    with target.manage() as manage:
        new: dict[str, dict[str, Any]] = {
            "clients": {"name": INTRUDER, **MACHINE},
            "resource-servers": {"name": INTRUDER, "identifier": "https://intruder.example"},
            "client-grants": {
                "client_id": target.clients["idle"]["client_id"],
                "audience": ALONE,
                "scope": [],
            },
        }
        first = manage.get(f"/api/v2/{place}", params={"per_page": 1}).json()[0]
        id = first["client_id" if place == "clients" else "id"]
        before = manage.get(f"/api/v2/{place}/{id}").json()
        for name in names:
            for value in VALUES:
                answer = manage.post(f"/api/v2/{place}", json={**new[place], name: value})
                assert answer.status_code == 400, (name, value, answer.text)
                answer = manage.patch(f"/api/v2/{place}/{id}", json={name: value})
                assert answer.status_code == 400, (name, value, answer.text)
        assert manage.get(f"/api/v2/{place}/{id}").json() == before
    nobody_came_in(target)


def test_a_grant_stays_where_it_is(target: Target) -> None:
    """A client grant that is there is not moved to another client or API, nor given what the API has not."""
    with target.manage() as manage:
        machine = {"client_id": target.clients["machine"]["client_id"]}
        grant = manage.get("/api/v2/client-grants", params={**machine, "audience": RS}).json()[0]
        place = f"/api/v2/client-grants/{grant['id']}"
        for change in (
            {"audience": MANAGEMENT}, {"client_id": target.clients["reader"]["client_id"]},
            {"audience": None},
            {"scope": ["read:clients"]}, {"scope": ["*"]}, {"scope": ["read:things read:clients"]},
            {"scope": "read:things"}, {"scope": [["read:things"]]}, {"allow_all_scopes": True},
        ):  # fmt: skip
            assert manage.patch(place, json=change).status_code in (400, 501), change
        assert manage.get(place).json() == grant


def test_our_own_api_is_not_theirs(target: Target) -> None:
    """Nobody changes the management API, removes it or makes another one of its name."""
    with target.manage() as manage:
        found = manage.get("/api/v2/resource-servers", params={"per_page": 100}).json()
        (own,) = [api for api in found if api["identifier"] == MANAGEMENT]
        place = f"/api/v2/resource-servers/{own['id']}"
        changes: tuple[dict[str, Any], ...] = (
            {"scopes": [{"value": "everything"}]},
            {"scopes": []},
            {"identifier": RS},
            {"is_system": False},
        )
        for change in changes:
            assert manage.patch(place, json=change).status_code in (400, 403, 409), change
        assert manage.delete(place).status_code in (400, 403, 409)
        for name in (MANAGEMENT, "https://id.example.com/t/demo/api/v2/"):
            told = {"name": "x", "identifier": name, "scopes": [{"value": "read:clients"}]}
            assert manage.post("/api/v2/resource-servers", json=told).status_code in (400, 409), name
        assert manage.get(place).json() == own


def keys_for(who: Signing, target: Target) -> dict[str, Any]:
    """What an attacker would make of somebody's keys."""
    return {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [jwk(who.key)]}}


def test_who_changes_clients_becomes_none_of_them(target: Target, delegate: Delegate) -> None:
    """`update:clients` gives nobody a client's secret and puts no key in its place."""
    lord = target.clients["reader"]["client_id"]
    web = delegate("read:clients", "update:clients", "create:clients", "delete:clients")
    thief = Signing(lord, "p256-thief", signing(target).clock)
    for change in (
        keys_for(thief, target),
        {"jwks": {"keys": [jwk(thief.key)]}},
        {"jwks_uri": "https://thief.example/keys"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://thief.example/keys"},
        {"name": "Reader", "jwks": {"keys": [jwk(thief.key)]}},
        {"jwks": None, "jwks_uri": "https://thief.example/keys"},
    ):
        answer = web.patch(f"/api/v2/clients/{lord}", json=change)
        assert answer.status_code == 403, (change, answer.text)
    answer = web.patch(f"/api/v2/clients/{lord}", json={"token_endpoint_auth_method": "none"})
    assert answer.status_code == 200
    answer = web.patch(f"/api/v2/clients/{lord}", json={"token_endpoint_auth_method": "client_secret_post"})
    assert answer.status_code == 200
    assert "client_secret" not in answer.text.replace("client_secret_post", "")
    assert web.post(f"/api/v2/clients/{lord}/rotate-secret").status_code == 403
    assert web.post(f"/api/v2/clients/{lord}/credentials", json={}).status_code == 403
    with target.web() as stranger:
        form = thief.form(thief.assertion(), audience=MANAGEMENT)
        assert stranger.post("/oauth/token", data=form).status_code == 401
    with target.manage() as manage:
        rotated = manage.post(f"/api/v2/clients/{lord}/rotate-secret").json()
    target.clients["reader"] = {**target.clients["reader"], "client_secret": rotated["client_secret"]}


GIVING = ("read:client_grants", "create:client_grants", "update:client_grants")


def test_nobody_gives_what_they_have_not(target: Target, delegate: Delegate) -> None:
    """Who lets clients use APIs does not let them administer what the giver itself may not."""
    web, own = delegate(*GIVING, "read:clients"), target.clients["machine"]["client_id"]
    place = "/api/v2/client-grants"
    for scopes in (["delete:clients"], ["read:clients", "delete:clients"], list(MANAGEMENT_SCOPES)):
        for audience in (MANAGEMENT, "https://id.example.com/t/demo/api/v2/"):
            told = {"client_id": own, "audience": audience, "scope": scopes}
            assert web.post(place, json=told).status_code in (403, 404), scopes
    answer = web.post(place, json={"client_id": own, "audience": MANAGEMENT, "scope": ["read:clients"]})
    assert answer.status_code == 201, answer.text
    grant = answer.json()["id"]
    try:
        for scopes in (["delete:clients"], ["read:clients", "update:clients"], list(MANAGEMENT_SCOPES)):
            assert web.patch(f"{place}/{grant}", json={"scope": scopes}).status_code == 403
        assert web.patch(f"{place}/{grant}", json={"scope": []}).status_code == 200
        assert web.patch(f"{place}/{grant}", json={"scope": ["read:clients"]}).status_code == 200
    finally:
        with target.manage() as manage:
            assert manage.delete(f"{place}/{grant}").status_code == 204


def test_a_projection_shows_no_more(target: Target, delegate: Delegate) -> None:
    """Asking for fields by name shows none that the scopes do not show."""
    web, id = delegate("read:client_summary"), target.clients["machine"]["client_id"]
    fields = (
        "client_id,name,grant_types,client_secret,secrets,token_endpoint_auth_method,jwks,tenant,web_origins"
    )
    for more in ({"fields": fields}, {"fields": "x", "include_fields": "false"}, {}):
        for answer in (
            web.get(f"/api/v2/clients/{id}", params=more),
            web.get("/api/v2/clients", params=more),
        ):
            found = answer.json()
            for view in found if isinstance(found, list) else [found]:
                assert view.keys() <= {"client_id", "name", "app_type", "description"}


def test_the_guards_are_what_holds(
    double: Double, double_delegate: Delegate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the guards taken away one by one, a reader makes clients and a changer of clients becomes one."""
    token = double.target.token("delegate", MANAGEMENT, scope="read:clients update:clients")
    with double.target.web() as web:
        assert intrude(web, token).status_code == 403
        with monkeypatch.context() as mutant:
            mutant.setattr(gate, "need", lambda *_: None)
            assert intrude(web, token).status_code == 201
    expel(double.target)
    lord = double.target.clients["reader"]["client_id"]
    thief = Signing(lord, "p256-thief", double.clock)
    with double_delegate("update:clients", "read:clients") as web, monkeypatch.context() as mutant:
        change = {"jwks": {"keys": [jwk(thief.key)]}}
        assert web.patch(f"/api/v2/clients/{lord}", json=change).status_code == 403
        mutant.setattr(clients, "_may_write", lambda *_: None)
        told = keys_for(thief, double.target)
        assert web.patch(f"/api/v2/clients/{lord}", json=told).status_code == 200
        with double.target.web() as stranger:
            form = thief.form(thief.assertion(), audience=MANAGEMENT)
            assert stranger.post("/oauth/token", data=form).status_code == 200
    with double.target.manage() as manage:
        back = {"token_endpoint_auth_method": "client_secret_post", "jwks": None}
        again = manage.patch(f"/api/v2/clients/{lord}", json=back).json()
    double.target.clients["reader"]["client_secret"] = again["client_secret"]
