"""Token exchange (RFC 8693): an API goes on in the name of the person whose token it was called with."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.change.actor import Actor
from sekisho.model.api import Api, AppRole, Scope
from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.role import RoleAssignment
from sekisho.oauth.exchange import shown
from sekisho.people import consents
from sekisho.spec.exchange.token_type import ACCESS_TOKEN, JWT
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.exchanges import (
    STOCK,
    chain_tenant,
    consent,
    exchanged,
    orders,
    own_token,
    saved,
    seen,
    stock,
    subject,
    why,
)
from tests.servers import claims_of
from tests.tenants import AUDIENCE, ORIGIN, TENANT, Clock, api
from tests.visitor import altered, person, person_changed, tokens_of


async def next_link(tenant: Tenant, **fields: Any) -> None:
    """The application behind the API of the stock, which goes on to orders."""
    told = orders(
        id="77777777-7777-4777-8777-777777777777", client_id="stock", resource_server_identifier=STOCK
    )
    mine = consent("stock", api=AUDIENCE, scopes=("read:things",))
    await saved(tenant, replace(told, **fields), mine)


async def test_the_api_of_a_disabled_application_is_there_for_nobody() -> None:
    """Whoever asks, in a person's name or in their own: there is no such API."""
    tenant = await chain_tenant()
    await next_link(tenant)
    owned = await tenant.store.named(Api, TENANT, STOCK)
    assert owned
    await saved(tenant, replace(owned, owner_client="stock"))
    await allowed(tenant)
    text = await subject(tenant)
    assert await exchanged(tenant, text)
    assert await own_token(tenant)
    told = await tenant.store.named(Client, TENANT, "stock")
    assert told
    await saved(tenant, replace(told, enabled=False))
    assert await why(exchanged(tenant, text)) == "audience_unknown"
    assert await why(own_token(tenant)) == "audience_unknown"


async def allowed(tenant: Tenant, client_id: str = "orders") -> None:
    """An application may ask for the stock in its own name."""
    grant = ClientGrant(tenant=TENANT, id=f"cgr_{client_id}", client_id=client_id, audience=STOCK)
    await saved(tenant, replace(grant, scopes=("read:stock",)))


async def test_an_api_goes_on_in_the_same_name() -> None:
    """The token is about the person, for the next API, and says who acts. RFC 8693 sections 2.2.1 and 4.1."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    body = await exchanged(tenant, text)
    assert body["issued_token_type"] == ACCESS_TOKEN
    assert (body["token_type"], body["scope"]) == ("Bearer", "read:stock")
    assert not {"refresh_token", "id_token"} & body.keys()
    before, after = claims_of(text), claims_of(str(body["access_token"]))
    assert after["sub"] == before["sub"] == "auth0|aya"
    assert (after["iss"], after["aud"], after["azp"]) == (f"{ORIGIN}/", STOCK, "orders")
    assert after["act"] == {"sub": "orders"}
    # One grant, and each token of it by itself.
    assert after["jti"].split(".")[0] == before["jti"].split(".")[0]
    assert after["jti"] != before["jti"]
    await tenant.audit.flush()
    (event,) = await tenant.store.events(tenant.id, {"slug": "token_exchanged"}, Window())
    assert (event.user, event.client, event.detail["act"]) == ("auth0|aya", "orders", "orders")


async def test_the_chain_names_everybody() -> None:
    """Who acted before is within who acts now. RFC 8693 section 4.1."""
    tenant = await chain_tenant()
    await next_link(tenant)
    first = (await exchanged(tenant, await subject(tenant)))["access_token"]
    second = (await exchanged(tenant, first, client_id="stock", audience=AUDIENCE))["access_token"]
    assert claims_of(second)["act"] == {"sub": "stock", "act": {"sub": "orders"}}
    third = (await exchanged(tenant, second))["access_token"]
    assert claims_of(third)["act"] == {"sub": "orders", "act": {"sub": "stock", "act": {"sub": "orders"}}}
    told = await seen(tenant, third, "stock")
    assert (told["active"], told["act"]) == (True, claims_of(third)["act"])


async def test_each_dialect_says_who_acts() -> None:
    """RFC 9068 tokens have the claim, and introspection says it of opaque ones. RFC 8693 section 4.1."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    await saved(tenant, stock(version=1, dialect="rfc9068_profile"))
    assert claims_of((await exchanged(tenant, text))["access_token"])["act"] == {"sub": "orders"}
    await next_link(tenant)
    await saved(tenant, stock(version=2, dialect="opaque"))
    opaque = (await exchanged(tenant, text))["access_token"]
    assert "." not in opaque
    assert (await seen(tenant, opaque, "stock"))["act"] == {"sub": "orders"}
    # It is exchanged like any other one.
    last = await exchanged(tenant, opaque, client_id="stock", audience=AUDIENCE)
    assert claims_of(last["access_token"])["act"] == {"sub": "stock", "act": {"sub": "orders"}}
    assert await why(exchanged(tenant, "x" * 43)) == "subject_untrusted"


