"""Class 20: a client gets a token by a grant, for an API or with scopes that were not given to it."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT as INSIDE
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.oauth import authenticate, token
from sekisho.oauth.client_auth import METHODS, Method, post
from sekisho.oauth.grants import GRANTS, client_credentials
from sekisho.spec import scope
from sekisho.spec.http import Ask
from sekisho.spec.policy import EXCHANGES
from sekisho.store.known import Known
from sekisho.tenant import Tenant
from tests.attacks.double import Double
from tests.attacks.target import ALONE, ES, HOST, MANAGEMENT, ORIGIN, OTHER_HOST, OTHER_MANAGEMENT, RS, Target
from tests.servers import claims_of


def ask(web: httpx.Client, form: dict[str, Any], **more: Any) -> httpx.Response:
    """A token request."""
    return web.post("/oauth/token", data=form, **more)


def is_refused(answer: httpx.Response, *errors: str) -> None:
    """One of these errors, as RFC 6749 section 5.2 has it, and no token."""
    assert answer.status_code in (400, 401, 415), answer.text
    assert answer.json()["error"] in errors, answer.text
    assert "access_token" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_grant_type_that_is_not_registered(target: Target) -> None:
    """A client that was not registered for client credentials gets none, whatever else it may do."""
    with target.web() as web:
        is_refused(ask(web, target.form("idle")), "unauthorized_client")


def test_a_public_client_has_no_name_to_ask_in(target: Target) -> None:
    """Anybody can say a public client's id, so it gets no token in its own name, with or without a secret."""
    id = target.clients["public"]["client_id"]
    with target.web() as web:
        is_refused(ask(web, target.form("public")), "unauthorized_client")
        for secret in ("made-up", target.clients["machine"]["client_secret"], "none", "null", "undefined"):
            is_refused(ask(web, target.form("public", client_secret=secret)), "invalid_client")
            form = target.form("public", client_id=None)
            is_refused(ask(web, form, auth=(id, secret)), "invalid_client")
        form = target.form("public", client_id=None)
        is_refused(ask(web, form, auth=(id, "")), "invalid_client")
        assertion = {"client_assertion": "x", "client_assertion_type": "urn:x"}
        is_refused(ask(web, target.form("public", **assertion)), "invalid_client")


def test_a_disabled_client_is_nobody(target: Target) -> None:
    """A disabled client gets no token and is not told that it is only disabled."""
    with target.web() as web:
        answer = ask(web, target.form("disabled"))
        is_refused(answer, "invalid_client")
        assert answer.json() == ask(web, target.form("disabled", client_secret="wrong")).json()
        assert answer.json() == ask(web, target.form("disabled", client_id="nobody")).json()


GRANT_TYPES = [
    "Client_Credentials", "CLIENT_CREDENTIALS", " client_credentials", "client_credentials ",
    "client_credentials\n",
    "client_credentials\t", "client-credentials", "client_credentials,refresh_token",
    "client_credentials password",
    "client_credentials\u200b", "ｃlient_credentials", "client_credentials#", "urn:client_credentials", "*",
    "{grant_type}",
    "password", "implicit", "__class__",
    "urn:ietf:params:oauth:grant-type:jwt-bearer ", "jwt-bearer", "token-exchange",
    "urn:ietf:params:oauth:grant-type:Token-Exchange", "urn:ietf:params:oauth:grant-type:device_code",
]  # fmt: skip


@pytest.mark.parametrize("grant_type", GRANT_TYPES)
@pytest.mark.parametrize("role", ["machine", "idle"])
def test_a_grant_type_has_one_spelling(target: Target, role: str, grant_type: str) -> None:
    """No other spelling of a grant type finds the grant, and no grant is there that is not advertised."""
    with target.web() as web:
        is_refused(ask(web, target.form(role, grant_type=grant_type)), "unsupported_grant_type")


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token", *EXCHANGES])
def test_a_grant_of_other_clients(target: Target, grant_type: str) -> None:
    """A grant that is there for others says nothing of codes and tokens to a client that may not use it."""
    with target.web() as web:
        for more in ({}, {"code": "x", "refresh_token": "x"}):
            is_refused(ask(web, target.form("machine", grant_type=grant_type, **more)), "unauthorized_client")


