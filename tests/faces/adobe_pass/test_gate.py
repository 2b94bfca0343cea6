"""The gate in front of protected APIs: who comes in, in which order, and what cannot be tricked."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.model.api import PROTECTED, Api
from sekisho.model.client import ANY_API
from sekisho.model.client_grant import ClientGrant
from sekisho.model.granted import Granted
from sekisho.model.step import Save
from sekisho.spec.refusals.registration import (
    CHANNEL_MISSING,
    TOKEN_CHANNEL,
    TOKEN_CLIENT_GONE,
    TOKEN_SECRET_REPLACED,
    TOKEN_STATEMENT_ENDED,
)
from sekisho.store import Window
from sekisho.tokens import adobe_pass
from tests.faces.adobe_pass.gated import CHANNEL, OTHER, SCOPE, Gated, gated, install
from tests.tenants import AUDIENCE, ORIGIN, SECRET, allowed, api, client

NEW = f"/api/v2/{CHANNEL}/configuration"
OLD = f"/reggie/v1/{CHANNEL}/regcode"
FACTS = ("x-client-id", "x-registered-application", "x-software-statement", "x-scopes", "x-service-provider")
AGAIN, FETCH = "invalid_access_token_client_application", "invalid_access_token"
PROVIDER = "invalid_access_token_service_provider"
ENDINGS = ("revoke_application", "revoke_statement", "delete_client", "disable_client", "rotate_secret")


@pytest.fixture
async def house() -> AsyncIterator[Gated]:
    """An installation of an application for one service provider."""
    async with gated() as found:
        yield found


async def test_who_is_admitted_is_named(house: Gated):
    """An admitted request goes on with client, application, statement, scopes and service provider."""
    answer = await house.nginx(NEW)
    assert (answer.status_code, answer.content) == (200, b"")
    said = (house.client["client_id"], house.application, house.statement, SCOPE, CHANNEL)
    assert tuple(answer.headers[name] for name in FACTS) == said
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_has_no_case(house: Gated, scheme: str):
    """The name of the scheme is the same in any case. RFC 9110 section 11.1."""
    assert (await house.nginx(NEW, authorization=f"{scheme} {house.token}")).status_code == 200


@pytest.mark.parametrize("shown", ["", "Basic YTpi", "Bearer", "Bearer ", "DPoP x", "Token x"])
async def test_no_bearer_is_no_entry(house: Gated, shown: str):
    """Row 0: without a bearer token 401, old APIs say access_denied, and no error stands in the challenge."""
    for target, body in ((NEW, "missing_access_token"), (OLD, "access_denied")):
        answer = await house.nginx(target, authorization=shown)
        assert answer.status_code == 401
        assert body in answer.text
        assert "error" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize("shown", ["x", "a.b.c", "é", "a b", "." * 20, "x" * 9000])
async def test_garbage_is_no_entry(house: Gated, shown: str):
    """Row 1: what is no token of ours is 401 without any word to register again."""
    shown = shown.encode("utf-8").decode("latin-1") if not shown.isascii() else shown
    answer = await house.web.get(
        "/o/gate",
        headers={
            b"authorization": f"Bearer {shown}".encode("latin-1"),
            b"x-original-method": b"GET",
            b"x-original-uri": NEW.encode(),
        },
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["action"]) == (401, FETCH, "none")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    old = await house.nginx(OLD, authorization="Bearer x")
    assert (old.status_code, old.json()) == (401, {"error": "access_denied"})


async def test_an_expired_token_is_fetched_anew(house: Gated):
    """Row 1: an expired token is 401 in JSON with action none: it makes nobody discard credentials."""
    house.clock.now += 86_400 + 6
    answer = await house.nginx(NEW)
    assert (answer.status_code, answer.json()["code"], answer.json()["action"]) == (401, FETCH, "none")
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert (await house.nginx(OLD)).json() == {"error": "access_denied"}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_ended_is_refused_at_once(house: Gated, ending: str):
    """Rows 2 and 3: client, secret, statement or application ended, so its unexpired token does not count."""
    assert (await house.nginx(NEW)).status_code == 200
    await getattr(house, ending)()
    answer = await house.nginx(NEW)
    told = answer.json()
    assert (answer.status_code, told["code"], told["action"]) == (401, AGAIN, "application-registration")
    old = await house.nginx(OLD)
    assert (old.status_code, old.json()) == (403, {"error": "invalid_client"})


async def test_only_the_statement_that_ended_ends(house: Gated):
    """Revoking one statement leaves the installations of the others alone."""
    first = house.token
    await install(house)
    await house.revoke_statement()
    assert (await house.nginx(NEW)).status_code == 401
    assert (await house.nginx(NEW, authorization=f"Bearer {first}")).status_code == 200


async def test_a_new_secret_brings_a_new_token(house: Gated):
    """After a rotation the old token is gone, and one for the new secret is good."""
    from sekisho.registry import clients
    from sekisho.registry.client_secrets import RotationFields
    from tests.faces.adobe_pass.gated import ACTOR

    made = await clients.rotate_secret(house.tenant, house.client["client_id"], RotationFields(), ACTOR)
    assert (await house.nginx(NEW)).json()["code"] == AGAIN
    token = await house.token_of({**house.client, "client_secret": made.secret})
    assert (await house.nginx(NEW, authorization=f"Bearer {token}")).status_code == 200


async def test_the_scope_is_needed():
    """Row 4: what lacks the scope is 401 as if it were another application, 403 at old APIs."""
    async with gated(scopes=("config:client",)) as house:
        answer = await house.nginx(NEW)
        assert (answer.status_code, answer.json()["code"]) == (401, AGAIN)
        assert (await house.nginx(OLD)).status_code == 200
        assert (await house.nginx(NEW, own="?scope=config:client")).status_code == 200
        old = await house.nginx(OLD, own="?scope=tokens:client")
        assert (old.status_code, old.json()) == (403, {"error": "access_denied"})


async def test_the_service_provider_is_covered(house: Gated):
    """Row 5: a service provider outside the application's channels is refused by name, case by case."""
    for channel in (OTHER, CHANNEL.lower(), f"{CHANNEL}%20", "*", "%2A"):
        answer = await house.nginx(f"/api/v2/{channel}/configuration")
        told = answer.json()
        assert (answer.status_code, told["code"]) == (401, PROVIDER), channel
        assert told["action"] == "application-registration"
    for target in (f"/reggie/v1/{OTHER}/regcode", f"/api/v1/config?requestor={OTHER}"):
        old = await house.nginx(target)
        assert (old.status_code, old.json()) == (403, {"error": "access_denied"})
    assert (await house.nginx(f"/api/v1/config?requestor={CHANNEL}")).status_code == 200


