"""Token introspection."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.model.api import Api
from sekisho.model.artifact import Owner
from sekisho.model.client import ANY_API
from sekisho.model.step import Save
from sekisho.oauth.introspect import introspect
from sekisho.oauth.token import token
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, Clock, ask, asking, client, machine_tenant


async def things_tenant(clock: Clock | None = None, dialect: str = "access_token") -> Tenant:
    """The machine's tenant, with the API itself as a client, and another API."""
    tenant = await machine_tenant(clock)
    keys = (secret.remember(SECRET, NOW),)
    for name, meant in (("things", AUDIENCE), ("others", "https://other"), ("trusted", ANY_API)):
        made = client(id=name, client_id=name, secrets=keys, resource_server_identifier=meant)
        assert await tenant.change(Save(made)) is None
    api = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert api is not None
    assert await tenant.change(Save(replace(api, dialect=dialect))) is None
    return tenant


async def a_token(tenant: Tenant) -> str:
    answer = await token(asking(scope="read:things"), tenant)
    assert isinstance(answer.json, dict)
    return str(answer.json["access_token"])


async def told(tenant: Tenant, text: str, by: str = "things", **headers: str) -> Answer:
    form = (
        ("client_id", by),
        ("client_secret", SECRET),
        ("token", text),
        ("token_type_hint", "refresh_token"),
    )
    return await introspect(ask(form, headers=headers), tenant)


@pytest.mark.parametrize("dialect", ["access_token", "rfc9068_profile", "opaque"])
@pytest.mark.parametrize("by", ["things", "trusted"])
async def test_the_api_learns_what_the_token_means(dialect: str, by: str) -> None:
    """The API that a token is for, or a trusted client, learns all of it. RFC 7662 section 2.2."""
    tenant = await things_tenant(dialect=dialect)
    answer = await told(tenant, await a_token(tenant), by)
    assert isinstance(answer.json, dict)
    assert answer.json.pop("jti")
    assert answer.json == {
        "active": True,
        "iss": f"{ORIGIN}/",
        "sub": "machine@clients",
        "aud": AUDIENCE,
        "client_id": "machine",
        "scope": "read:things",
        "token_type": "Bearer",
        "iat": int(NOW),
        "exp": int(NOW) + 86_400,
    }
    assert ("cache-control", "no-store") in answer.headers


@pytest.mark.parametrize("by", ["others", "machine"])
async def test_nobody_else_learns_anything(by: str) -> None:
    """For another API, and for the token's own client, it is inactive, no more. Section 4, class 21."""
    tenant = await things_tenant()
    assert (await told(tenant, await a_token(tenant), by)).json == {"active": False}


async def test_what_is_no_token_is_inactive() -> None:
    """Garbage, an expired token and a revoked one look alike. Section 2.2, class 22."""
    clock = Clock()
    tenant = await things_tenant(clock)
    text = await a_token(tenant)
    for garbage in ("x", "a.b.c", "x" * 20_000, "関"):
        assert (await told(tenant, garbage)).json == {"active": False}
    await tenant.store.revoke(Owner(tenant=tenant.id, client="machine"), NOW)
    assert (await told(tenant, text)).json == {"active": False}
    clock.now = NOW + 100
    fresh = await a_token(tenant)
    assert (await told(tenant, fresh)).json != {"active": False}
    clock.now = NOW + 86_400 * 2
    assert (await told(tenant, fresh)).json == {"active": False}


async def test_a_token_ends_with_its_client() -> None:
    """A token of a client that was disabled or deleted is inactive at once. Class 34."""
    tenant = await things_tenant()
    text = await a_token(tenant)
    known = await tenant.known.named(type(client()), tenant.id, "machine")
    assert known is not None
    await tenant.change(Save(replace(known, enabled=False)))
    assert (await told(tenant, text)).json == {"active": False}


async def test_only_clients_with_credentials_may_ask() -> None:
    """The endpoint wants authentication, against scanning for tokens. RFC 7662 section 2.1."""
    tenant = await things_tenant()
    public = client(id="p", client_id="public", token_endpoint_auth_method="none", secrets=())
    await tenant.change(Save(replace(public, resource_server_identifier=ANY_API)))
    with pytest.raises(Refused, match="client_auth_missing") as refused:
        await introspect(ask((("client_id", "public"), ("token", "x"))), tenant)
    assert refused.value.seen == Contrast("token_endpoint_auth_method", "any but none", "none")
    with pytest.raises(Refused, match="client_auth_missing"):
        await introspect(ask((("token", "x"),)), tenant)
    with pytest.raises(Refused, match="missing_parameter"):
        await introspect(ask((("client_id", "things"), ("client_secret", SECRET))), tenant)


async def test_the_answer_may_be_signed() -> None:
    """Who accepts the JWT form gets it, signed, and useless as an access token. RFC 9701 section 5."""
    tenant = await things_tenant()
    kind = "application/token-introspection+jwt"
    answer = await told(tenant, await a_token(tenant), accept=kind)
    assert answer.kind == kind
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    decoded = jwt.decode(answer.body.decode(), keys, algorithms=["RS256"])
    assert decoded.header["typ"] == "token-introspection+jwt"
    assert decoded.claims["aud"] == "things"
    assert decoded.claims["iss"] == f"{ORIGIN}/"
    assert decoded.claims["token_introspection"]["client_id"] == "machine"
    assert not {"sub", "exp"} & decoded.claims.keys()
    assert (await told(tenant, answer.body.decode())).json == {"active": False}


async def test_a_look_leaves_no_event() -> None:
    """Whatever a token means, a look at it is a read: the audit does not grow with an API's traffic."""
    tenant = await things_tenant()
    text = await a_token(tenant)
    await tenant.audit.flush()
    before = await tenant.store.events(tenant.id, {}, Window())
    for one in (text, "nonsense"):
        assert isinstance((await told(tenant, one)).json, dict)
    assert tenant.audit.waiting() == 0
    assert await tenant.store.events(tenant.id, {}, Window()) == before