def confusions(target: Target) -> list[dict[str, Any]]:
    """Requests that name two clients, or one thing in two places: keyword arguments of a POST."""
    mine, theirs = target.form("machine"), target.form("neighbour")
    auth = (mine["client_id"], mine["client_secret"])
    proof = {name: mine[name] for name in ("client_id", "client_secret")}
    bare = {"grant_type": "client_credentials", "audience": RS}
    twice = [*bare.items(), *proof.items(), ("client_id", theirs["client_id"])]
    json = {"content-type": "application/json"}
    form = {"content-type": "application/x-www-form-urlencoded"}
    raw = "&".join(f"{name}={value}" for name, value in mine.items())
    return [
        {"data": {**bare, "client_id": theirs["client_id"]}, "auth": auth},
        {"data": theirs, "auth": auth},
        {"data": mine, "auth": auth},
        {"data": {**theirs, "client_secret": mine["client_secret"]}},
        {"content": "&".join(f"{name}={value}" for name, value in twice), "headers": form},
        {"json": {**bare, **proof, "client_id": [mine["client_id"], theirs["client_id"]]}},
        {"json": {**bare, **proof, "client_id": {"$ne": None}}},
        {"json": {**bare, **proof, "client_id": {"0": mine["client_id"]}}},
        {"json": {**bare, "client_id": mine["client_id"], "client_secret": True}},
        {"json": {**bare, "client_id": mine["client_id"], "client_secret": None}},
        {"json": [bare, proof]},
        {"content": raw, "headers": json},
        {"json": mine, "headers": form},
        {"content": raw, "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": raw, "headers": {"content-type": "text/plain"}},
        {"content": raw},
        {"params": mine},
        {"params": proof, "data": bare},
        {"data": bare, "headers": {"x-client-id": mine["client_id"], "cookie": raw}},
    ]


@pytest.mark.parametrize("which", range(19))
def test_a_request_names_one_client_in_one_place(target: Target, which: int) -> None:
    """Header, form, JSON and query cannot be played off against each other."""
    told = confusions(target)
    assert len(told) == 19
    with target.web() as web:
        is_refused(web.post("/oauth/token", **told[which]), "invalid_client", "invalid_request")


def test_a_scope_cannot_be_widened(target: Target) -> None:
    """A token has no scope beyond the client grant, whatever is asked for and however."""
    wishes = (
        "write:things", "read:things write:things", "*", "all", "read:things* write:*",
        "openid profile offline_access",
        "read:clients create:clients", "read:things\nwrite:things", "read:things\u3000write:things",
    )  # fmt: skip
    with target.web() as web:
        for wish in wishes:
            for audience in (RS, ES):
                answer = ask(web, target.form("machine", scope=wish, audience=audience))
                if answer.status_code == 200:
                    said = claims_of(answer.json()["access_token"])["scope"]
                    assert set(said.split()) <= {"read:things"}
                    assert answer.json().get("scope", "") == said
                else:
                    is_refused(answer, "invalid_scope")
        is_refused(ask(web, target.form("machine", scope=["read:things", "write:things"])), "invalid_request")


AUDIENCES = [
    ALONE, MANAGEMENT, OTHER_MANAGEMENT, f"{ORIGIN}/t/acme/api/v2/", f"{ORIGIN}/t/demo/api/v2/", INSIDE,
    f"{RS}/", RS.upper(),
    f" {RS}", f"{RS} ", f"{RS}\n", f"{RS} {ALONE}", f"{RS},{ALONE}", f"{RS}#", "*", "%", "", "x" * 700,
    f"http://{HOST}/api/v2/",
    f"https://{HOST}:443/api/v2/", f"{ORIGIN}/api/v2", f"{ORIGIN}//api/v2/",
    f"{ORIGIN}/t/acme/../../api/v2/", "/api/v2/", "api/v2/",
    f"https://{OTHER_HOST}@{HOST}/api/v2/", f"{ORIGIN}/t//api/v2/", "https://evil.example/api/v2/", "\u212a",
    "{audience}",
]  # fmt: skip


@pytest.mark.parametrize("audience", AUDIENCES, ids=lambda text: repr(text)[:40])
def test_an_api_has_to_be_granted(target: Target, audience: str) -> None:
    """There is no token for an API without a client grant, by whichever of its names it is asked for."""
    with target.web() as web:
        for name in ("audience", "resource"):
            form = target.form("machine", audience=None)
            is_refused(ask(web, {**form, name: audience}), "invalid_target", "invalid_request")