async def test_every_channel_and_none():
    """An application for every channel covers each of them, one for none covers none."""
    async with gated(channels=("*",)) as house:
        answer = await house.nginx("/api/v2/%E6%98%A0%E7%94%BB/configuration")
        assert (answer.status_code, answer.headers["x-service-provider"]) == (200, quote("映画"))
    async with gated(channels=()) as house:
        assert (await house.nginx(NEW)).json()["code"] == PROVIDER


async def test_the_method_is_known(house: Gated):
    """Row 6: a method that no API has is 405 in JSON, which says what there is."""
    for method in ("TRACE", "CONNECT", "get", "X"):
        answer = await house.nginx(NEW, method)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert "POST" in answer.headers["allow"]
    assert (await house.nginx(OLD, "TRACE")).status_code == 405
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        assert (await house.nginx(NEW, method)).status_code == 200


async def test_the_order_is_fixed(house: Gated):
    """With everything wrong at once, the first row that does not hold answers; one by one they come right."""
    await house.change_policy(reading="strict")
    target, device = f"/api/v2/{OTHER}/x", "broken"
    bare = await house.nginx(target, own="?scope=a", authorization="", x_device_info=device)
    garbage = await house.nginx(target, own="?scope=a", authorization="Bearer x", x_device_info=device)
    scope = await house.nginx(target, own="?scope=a", x_device_info=device)
    channel = await house.nginx(target, x_device_info=device)
    header = await house.nginx(NEW, x_device_info=device)
    codes = [each.json()["code"] for each in (bare, garbage, scope, channel, header)]
    assert codes == ["missing_access_token", FETCH, AGAIN, PROVIDER, "invalid_header_device_info"]
    await house.revoke_statement()
    assert (await house.nginx(target, own="?scope=a", x_device_info=device)).json()["code"] == AGAIN


