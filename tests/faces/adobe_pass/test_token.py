"""POST /o/client/token in the vendor's words."""

import base64
import json
import uuid
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from sekisho.model.api import PROTECTED, Api
from sekisho.model.client import Client
from sekisho.model.step import Save
from sekisho.oauth.installations.admit import admit
from sekisho.registry import clients, registered_applications
from tests.faces.adobe_pass.conftest import FORM, JSON, KIND, TOKEN, Place, refused
from tests.registered import ACTOR
from tests.servers import claims_of
from tests.software import SCOPE
from tests.tenants import NOW, SECRET, allowed, client

MEMBERS = ["id", "access_token", "created_at", "expires_in", "token_type"]


async def test_a_token_has_all_five_members(place: Place) -> None:
    """The answer is 201 with five members; milliseconds since when, seconds for how long."""
    answer = await place.token(await place.installed())
    assert answer.status_code == 201
    assert answer.headers["content-type"] == KIND
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert list(body) == MEMBERS
    assert str(uuid.UUID(body["id"], version=4)) == body["id"]
    assert body | {"id": "", "access_token": ""} == {
        "id": "",
        "access_token": "",
        "created_at": int(NOW) * 1000,
        "expires_in": 86_400,
        "token_type": "bearer",
    }


async def test_the_token_and_the_answer_agree(place: Place) -> None:
    """The token carries the answer's id, and ends when the client believes that it does."""
    place.software.clock.now += 0.987
    body = (await place.token(await place.installed())).json()
    claims = claims_of(body["access_token"])
    assert claims["jti"] == f"{body['id']}.1"
    assert claims["exp"] == body["created_at"] // 1000 + body["expires_in"]
    assert claims["iat"] * 1000 == body["created_at"]
    assert claims["scopes"] == SCOPE
    await admit(body["access_token"], SCOPE, "news", place.software.tenant)


async def test_the_lifetime_is_a_setting(place: Place) -> None:
    """Clients believe expires_in, which is what the tenant decided."""
    tenant = place.software.tenant
    api = await tenant.known.named(Api, tenant.id, PROTECTED)
    assert api
    assert await tenant.change(Save(replace(api, token_lifetime=21_600))) is None
    body = (await place.token(await place.installed())).json()
    assert body["expires_in"] == 21_600
    assert claims_of(body["access_token"])["exp"] == int(NOW) + 21_600


@pytest.mark.parametrize("kind", ["", FORM, JSON, "text/plain", f"{JSON};charset=utf-8"])
async def test_parameters_in_the_query(place: Place, kind: str) -> None:
    """A POST without a body may say everything in the query, whatever it says of the body it has not."""
    query = urlencode(await place.installed())
    headers = {"Content-Type": kind} if kind else {}
    answer = await place.ask(f"POST {TOKEN}?{query}", b"", headers)
    assert (answer.status_code, list(answer.json())) == (201, MEMBERS)


async def test_parameters_in_both_places(place: Place) -> None:
    """Some here, some there, each once: that is understood."""
    form = await place.installed()
    body = urlencode({"client_secret": form["client_secret"]}).encode()
    query = urlencode({name: form[name] for name in ("client_id", "grant_type")})
    answer = await place.ask(f"POST {TOKEN}?{query}", body, {"Content-Type": FORM})
    assert answer.status_code == 201
    assert (
        await place.ask(f"POST {TOKEN}", json.dumps(form).encode(), {"Content-Type": JSON})
    ).status_code == 201


@pytest.mark.parametrize("name", ["client_id", "client_secret", "grant_type", "scope", "audience", "x"])
async def test_a_parameter_comes_once_altogether(place: Place, name: str) -> None:
    """A name that is there twice, in the body, in the query or in both, is refused. RFC 6749 section 3.2."""
    form = await place.installed()
    value = form.get(name, "y")
    one, all_of = urlencode({name: value}), urlencode({**form, name: value})
    headers = {"Content-Type": FORM}
    refused(await place.token(f"{all_of}&{one}"), "invalid_request")
    refused(await place.ask(f"POST {TOKEN}?{all_of}&{one}"), "invalid_request")
    refused(await place.ask(f"POST {TOKEN}?{one}", all_of.encode(), headers), "invalid_request")
    twice = json.dumps({**form, name: value})[:-1] + f',"{name}":"{value}"}}'
    refused(await place.ask(f"POST {TOKEN}", twice.encode(), {"Content-Type": JSON}), "invalid_request")


@pytest.mark.parametrize("name", ["client_id", "client_secret", "grant_type"])
async def test_a_parameter_that_is_missing(place: Place, name: str) -> None:
    """Without it, or with nothing in it, the request is malformed: nobody registers anew for that."""
    form = await place.installed()
    without = {key: value for key, value in form.items() if key != name}
    for told in (without, {**form, name: ""}):
        refused(await place.token(told), "invalid_request")
        refused(await place.ask(f"POST {TOKEN}?{urlencode(told)}"), "invalid_request")
    refused(await place.token(without, Authorization="Bearer x"), "invalid_request")
    odd = json.dumps({**form, name: [form[name]]}).encode()
    refused(await place.ask(f"POST {TOKEN}", odd, {"Content-Type": JSON}), "invalid_request")


