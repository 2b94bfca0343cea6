"""Auth0's two pipelines, by the samples of the reference document (contract section 3)."""

import json
import re
from typing import Any, cast

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.artifact import Owner, Refresh
from sekisho.model.step import Save
from sekisho.oauth.userinfo import userinfo
from sekisho.pages.render import render
from sekisho.spec import pipeline
from sekisho.spec.http import Answer, Pairs
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, ORIGIN, ask
from tests.visitor import (
    CALLBACK,
    Browser,
    location,
    people_tenant,
    person_changed,
    redeemed,
    refreshed,
    told,
)

GRANTS = ("authorization_code", "implicit", "refresh_token")
# What an answer may say beside what the document's samples say.
EXTRAS = {"jti", "sid", "at_hash", "c_hash", "auth_time", "amr", "acr"}
ALICE = {"email": "alice@example.com", "email_verified": True}
OLDER = {"scope": "openid email favorite_color offline_access", "nonce": None, "audience": None}


async def tenant_of(*, conformant: bool, **fields: Any) -> Tenant:
    """Somebody with a favourite colour, and a client of one of the pipelines that may have everything."""
    tenant = await people_tenant(**{"grant_types": GRANTS, "oidc_conformant": conformant, **fields})
    await person_changed(
        tenant,
        claims=ALICE,
        user_metadata={"favorite_color": "blue", "shoe": {"size": 40}},
        app_metadata={"plan": "gold"},
    )
    return tenant


async def answered(tenant: Tenant, **more: str | None) -> dict[str, str]:
    """What the fragment says after somebody signed in."""
    browser = Browser(tenant)
    return told(await browser.signs_in(await browser.authorize(**more)))


def claims_of(tenant: Tenant, text: str) -> dict[str, Any]:
    """What a token says, checked as a client would."""
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    return jwt.decode(text, keys, algorithms=["RS256"]).claims


async def seen(tenant: Tenant, token: str) -> dict[str, Any]:
    """What /userinfo says to whoever shows this."""
    here = ask(path="/userinfo", method="GET", headers={"authorization": f"Bearer {token}"})
    answer = await userinfo(here, tenant)
    assert isinstance(answer.json, dict)
    return answer.json


async def test_the_older_sample() -> None:
    """A token comes with an opaque token, an ID token with bare attributes, and a refresh token."""
    tenant = await tenant_of(conformant=False)
    told = await answered(tenant, response_type="token", device="my-device-name", **OLDER)
    assert set(told) - {"iss", "scope"} == {
        *("access_token", "expires_in", "token_type", "state"),
        *("id_token", "refresh_token"),
    }
    assert (told["expires_in"], told["token_type"], told["state"]) == ("86400", "Bearer", "s-1")
    assert "." not in told["access_token"]
    claims = claims_of(tenant, told["id_token"])
    assert claims["exp"] - claims["iat"] == 36_000
    named = {name: value for name, value in claims.items() if name not in EXTRAS | {"iat", "exp"}}
    assert named == {
        "sub": "auth0|aya",
        "iss": f"{ORIGIN}/",
        "aud": "web",
        **ALICE,
        "favorite_color": "blue",
    }


async def test_the_conformant_sample() -> None:
    """Both words give a JWT for the API and for /userinfo, and an ID token with standard claims only."""
    tenant = await tenant_of(conformant=True)
    asked = {"scope": "openid email favorite_color offline_access", "device": "my-device-name"}
    told = await answered(tenant, response_type="token id_token", audience=AUDIENCE, **asked)
    assert set(told) - {"iss", "scope"} == {
        *("access_token", "expires_in", "token_type", "state"),
        "id_token",
    }
    access, identity = claims_of(tenant, told["access_token"]), claims_of(tenant, told["id_token"])
    assert access["exp"] - access["iat"] == int(told["expires_in"]) == 7_200
    assert {name: value for name, value in access.items() if name not in EXTRAS | {"iat", "exp"}} == {
        "sub": "auth0|aya",
        "iss": f"{ORIGIN}/",
        "aud": [AUDIENCE, f"{ORIGIN}/userinfo"],
        "azp": "web",
        "scope": "openid email",
    }
    assert {name: value for name, value in identity.items() if name not in EXTRAS | {"iat", "exp"}} == {
        "sub": "auth0|aya",
        "iss": f"{ORIGIN}/",
        "aud": "web",
        "nonce": "n-1",
        **ALICE,
    }