@pytest.mark.parametrize("target", ["/api/v2", "/api/v2/", "/api/v2?requestor=REF30"])
async def test_a_new_api_needs_a_service_provider(house: Gated, target: str):
    """A new address that names no service provider is 400, after the token was looked at."""
    answer = await house.nginx(target)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter_service_provider")
    assert (await house.nginx(target, authorization="")).status_code == 401
    assert CHANNEL_MISSING.error == "invalid_request"
    await house.tenant.audit.flush()
    events = await house.tenant.store.events(house.tenant.id, {"slug": CHANNEL_MISSING.slug}, Window(limit=1))
    assert [(event.detail["parameter"], event.detail["got"]) for event in events] == [
        ("service_provider", "")
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v2/{OTHER}/../{CHANNEL}/x",
        f"/api/v2/{CHANNEL}/../{OTHER}/x",
        "/x/../api/v2/REF31/x",
        f"/api/v2/{CHANNEL}/%2e%2e/{OTHER}",
        f"/api/v2/{CHANNEL}/%2E./{OTHER}",
        f"/api/v2/./{CHANNEL}/x",
        f"//api/v2/{OTHER}/x",
        f"/api//v2/{OTHER}/x",
        f"/api/v2//{OTHER}/x",
        f"/api%2Fv2/{OTHER}/x",
        f"/api/v2%2f{OTHER}/x",
        f"/api/v2/{CHANNEL}%2F..%2F{OTHER}/x",
        f"/api/v2/{CHANNEL}%252F..%252F{OTHER}/x",
        f"/%2561pi/v2/{OTHER}/x",
        f"/api/v2/{CHANNEL};x/y",
        f"/api;x/v2/{OTHER}/x",
        f"/api/v2/{CHANNEL}\\..\\{OTHER}",
        f"/api/v2/{CHANNEL}%5C..%5C{OTHER}",
        f"/api/v2/{CHANNEL}%00/x",
        f"/api/v2/{CHANNEL}%0a/x",
        f"/api/v2/{CHANNEL}/%zz",
        f"/api/v2/{CHANNEL}/%",
        f"/api/v2/{CHANNEL}/%ff",
        f"/api/v2/{CHANNEL}#/x",
        f"/api/v2/{CHANNEL}/a b",
        f"http://x/api/v2/{CHANNEL}/x",
        f"api/v2/{CHANNEL}/x",
        "*",
    ],
)
async def test_what_two_servers_read_differently_is_refused(house: Gated, path: str):
    """A path that the API's own server could take for another one is 400 for everybody."""
    answer = await house.nginx(path)
    assert (answer.status_code, "invalid_request" in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    "path", ["/API/V2/REF31/x", "/Api/v2/REF31/x", "/%61pi/v2/REF31/x", "/tv/api/v2/REF31/x"]
)
async def test_another_spelling_is_looked_at_as_strictly(house: Gated, path: str):
    """In another case, encoded, or below a folder, a new API is a new API: the channel is looked at."""
    assert (await house.nginx(path)).json()["code"] == PROVIDER
    assert (await house.nginx(path.replace(OTHER, CHANNEL))).headers["x-service-provider"] == CHANNEL