async def test_impersonation_names_nobody() -> None:
    """A client that may be the person says nothing of itself; who acted before stays. RFC 8693 1.1."""
    tenant = await chain_tenant(exchange="impersonation")
    body = await exchanged(tenant, await subject(tenant))
    assert "act" not in claims_of(body["access_token"])
    assert "act" not in await seen(tenant, body["access_token"])
    await next_link(tenant)
    acted = await exchanged(tenant, body["access_token"], client_id="stock", audience=AUDIENCE)
    again = await exchanged(tenant, acted["access_token"])
    assert claims_of(again["access_token"])["act"] == {"sub": "stock"}


async def test_an_actor_token_asks_for_delegation() -> None:
    """Who may do both says which by showing a token of its own, or none. RFC 8693 section 2.1."""
    tenant = await chain_tenant(exchange="both")
    await allowed(tenant)
    text, own = await subject(tenant), await own_token(tenant)
    named = {"actor_token": own, "actor_token_type": ACCESS_TOKEN}
    assert claims_of((await exchanged(tenant, text, **named))["access_token"])["act"] == {"sub": "orders"}
    assert "act" not in claims_of((await exchanged(tenant, text))["access_token"])


@pytest.mark.parametrize(("exchange", "is_named"), [("none", False), ("none", True), ("impersonation", True)])
async def test_what_a_client_may_not_do(exchange: str, is_named: bool) -> None:
    """Delegation and impersonation are allowed one by one, and by default neither. RFC 8693 section 5."""
    tenant = await chain_tenant(exchange=exchange)
    named = {"actor_token": "x", "actor_token_type": ACCESS_TOKEN} if is_named else {}
    assert await why(exchanged(tenant, await subject(tenant), **named)) == "exchange_forbidden"


async def test_an_actor_is_the_client_itself() -> None:
    """Neither another client's token nor that of a person names who acts. RFC 8693 section 2.1."""
    tenant = await chain_tenant()
    await next_link(tenant)
    await allowed(tenant, "stock")
    text = await subject(tenant)
    of_person = (await exchanged(tenant, text))["access_token"]
    for actor, slug in (
        (await own_token(tenant, "stock"), "exchange_forbidden"),
        (of_person, "exchange_forbidden"),
        (text, "exchange_forbidden"),
        ("x.y.z", "subject_untrusted"),
    ):
        told = {"actor_token": actor, "actor_token_type": ACCESS_TOKEN}
        assert await why(exchanged(tenant, text, **told)) == slug


@pytest.mark.parametrize(
    ("form", "slug"),
    [
        ({"subject_token": None}, "missing_parameter"),
        ({"subject_token_type": None}, "missing_parameter"),
        ({"subject_token": None, "subject_token_type": None}, "missing_parameter"),
        ({"actor_token": "x"}, "missing_parameter"),
        ({"actor_token_type": ACCESS_TOKEN}, "missing_parameter"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "token_type_unknown"),
        ({"actor_token": "x", "actor_token_type": "urn:x"}, "token_type_unknown"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "token_type_unknown"),
        ({"subject_token": "x", "subject_token_type": JWT}, "subject_malformed"),
        ({"subject_token": "a.b.c.d"}, "subject_malformed"),
        ({"audience": None}, "missing_parameter"),
        ({"audience": "https://nobody.example"}, "audience_unknown"),
        ({"audience": "urn:sekisho:management"}, "audience_unknown"),
        ({"audience": f"{ORIGIN}/api/v2/"}, "audience_unknown"),
        ({"resource": AUDIENCE}, "audience_ambiguous"),
        ({"scope": "write:stock"}, "not_consented"),
        ({"scope": "openid"}, "not_consented"),
    ],
)
async def test_requests_that_are_refused(form: dict[str, str | None], slug: str) -> None:
    """The request names what it shows, one API of the tenant's, and what was agreed to. RFC 8693 2.1."""
    tenant = await chain_tenant()
    assert await why(exchanged(tenant, await subject(tenant), **form)) == slug