@pytest.mark.parametrize(
    ("conformant", "response_type", "given"),
    [
        (False, "token", {"access_token", "id_token"}),
        (False, "id_token", {"id_token"}),
        (False, "id_token token", {"access_token", "id_token"}),
        (False, "code token", {"code", "access_token", "id_token"}),
        (True, "token", {"access_token"}),
        (True, "id_token", {"id_token"}),
        (True, "id_token token", {"access_token", "id_token"}),
        (True, "code token", {"code", "access_token"}),
    ],
)
async def test_what_a_type_gives(conformant: bool, response_type: str, given: set[str]) -> None:
    """The conformant pipeline gives just what was asked for, the older one an ID token with each token."""
    told = await answered(await tenant_of(conformant=conformant), response_type=response_type)
    assert set(told) & {"access_token", "id_token", "code", "refresh_token"} == given


async def test_an_audience_makes_a_request_conformant() -> None:
    """A client of the older pipeline that names an API is treated as if it had left it."""
    tenant = await tenant_of(conformant=False)
    asked = {"scope": "openid email favorite_color", "device": "x", "audience": AUDIENCE}
    told = await answered(tenant, response_type="id_token token", **asked)
    assert "favorite_color" not in claims_of(tenant, told["id_token"])
    assert claims_of(tenant, told["access_token"])["aud"] == [AUDIENCE, f"{ORIGIN}/userinfo"]
    refused = await Browser(tenant).authorize(response_type="id_token", audience=AUDIENCE, nonce=None)
    assert "nonce" in location(refused)


@pytest.mark.parametrize(
    ("more", "is_given"),
    [
        ({"device": "phone", "scope": "openid offline_access"}, True),
        ({"device": "phone", "scope": "openid"}, False),
        ({"scope": "openid offline_access"}, False),
        ({"device": "phone", "scope": "openid offline_access", "audience": AUDIENCE}, False),
    ],
)
async def test_when_a_fragment_has_a_refresh_token(more: dict[str, str], is_given: bool) -> None:
    """In the older pipeline, for a device and with offline_access; otherwise nobody gets one there."""
    tenant = await tenant_of(conformant=False)
    told = await answered(tenant, response_type="token", **more)
    assert ("refresh_token" in told) is is_given


async def test_a_refresh_token_of_the_fragment_works() -> None:
    """It is refreshed like any other, stays in its pipeline, and counts in the limit of its kind."""
    tenant = await tenant_of(conformant=False)
    told = await answered(tenant, response_type="token", device="phone", **OLDER)
    body = await refreshed(tenant, told["refresh_token"])
    assert claims_of(tenant, str(body["id_token"]))["favorite_color"] == "blue"
    assert (await seen(tenant, str(body["access_token"])))["favorite_color"] == "blue"
    for _ in range(3):
        told = await answered(tenant, response_type="token", device="phone", **OLDER)
    whose = Owner(tenant=tenant.id, user="auth0|aya", client="web")
    assert len(await tenant.store.find(Refresh, whose, None, 10)) == 4


async def test_a_code_of_the_older_pipeline() -> None:
    """What comes of a code says the same as what comes in the fragment."""
    tenant = await tenant_of(conformant=False)
    browser = Browser(tenant)
    body = await redeemed(tenant, await browser.code(**{**OLDER, "scope": "openid profile shoe plan"}))
    claims = claims_of(tenant, str(body["id_token"]))
    assert claims["user_metadata"] == {"favorite_color": "blue", "shoe": {"size": 40}}
    assert (claims["app_metadata"], claims["plan"], claims["clientID"]) == ({"plan": "gold"}, "gold", "web")
    assert claims["identities"][0]["provider"] == "auth0"
    # What is no plain value is no claim of its own.
    assert "shoe" not in claims
    profile = await seen(tenant, str(body["access_token"]))
    assert profile["user_id"] == profile["sub"] == "auth0|aya"


@pytest.mark.parametrize("name", ["sub", "iss", "aud", "exp", "roles", "permissions", "nonce", "x y", "é"])
def test_what_no_scope_says(name: str) -> None:
    """A restricted name is the server's: no attribute of a person takes its place."""
    assert not pipeline.is_attribute(name)
    assert pipeline.attributes({name: "mine", "user_metadata": {name: "mine"}}, (name,)) == {}


def test_where_an_attribute_is_looked_for() -> None:
    """At the root first, then in what the user says, then in what applications keep."""
    known = {"a": 1, "user_metadata": {"a": 2, "b": 3}, "app_metadata": {"a": 4, "b": 5, "c": True}}
    assert pipeline.attributes(known, ("a", "b", "c", "d")) == {"a": 1, "b": 3, "c": True}