@pytest.mark.parametrize(
    ("kind", "raw"), [("text/plain", "x"), (JSON, "{"), (JSON, "[]"), (FORM, "a=%ff"), ("", "x")]
)
async def test_a_body_that_cannot_be_read(place: Place, kind: str, raw: str) -> None:
    """Also where the query says everything: invalid_request."""
    query = urlencode(await place.installed())
    headers = {"Content-Type": kind} if kind else {}
    refused(await place.ask(f"POST {TOKEN}?{query}", raw.encode(), headers), "invalid_request")


async def test_a_query_that_cannot_be_read(place: Place) -> None:
    """It is refused in the words of the face, before anything of it is looked at."""
    for query in ("client_id=%ff", "client_id=%00", "&".join(["a=1"] * 300)):
        refused(await place.ask(f"POST {TOKEN}?{query}"), "invalid_request")


async def test_wrong_credentials(place: Place) -> None:
    """An unknown client, a wrong secret: invalid_client with 400, so that the client starts anew."""
    form, other = await place.installed(), await place.installed()
    for told in ({"client_id": "x"}, {"client_secret": "x"}, {"client_secret": other["client_secret"]}):
        refused(await place.token({**form, **told}), "invalid_client")
    refused(await place.token({**form, "client_id": "x" * 600}), "invalid_client")
    refused(await place.token({**form, "client_id": "x", "grant_type": "y"}), "invalid_client")


async def test_a_client_that_ended(place: Place) -> None:
    """Deleted, or its application revoked: invalid_client like a wrong secret."""
    tv, form, other = place.software, await place.installed(), await place.installed()
    await clients.delete(tv.tenant, other["client_id"], ACTOR)
    refused(await place.token(other), "invalid_client")
    await registered_applications.revoke(tv.tenant, tv.application.id, ACTOR)
    refused(await place.token(form), "invalid_client")


@pytest.mark.parametrize("grant_type", ["x", "password", "Client_Credentials"])
async def test_a_grant_type_that_is_unknown(place: Place, grant_type: str) -> None:
    """What this server does not have is unsupported_grant_type."""
    form = await place.installed()
    refused(await place.token({**form, "grant_type": grant_type}), "unsupported_grant_type")


async def test_a_grant_type_that_is_not_for_this_client(place: Place) -> None:
    """What the server has and the client may not use is unauthorized_client."""
    form, tenant = await place.installed(), place.software.tenant
    found = await tenant.store.named(Client, tenant.id, form["client_id"])
    assert found
    assert await tenant.change(Save(replace(found, grant_types=()))) is None
    refused(await place.token(form), "unauthorized_client")


async def test_a_client_that_is_no_installation(place: Place) -> None:
    """An administrator's client is not granted anything here, whatever APIs it may use elsewhere."""
    tenant = place.software.tenant
    policy = replace(tenant.policy, default_audience=allowed().audience)
    assert await tenant.change(Save(client()), Save(allowed())) is None
    assert await tenant.change(Save(replace(tenant.record, policy=policy))) is None
    form = {"client_id": "machine", "client_secret": SECRET, "grant_type": "client_credentials"}
    refused(await place.token(form), "unauthorized_client")
    refused(await place.token({**form, "audience": allowed().audience}), "unauthorized_client")


async def test_other_parameters_do_not_count(place: Place) -> None:
    """A scope, an audience, an assertion: whatever some tool adds changes nothing."""
    form = await place.installed()
    more = {"scope": '"\\ x', "audience": "https://api.example.com", "client_assertion": "x", "resource": "y"}
    body = (await place.token({**form, **more})).json()
    claims = claims_of(body["access_token"])
    assert (claims["aud"], claims["scopes"]) == (PROTECTED, SCOPE)


async def test_credentials_in_the_header(place: Place) -> None:
    """Basic alone is understood; beside credentials elsewhere there are two mechanisms: invalid_request."""
    form = await place.installed()
    basic = "Basic " + base64.b64encode(f"{form['client_id']}:{form['client_secret']}".encode()).decode()
    grant = {"grant_type": "client_credentials"}
    assert (await place.token(grant, Authorization=basic)).status_code == 201
    refused(await place.token(form, Authorization=basic), "invalid_request")
    query = urlencode(form)
    refused(await place.ask(f"POST {TOKEN}?{query}", b"", {"Authorization": basic}), "invalid_request")
    refused(await place.token({}, Authorization=basic), "invalid_request")
    refused(await place.token(grant, Authorization="Basic !"), "invalid_client")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_another_method(place: Place, method: str) -> None:
    """A token is asked for by POST: GET, which an old table of the vendor names, is 405."""
    answer = await place.ask(f"{method} {TOKEN}?{urlencode(await place.installed())}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert method == "HEAD" or answer.json() == {"error": "invalid_request"}