async def test_a_jwt_on_request() -> None:
    """Where tokens are JWTs one may be asked for; opaque ones are none. RFC 8693 section 2.2.1."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    body = await exchanged(tenant, text, requested_token_type=JWT, subject_token_type=JWT)
    assert body["issued_token_type"] == JWT
    await saved(tenant, stock(version=1, dialect="opaque"))
    assert await why(exchanged(tenant, text, requested_token_type=JWT)) == "token_type_unknown"


async def test_consent_is_for_these_three() -> None:
    """The person, this client and this API: no other agreement counts, and everybody's does."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    await consents.disconnect(tenant, "auth0|aya", "orders", Actor())
    assert await why(exchanged(tenant, text)) == "not_consented"
    await saved(tenant, consent("web"), consent(user="auth0|ben"))
    assert await why(exchanged(tenant, text)) == "not_consented"
    await saved(tenant, consent(user="*", scopes=("write:stock", "gone:stock")))
    assert (await exchanged(tenant, text))["scope"] == "write:stock"


async def test_a_trusted_api_asks_nobody() -> None:
    """The tenant's own application has what people may agree to at an API that asks none of them."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    admins = Scope(id="x", value="delete:stock", kind="Admin")
    off = Scope(id="y", value="old:stock", enabled=False)
    asks_nobody = stock(version=1, skip_consent=True, scopes=(*stock().scopes, admins, off))
    await saved(tenant, asks_nobody)
    assert (await exchanged(tenant, text))["scope"] == "read:stock write:stock"
    await saved(tenant, orders(version=1, is_first_party=False))
    assert (await exchanged(tenant, text))["scope"] == "read:stock"


async def test_a_token_ends_with_the_one_that_was_shown() -> None:
    """An exchange gives no more time: a circle of them comes to an end."""
    clock = Clock()
    tenant = await chain_tenant(clock)
    text = await subject(tenant)
    clock.now = claims_of(text)["exp"] - 90
    body = await exchanged(tenant, text)
    assert body["expires_in"] == 90
    assert claims_of(body["access_token"])["exp"] == claims_of(text)["exp"]
    clock.now += 89.5
    assert (await exchanged(tenant, text))["expires_in"] == 1
    clock.now += 0.5
    # Within the skew of clocks, and without any time that could be given.
    assert await why(exchanged(tenant, text)) == "subject_expired"
    clock.now += 600
    assert await why(exchanged(tenant, text)) == "subject_expired"


async def test_whose_token_it_is() -> None:
    """Only the API that a token is for exchanges it, by its name or as an application's own."""
    tenant = await chain_tenant(resource_server_identifier=STOCK)
    text = await subject(tenant)
    assert await why(exchanged(tenant, text)) == "subject_audience"
    # That it may look into any token makes it none of their APIs.
    await saved(tenant, orders(version=1, resource_server_identifier="*"))
    assert await why(exchanged(tenant, text)) == "subject_audience"
    await saved(
        tenant, orders(version=2, resource_server_identifier=""), api(version=2, owner_client="orders")
    )
    assert (await exchanged(tenant, text))["scope"] == "read:stock"


async def test_what_is_no_subject() -> None:
    """An ID token, an application's own token and one without scopes are about nobody who let it act."""
    tenant = await chain_tenant()
    await allowed(tenant)
    body = await tokens_of(tenant, scope="openid", audience=AUDIENCE)
    assert await why(exchanged(tenant, str(body["id_token"]))) == "subject_id_token"
    await saved(tenant, orders(version=1, resource_server_identifier=STOCK))
    assert await why(exchanged(tenant, await own_token(tenant))) == "subject_app_only"
    await saved(tenant, orders(version=2))
    none = await subject(tenant, scope="unknown:things")
    assert await why(exchanged(tenant, none)) == "subject_scopeless"


@pytest.mark.parametrize("owner", [{"user": "auth0|aya"}, {"client": "web"}, {"grant": None}])
async def test_what_was_taken_back(owner: dict[str, str | None]) -> None:
    """Who revokes the user, the application or the grant ends the exchanged token, and there is no other."""
    clock = Clock()
    tenant = await chain_tenant(clock)
    text = await subject(tenant)
    given = (await exchanged(tenant, text))["access_token"]
    grant = claims_of(text)["jti"].partition(".")[0]
    clock.now += 1
    await tenant.store.revoke(
        Owner(tenant=TENANT, **{"grant": grant} if "grant" in owner else owner), clock.now
    )
    assert await why(exchanged(tenant, text)) == "subject_revoked"
    is_dead = await tokens.good(given, tenant) is None
    # What the first application loses is its own tokens; the grant and the person are everybody's.
    assert is_dead == ("client" not in owner)