async def test_the_way_to_sign_in_is_open(house: Gated):
    """A browser on its way to sign in has no token, and comes in as nobody."""
    answer = await house.nginx(f"/api/v2/authenticate/{CHANNEL}/8ER640M", authorization="", x_client_id="me")
    assert answer.status_code == 200
    assert [answer.headers[name] for name in FACTS] == ["", "", "", "", CHANNEL]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/api/v2/authenticate/{CHANNEL}/8ER640M"),
        ("GET", f"/api/v2/Authenticate/{CHANNEL}/8ER640M"),
        ("GET", f"/API/v2/authenticate/{CHANNEL}/8ER640M"),
        ("GET", f"/api/v2/authenticate/{CHANNEL}"),
        ("GET", f"/api/v2/authenticate/{CHANNEL}/a/b"),
        ("GET", f"/x/api/v2/authenticate/{CHANNEL}/8ER640M"),
        ("GET", "/api/v2/authenticate/sessions/8ER640M"),
        ("GET", "/api/v2/authenticate/profiles/SampleTV"),
        ("GET", "/api/v2/authenticate/%70rofiles/SampleTV"),
    ],
)
async def test_nothing_else_is_open(house: Gated, method: str, path: str):
    """Whatever only looks like the way to sign in needs a token."""
    assert (await house.nginx(path, method, authorization="")).status_code == 401


async def test_preflights_are_let_through(house: Gated):
    """A preflight comes in as nobody; OPTIONS that is none needs a token."""
    asks = {"origin": "https://tv.example.org", "access_control_request_method": "GET"}
    answer = await house.nginx(NEW, "OPTIONS", authorization="", **asks)
    assert (answer.status_code, answer.headers["x-client-id"]) == (200, "")
    assert (await house.nginx(NEW, "OPTIONS", authorization="")).status_code == 401
    assert (await house.nginx(NEW, "GET", authorization="", **asks)).status_code == 401
    direct = await house.web.options(
        f"/o/gate{NEW}", headers={name.replace("_", "-"): value for name, value in asks.items()}
    )
    assert direct.status_code == 204
    assert direct.headers["access-control-allow-origin"] == "https://tv.example.org"


async def test_old_apis_take_the_token_from_query_and_form(house: Gated):
    """Old APIs also take access_token from query or form; new ones do not. RFC 6750 section 2."""
    for target in (OLD, f"/api/v1/config?requestor={CHANNEL}", "/adobe-services/config/x"):
        sign = "&" if "?" in target else "?"
        answer = await house.nginx(f"{target}{sign}access_token={house.token}", authorization="")
        assert answer.status_code == 200, target
    assert (await house.nginx(f"{NEW}?access_token={house.token}", authorization="")).status_code == 401
    twice = f"{OLD}?access_token={house.token}&access_token=x"
    assert (await house.nginx(twice, authorization="")).json() == {"error": "invalid_request"}
    basic = await house.nginx(f"{OLD}?access_token={house.token}", authorization="Basic YTpi")
    assert basic.status_code == 401
    form = {"access_token": house.token}
    assert (await house.web.post(f"/o/gate{OLD}", data=form)).status_code == 200
    assert (await house.web.post(f"/o/gate{NEW}", data=form)).status_code == 401


async def test_each_proxy_names_the_request_its_own_way(house: Gated):
    """Nginx and Traefik say it in headers, Envoy in the rest of the path; all mean the same."""
    bearer = {"authorization": f"Bearer {house.token}"}
    traefik = {"x-forwarded-method": "POST", "x-forwarded-uri": NEW}
    answers = [
        await house.nginx(NEW),
        await house.web.post("/o/gate", headers=bearer | traefik),
        await house.web.request("PUT", f"/o/gate{NEW}", headers=bearer),
        await house.web.get(f"/t/demo/o/gate{NEW}?x=1&scope=other", headers=bearer),
        await house.web.head(f"/o/gate{NEW}", headers=bearer),
    ]
    assert {(each.status_code, each.headers["x-service-provider"]) for each in answers} == {(200, CHANNEL)}