@pytest.mark.parametrize("name", ["phone_number_verified", "phone_number", "preferred_username", "user_id"])
def test_what_nobody_says_of_themselves(name: str) -> None:
    """A standard claim is ours to say: no metadata stands in for one that is not there. Class 65."""
    said = {"user_metadata": {name: "mine"}, "app_metadata": {name: "theirs"}}
    assert pipeline.attributes(said, (name,)) == {}
    assert pipeline.attributes({**said, name: "ours"}, (name,)) == {name: "ours"}


async def test_the_hybrid_sample_by_a_form() -> None:
    """Code and ID token in a form to the client's address; what the code gives is another set. Seed 003."""
    tenant = await tenant_of(conformant=True)
    browser = Browser(tenant)
    asked = {"response_type": "code id_token", "response_mode": "form_post", "scope": "openid email"}
    answer = await browser.signs_in(await browser.authorize(**asked))
    assert answer.page
    name, context = answer.page
    assert (name, context["action"]) == ("form_post", CALLBACK)
    params: dict[str, str] = dict(cast("Pairs", context["params"]))
    assert set(params) == {"code", "id_token", "state", "iss"}
    first = claims_of(tenant, params["id_token"])
    assert (first["nonce"], first["email"]) == ("n-1", "alice@example.com")
    assert {"c_hash"} <= set(first)
    body = await redeemed(tenant, params["code"])
    second = claims_of(tenant, str(body["id_token"]))
    assert second["sub"] == first["sub"]
    assert "c_hash" not in second


@pytest.mark.parametrize("alg", ["ES256", "PS256"])
async def test_userinfo_is_for_tokens_that_are_signed_with_rsa(alg: str) -> None:
    """The document's condition: /userinfo is in the audience where the API signs with RS256."""
    tenant = await tenant_of(conformant=True)
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known is not None
    assert await tenant.change(Save(replace(known, signing_alg=alg))) is None
    told = await answered(tenant, response_type="token", audience=AUDIENCE)
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    told_by = jwt.decode(told["access_token"], keys, algorithms=[alg]).claims
    assert told_by["aud"] == AUDIENCE


@pytest.mark.parametrize("conformant", [True, False])
async def test_a_state_comes_back_as_it_was(conformant: bool) -> None:
    """Letter for letter, in an answer and in an error. RFC 6749 section 4.1.2."""
    tenant = await tenant_of(conformant=conformant)
    state = "af0ifjsldkj &=#+%2F\u2028/é"
    assert (await answered(tenant, response_type="token", state=state))["state"] == state
    said = told(await Browser(tenant).authorize(response_type="token", state=state, prompt="none"))
    assert (said["error"], said["state"]) == ("login_required", state)


async def message_of(tenant: Tenant, **more: str | None) -> tuple[dict[str, Any], Answer]:
    """What a page says to the window around it."""
    browser = Browser(tenant)
    answer = await browser.authorize(response_mode="web_message", **more)
    if not answer.page:
        answer = await browser.signs_in(answer)
    assert answer.page
    message = answer.page[1]["message"]
    assert isinstance(message, dict)
    return message, answer


async def test_an_answer_as_a_message() -> None:
    """It is said to the origin of the redirect URI only, which alone may have the page in a frame."""
    origin = "https://app.example.com"
    tenant = await tenant_of(conformant=True, web_origins=(origin,))
    message, answer = await message_of(tenant, response_type="code")
    assert message["origin"] == origin
    assert set(message["response"]) == {"code", "state", "iss"}
    page = render(answer, ask(path="/authorize", method="GET"), tenant)
    headers = dict(page.headers)
    assert f"frame-ancestors {origin};" in headers["content-security-policy"] + ";"
    assert "x-frame-options" not in headers
    assert "cross-origin-opener-policy" not in headers
    data = re.search(rb'<script type="application/json" id="answer">(.*?)</script>', page.body, re.DOTALL)
    assert data
    assert json.loads(data[1]) == message


async def test_an_error_as_a_message() -> None:
    """Silence fails in the same way, with the state. OpenID Connect Core 1.0 section 3.1.2.6."""
    tenant = await tenant_of(conformant=True, web_origins=("https://app.example.com",))
    message, _ = await message_of(tenant, response_type="code", prompt="none", state="</script><b>")
    assert message["response"]["error"] == "login_required"
    assert message["response"]["state"] == "</script><b>"


async def test_a_message_to_a_stranger_is_refused() -> None:
    """An origin that the client did not name is told nothing, not even an error."""
    for origins in ((), ("https://other.example.com",), ("http://app.example.com",)):
        tenant = await tenant_of(conformant=True, web_origins=origins)
        with pytest.raises(Refused) as refused:
            await Browser(tenant).authorize(response_mode="web_message")
        assert refused.value.reason.slug == "web_origin_unlisted"
