"""ID tokens: who signed in, how and when (OpenID Connect Core 1.0 section 2)."""

import json

import pytest
from joserfc import jws
from joserfc import jwt as josejwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.artifact import Code
from sekisho.model.granted import half_hash
from sekisho.model.step import Put, Save
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.tokens import id_token
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, ORIGIN, Clock
from tests.visitor import EVERYTHING, Browser, people_tenant, redeemed, tokens_of, told

# OpenID Connect Core 1.0 appendix A.3: an access token and its hash.
ACCESS_TOKEN, HASH = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ"


async def minted(tenant: Tenant, **more: str | None) -> tuple[dict[str, object], dict[str, object]]:
    """Header and claims, checked as a client would."""
    body = await tokens_of(tenant, **more)
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    decoded = josejwt.decode(str(body["id_token"]), keys, algorithms=["RS256"])
    assert decoded.claims["at_hash"] == half_hash(str(body["access_token"]))
    return decoded.header, decoded.claims


async def test_what_it_says() -> None:
    """Who, for whom, when, how, in which session, and what the scopes ask for. Section 2."""
    tenant = await people_tenant()
    header, claims = await minted(tenant)
    assert header["alg"] == "RS256"
    assert header["kid"]
    assert claims.pop("sid")
    assert claims.pop("at_hash")
    assert claims == {
        "iss": f"{ORIGIN}/",
        "sub": "auth0|aya",
        "aud": "web",
        "iat": int(NOW),
        "exp": int(NOW) + 36_000,
        "auth_time": int(NOW),
        "amr": ["pwd"],
        "nonce": "n-1",
        "name": "Aya",
        "nickname": "aya",
        "updated_at": 0,
        "email": "aya@example.com",
        "email_verified": True,
    }


async def test_who_asks_for_it_is_told_at_userinfo_alone() -> None:
    """A client with lean ID tokens gets the claims of scopes where its access token leads. Section 5.4."""
    tenant = await people_tenant(scope_claims_in_id_token="only_without_access_token")
    _, claims = await minted(tenant)
    assert not {"name", "nickname", "email", "email_verified", "updated_at"} & claims.keys()
    assert claims["sub"] == "auth0|aya"


def test_the_hash_of_the_document() -> None:
    """The left half of SHA-256, in base64url. Section 3.1.3.6 and appendix A.3."""
    assert half_hash(ACCESS_TOKEN) == HASH


@pytest.mark.parametrize("nonce", ["n-1", "日本 &", "x" * 2048, None])
async def test_the_nonce_is_the_one_that_was_sent(nonce: str | None) -> None:
    """Unchanged; none where none was sent. Section 3.1.2.1."""
    _, claims = await minted(await people_tenant(), nonce=nonce)
    assert claims.get("nonce") == nonce


async def test_when_the_person_signed_in() -> None:
    """`auth_time` is the sign-in's, not the token's; the session is the same. Section 2."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser = Browser(tenant)
    first = claims_of(str((await redeemed(tenant, await browser.code()))["id_token"]))
    clock.now += 500
    second = claims_of(str((await redeemed(tenant, await browser.code()))["id_token"]))
    assert second["auth_time"] == first["auth_time"] == int(NOW)
    assert second["iat"] == int(NOW) + 500
    assert second["sid"] == first["sid"]
    third = await browser.signs_in(await browser.authorize(prompt="login"))
    renewed = claims_of(str((await redeemed(tenant, told(third)["code"]))["id_token"]))
    assert renewed["auth_time"] == int(NOW) + 500
    assert renewed["sid"] != first["sid"]


async def test_what_else_is_known_of_the_sign_in() -> None:
    """The class of the sign-in, where it has one. Section 2."""
    tenant = await people_tenant()
    text = await Browser(tenant).code()
    code = await tenant.store.get(Code, text)
    assert isinstance(code, Code)
    graded = replace(code, id="9" * 36, owner=replace(code.owner, grant="9" * 36), acr="urn:gold")
    assert await tenant.store.write(Put(graded, "graded")) is None
    assert claims_of(str((await redeemed(tenant, "graded"))["id_token"]))["acr"] == "urn:gold"


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
async def test_the_api_does_not_choose_its_algorithm(alg: str) -> None:
    """ID tokens are signed with RS256, which every client knows, whatever the API wants. Section 15.1."""
    tenant = await people_tenant()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    await tenant.change(Save(replace(known, signing_alg=alg)))
    header, _ = await minted(tenant, audience=AUDIENCE, scope=EVERYTHING)
    assert header["alg"] == "RS256"


async def test_a_hint_may_have_expired() -> None:
    """As a hint an old ID token is as good as a new one. Section 3.1.2.1."""
    clock = Clock()
    tenant = await people_tenant(clock)
    text = str((await tokens_of(tenant))["id_token"])
    clock.now += 10 * 365 * 86_400
    subject, client, session = id_token.hinted(text, tenant)
    assert (subject, client) == ("auth0|aya", "web")
    assert session == claims_of(text)["sid"]


def signed(tenant: Tenant, **claims: object) -> str:
    told = {"iss": f"{ORIGIN}/", "sub": "auth0|aya", "aud": "web", "auth_time": 1, **claims}
    told = {name: value for name, value in told.items() if value is not None}
    return tenant.keys.signer("tokens", "RS256").sign(json.dumps(told).encode(), "JWT")


async def test_what_is_no_hint() -> None:
    """Another kind of token, another issuer, another signature. Section 3.1.2.1, classes 32, 33 and 46."""
    tenant = await people_tenant()
    body = await tokens_of(tenant, audience=AUDIENCE, scope="openid")
    text = str(body["id_token"])
    head, payload, signature = text.split(".")
    none = encode(b'{"alg":"none"}').decode()
    assert id_token.hinted(signed(tenant), tenant) == ("auth0|aya", "web", "")
    for wrong in (
        "x",
        "a.b.c",
        "é.é.é",
        str(body["access_token"]),
        f"{none}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{head}.{encode(b'{}').decode()}.{signature}",
        signed(tenant, iss="https://evil.com/"),
        signed(tenant, auth_time=None),
        signed(tenant, sub=1),
        signed(tenant, aud=["web"]),
        jws.serialize_compact({"alg": "HS256"}, payload, KeySet.generate_key_set("oct", 256).keys[0]),
    ):
        with pytest.raises(Refused, match="hint_invalid"):
            id_token.hinted(wrong, tenant)