async def test_a_client_names_nothing_itself(house: Gated):
    """Names that the proxy did not set change nothing: two requests named at once are refused."""
    bearer = {"authorization": f"Bearer {house.token}"}
    nginx = {"x-original-method": "GET", "x-original-uri": NEW}
    spoofed = {"x-forwarded-method": "GET", "x-forwarded-uri": f"/api/v2/{OTHER}/x"}
    assert (await house.web.get("/o/gate", headers=bearer | nginx | spoofed)).status_code == 400
    assert (await house.web.get("/o/gate", headers=bearer)).status_code == 400
    half = {"x-original-uri": NEW}
    assert (await house.web.get("/o/gate", headers=bearer | half)).status_code == 405
    assert (await house.web.get("/o/gate", headers=bearer | half | spoofed)).status_code == 400
    envoy = await house.web.get(f"/o/gate/api/v2/{OTHER}/x", headers=bearer | nginx)
    assert envoy.json()["code"] == PROVIDER


async def test_the_query_of_a_client_is_not_ours(house: Gated):
    """Behind our own path stands the client's query: it chooses neither scope nor service provider."""
    bearer = {"authorization": f"Bearer {house.token}"}
    target = f"/o/gate/api/v2/{OTHER}/x?service_provider={CHANNEL}&scope={SCOPE}"
    assert (await house.web.get(target, headers=bearer)).json()["code"] == PROVIDER
    assert (await house.nginx(f"/api/v2/{OTHER}/x?service_provider={CHANNEL}")).json()["code"] == PROVIDER
    ours = await house.nginx("/anything", own=f"?service_provider={CHANNEL}")
    assert (ours.status_code, ours.headers["x-service-provider"]) == (200, CHANNEL)
    assert (await house.nginx("/anything", own=f"?service_provider={OTHER}")).status_code == 403