def test_two_audiences_are_not_one_token(target: Target) -> None:
    """Audience and resource cannot smuggle a second API into a token for the first one."""
    with target.web() as web:
        for second in (ALONE, ES, MANAGEMENT):
            is_refused(ask(web, target.form("machine", resource=second)), "invalid_target")
            is_refused(ask(web, target.form("machine", audience=[RS, second])), "invalid_target")


def test_the_default_audience_needs_a_grant_too(target: Target) -> None:
    """A tenant's default audience is a name to ask for, not a right to get it."""
    place = "/api/v2/tenants/settings"
    with target.manage() as manage, target.web() as web:
        for audience in (ALONE, MANAGEMENT, INSIDE, OTHER_MANAGEMENT):
            assert manage.patch(place, json={"default_audience": audience}).status_code == 200
            for form in (target.form("machine", audience=None), target.form("machine", audience="")):
                is_refused(ask(web, form), "invalid_target")
        assert manage.patch(place, json={"default_audience": ""}).status_code == 200


def test_another_tenant_does_not_know_the_client(target: Target) -> None:
    """A client of one tenant is nobody at the others, and an API there is none of its own."""
    with target.web(OTHER_HOST) as other, target.web() as web:
        is_refused(ask(other, target.form("machine")), "invalid_client")
        is_refused(ask(web, target.form("other")), "invalid_client")
        answer = web.post("/t/acme/oauth/token", data=target.form("machine"))
        is_refused(answer, "invalid_client")
        assert other.post("/t/demo/oauth/token", data=target.form("machine")).status_code == 404
        assert ask(other, target.form("other")).status_code == 200


async def unasked(ask: Ask, client: Client, tenant: Tenant) -> Any:
    """The grant as it would be if nobody asked whether the client is public."""
    confidential = replace(client, token_endpoint_auth_method="client_secret_post")
    return await client_credentials.grant(ask, confidential, tenant)


async def believed(*_: object) -> None:
    """Every proof, as it would be if nobody looked at it."""


def test_the_guards_are_what_holds(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    target = double.target
    with target.web() as web:
        with monkeypatch.context() as mutant:
            mutant.setattr(token, "chosen", lambda *_: GRANTS["client_credentials"])
            assert ask(web, target.form("idle")).status_code == 200
            assert ask(web, target.form("machine", grant_type="CLIENT_CREDENTIALS ")).status_code == 200
        with monkeypatch.context() as mutant:
            is_refused(ask(web, target.form("public")), "unauthorized_client")
            mutant.setattr(token, "GRANTS", {"client_credentials": unasked})
            assert ask(web, target.form("public")).status_code == 200
        with monkeypatch.context() as mutant:
            is_refused(ask(web, target.form("public", client_secret="made-up")), "invalid_client")
            mutant.setattr(token, "GRANTS", {"client_credentials": unasked})
            mutant.setattr(authenticate, "_method_is_registered", lambda *_: None)
            mutant.setitem(METHODS, "client_secret_post", Method(post.claim, believed))
            assert ask(web, target.form("public", client_secret="made-up")).status_code == 200
        with monkeypatch.context() as mutant:
            mutant.setattr(scope, "narrow", lambda asked, allowed: asked or tuple(allowed))
            answer = ask(web, target.form("machine", scope="read:things write:things"))
            assert answer.json()["scope"] == "read:things write:things"


def test_a_missing_client_grant_is_what_refuses(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a look-up that always finds a client grant, every API is open, the management API too."""
    honest = Known.named

    async def generous(self: Known, kind: Any, tenant: str, name: str) -> Any:
        if kind is ClientGrant:
            return ClientGrant(
                tenant=tenant, id="cgr_0", client_id="x", audience="x", scopes=("read:clients",)
            )
        return await honest(self, kind, tenant, name)

    with double.target.web() as web:
        for audience in (ALONE, MANAGEMENT):
            form = double.target.form("machine", audience=audience)
            is_refused(ask(web, form), "invalid_target")
            with monkeypatch.context() as mutant:
                mutant.setattr(Known, "named", generous)
                assert ask(web, form).status_code == 200