async def test_who_is_gone_or_blocked() -> None:
    """A person who is blocked or deleted is acted for by nobody, nor for a client that is off."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    await person_changed(tenant, blocked=True)
    assert await why(exchanged(tenant, text)) == "grant_blocked"
    await person_changed(tenant, user_id="auth0|other")
    assert await why(exchanged(tenant, text)) == "subject_gone"
    await person_changed(tenant, user_id=person().user_id, blocked=False)
    await altered(tenant, enabled=False)
    assert await why(exchanged(tenant, text)) == "subject_revoked"
    await altered(tenant, enabled=True)
    await saved(tenant, orders(version=1, token_endpoint_auth_method="none", secrets=()))
    assert await why(exchanged(tenant, text, client_secret=None)) == "client_is_public"


async def test_a_chain_ends() -> None:
    """A token passes through as many applications as the tenant allows, and no further."""
    tenant = await chain_tenant(policy=Policy(exchange_depth=2))
    await next_link(tenant)
    first = (await exchanged(tenant, await subject(tenant)))["access_token"]
    second = (await exchanged(tenant, first, client_id="stock", audience=AUDIENCE))["access_token"]
    assert await why(exchanged(tenant, second)) == "exchange_deep"


async def test_the_person_may_name_who_acts() -> None:
    """Where the token says who may act, nobody else does. RFC 8693 section 4.4."""
    tenant = await chain_tenant()
    bearer = await tokens.read(await subject(tenant), tenant)
    shown.client_may_act(replace(bearer, may_act="orders"), orders())
    for other in ("stock", ""):
        with pytest.raises(Refused, match="exchange_forbidden"):
            shown.client_may_act(replace(bearer, may_act=other), orders())


async def test_roles_are_those_of_the_person() -> None:
    """An API that wants people to be assigned lets nobody act for those who are not."""
    tenant = await chain_tenant()
    text = await subject(tenant)
    role = AppRole(id="r1", value="clerk", members=("User",))
    await saved(tenant, stock(version=1, app_roles=(role,), assignment_required=True))
    assert await why(exchanged(tenant, text)) == "not_assigned"
    mine = RoleAssignment(tenant=TENANT, id="ra1", principal=person().id, kind="User", api=STOCK, role="r1")
    await saved(tenant, mine)
    assert (await exchanged(tenant, text))["scope"] == "read:stock"


async def test_that_we_are_busy_is_no_fault_of_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away is said as it is, so that the client comes again."""
    tenant = await chain_tenant()
    text = await subject(tenant)

    async def away(*_: object) -> bool:
        raise Refused(STORE_UNAVAILABLE)

    monkeypatch.setattr(type(tenant.store), "revoked", away)
    assert await why(exchanged(tenant, text)) == "store_unavailable"
    monkeypatch.undo()
    monkeypatch.setattr(type(tenant.store), "get", away)
    assert await why(exchanged(tenant, "x" * 43)) == "store_unavailable"


@pytest.mark.parametrize("act", ["orders", {"sub": 7}, {"sub": "a", "act": {}}, {"sub": "a", "role": "b"}])
async def test_what_says_it_wrongly_is_no_token(act: object) -> None:
    """A claim `act` that is no chain of actors makes the whole token none. RFC 8693 section 4.1."""
    tenant = await chain_tenant()
    said = claims_of(await subject(tenant)) | {"act": act}
    text = tenant.keys.signer("tokens", "RS256").sign(json.dumps(said).encode(), "JWT")
    assert await tokens.good(text, tenant) is None
    assert await why(exchanged(tenant, text)) == "subject_untrusted"


async def test_the_token_itself_names_who_may_act() -> None:
    """`may_act` in the token that is shown is heeded. RFC 8693 section 4.4."""
    tenant = await chain_tenant()
    said = claims_of(await subject(tenant))
    for name, fits in (("orders", True), ("stock", False)):
        told = json.dumps(said | {"may_act": {"sub": name}}).encode()
        text = tenant.keys.signer("tokens", "RS256").sign(told, "JWT")
        if fits:
            assert (await exchanged(tenant, text))["scope"] == "read:stock"
        else:
            assert await why(exchanged(tenant, text)) == "exchange_forbidden"