async def test_who_asks_for_the_words_is_never_admitted(house: Gated):
    """`again` fetches a refused client's answer: when all is well by now, 429 and no empty 200."""
    answer = await house.nginx(NEW, own="?again=1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    refused = await house.nginx(NEW, own="?again=1", authorization="")
    assert refused.json()["code"] == "missing_access_token"


async def test_the_device_has_a_pace(house: Gated):
    """The gate is one of the addresses that a device's bucket is for: the twelfth request at once is 429."""
    await house.change_policy(rate=1)
    seen = [(await house.nginx(NEW)).status_code for _ in range(12)]
    assert seen == [200] * 11 + [429]
    answer = await house.nginx(NEW)
    assert answer.headers["content-type"].startswith("text/html")
    house.clock.now += 1.1
    assert (await house.nginx(NEW)).status_code == 200


@pytest.mark.parametrize("dialect", ["access_token", "rfc9068_profile", "opaque"])
async def test_tokens_of_other_apis_are_refused(house: Gated, dialect: str):
    """A token for another API does not count here, whoever's it is; nobody registers anew because of it."""
    tenant = house.tenant
    await tenant.change(Save(client()), Save(allowed()))
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known is not None
    await tenant.change(Save(replace(known, dialect=dialect)))
    form = {"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET}
    answer = await house.web.post("/oauth/token", data=form | {"audience": AUDIENCE})
    shown = f"Bearer {answer.json()['access_token']}"
    assert (await house.nginx(NEW, authorization=shown)).json()["code"] == FETCH
    assert api().identifier == AUDIENCE


async def test_an_ordinary_client_is_refused(house: Gated):
    """A client that an administrator made has no statement: it gets no token, and one would not count."""
    tenant = house.tenant
    grant = ClientGrant(
        tenant=tenant.id, id="cgr_9", client_id="machine", audience=PROTECTED, scopes=(SCOPE,)
    )
    await tenant.change(Save(client()), Save(grant))
    form = {"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET}
    answer = await house.web.post("/oauth/token", data=form | {"audience": PROTECTED})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    known = await tenant.known.named(Api, tenant.id, PROTECTED)
    assert known is not None
    granted = Granted(
        id="forged",
        grant_type="client_credentials",
        client=client(),
        api=known,
        audience=PROTECTED,
        issuer=f"{ORIGIN}/",
        subject="machine",
        scopes=(SCOPE,),
        lifetime=600,
        at=tenant.now(),
    )
    text, _ = adobe_pass.mint(granted, tenant)
    assert (await house.nginx(NEW, authorization=f"Bearer {text}")).json()["code"] == AGAIN


async def test_another_tenants_token_is_refused(house: Gated):
    """A token is good at its own tenant's gate only."""
    bearer = {"authorization": f"Bearer {house.token}"}
    answer = await house.web.get(f"/t/acme/o/gate{NEW}", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, FETCH)
    assert (await house.web.get(f"/t/demo/o/gate{NEW}", headers=bearer)).status_code == 200


@pytest.mark.parametrize("reading", ["lenient", "strict"])
@pytest.mark.parametrize("told", ["", "broken", "e30=", "W10="])
async def test_the_device_is_described(house: Gated, reading: str, told: str):
    """A header that does not describe the device is 400 where the tenant is strict, and nothing otherwise."""
    await house.change_policy(reading=reading)
    answer = await house.nginx(NEW, x_device_info=told)
    assert answer.status_code == (200 if reading == "lenient" else 400)
    if reading == "strict":
        assert (answer.json()["code"], answer.json()["action"]) == ("invalid_header_device_info", "none")
    whole = {"model": "TV", "version": "1", "osName": "tvOS", "osVersion": "1", "connectionType": "LAN"}
    good = base64.b64encode(json.dumps(whole).encode()).decode()
    assert (await house.nginx(NEW, x_device_info=good)).status_code == 200


@pytest.mark.parametrize(
    ("ending", "slug"),
    [
        ("delete_client", TOKEN_CLIENT_GONE.slug),
        ("rotate_secret", TOKEN_SECRET_REPLACED.slug),
        ("revoke_statement", TOKEN_STATEMENT_ENDED.slug),
    ],
)
async def test_the_audit_knows_which(house: Gated, ending: str, slug: str):
    """The client hears one code for all of them, the audit keeps them apart."""
    await getattr(house, ending)()
    trace = (await house.nginx(NEW)).json()["trace"]
    await house.tenant.audit.flush()
    events = await house.tenant.store.events(house.tenant.id, {}, Window(limit=50))
    assert [event.slug for event in events if event.detail.get("trace") == trace] == [slug]


async def test_the_audit_names_the_channel(house: Gated):
    """A service provider outside the application's channels is in the audit as such."""
    trace = (await house.nginx(f"/api/v2/{OTHER}/x")).json()["trace"]
    await house.tenant.audit.flush()
    events = await house.tenant.store.events(house.tenant.id, {}, Window(limit=50))
    assert [event.slug for event in events if event.detail.get("trace") == trace] == [TOKEN_CHANNEL.slug]


@pytest.mark.parametrize("ending", ["", *ENDINGS])
async def test_introspection_agrees_with_the_gate(house: Gated, ending: str):
    """The API itself, and who may see all, learn what the gate knows; after an end, that it is over."""
    tenant = house.tenant
    for name, meant in (("tv", PROTECTED), ("all", ANY_API), ("other", AUDIENCE), ("none", "")):
        await tenant.change(Save(client(id=name, client_id=name, resource_server_identifier=meant)))
    if ending:
        await getattr(house, ending)()

    async def told(by: str) -> dict[str, object]:
        form = {"client_id": by, "client_secret": SECRET, "token": house.token}
        found: dict[str, object] = (await house.web.post("/oauth/introspect", data=form)).json()
        return found

    inside, everything, other, nobody = [await told(by) for by in ("tv", "all", "other", "none")]
    assert other == nobody == {"active": False}
    assert inside == everything
    if ending:
        assert inside == {"active": False}
        return
    assert inside.keys() == {
        *("active", "iss", "sub", "aud", "client_id", "scope", "token_type", "iat", "exp", "jti")
    }
    assert (inside["aud"], inside["scope"]) == (PROTECTED, SCOPE)
    assert house.client["client_secret"] not in str(inside)


async def test_a_crowd_is_admitted(house: Gated):
    """Many at once are each answered for themselves."""
    answers = await asyncio.gather(*(house.nginx(NEW if n % 2 else f"/api/v2/{OTHER}/x") for n in range(40)))
    assert [each.status_code for each in answers] == [401, 200] * 20
    traces = {each.json()["trace"] for each in answers if each.status_code == 401}
    assert len(traces) == 20
