"""A chain of APIs on the memory tenant, and an issuer elsewhere: what tests of exchanges start from."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api, Scope
from sekisho.model.client import Client
from sekisho.model.connection import TrustedIssuer
from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.oauth.introspect import introspect
from sekisho.oauth.token import token
from sekisho.spec.exchange.token_type import ACCESS_TOKEN
from sekisho.spec.policy import JWT_BEARER, TOKEN_EXCHANGE, Policy
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.oauth.test_client_assertion import Json, jwk, signed
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, TENANT, Clock, api, ask, client
from tests.visitor import people_tenant, person, tokens_of

STOCK = "https://stock.example.com"
ISSUER = "https://login.partner.example/"


def stock(**fields: Any) -> Api:
    """An API that asks before it lets anybody act for people."""
    told = api(
        id="b" * 24,
        name="Stock",
        identifiers=(STOCK,),
        scopes=tuple(Scope(id=each, value=each) for each in ("read:stock", "write:stock")),
        skip_consent=False,
    )
    return replace(told, **fields)


def consent(client_id: str = "orders", user: str = "auth0|aya", api: str = STOCK, **fields: Any) -> Consent:
    """The person lets the API for orders read the stock."""
    told = Consent(
        tenant=TENANT,
        id=f"{user} {client_id} {api}",
        user=user,
        client=client_id,
        api=api,
        scopes=("read:stock",),
    )
    return replace(told, **fields)


def orders(**fields: Any) -> Client:
    """The application behind the API that people's applications call."""
    told = client(
        id="66666666-6666-4666-8666-666666666666",
        client_id="orders",
        name="Orders",
        grant_types=(TOKEN_EXCHANGE, JWT_BEARER, "client_credentials"),
        resource_server_identifier=AUDIENCE,
        exchange="delegation",
    )
    return replace(told, **fields)


async def chain_tenant(clock: Clock | None = None, policy: Policy | None = None, **fields: Any) -> Tenant:
    """People with an application that calls the API for orders, which calls that of the stock."""
    tenant = await people_tenant(clock, policy)
    assert await tenant.change(Save(stock()), Save(consent()), Save(orders(**fields))) is None
    return tenant


async def saved(tenant: Tenant, *records: Any) -> None:
    """These are there, too."""
    assert await tenant.change(*map(Save, records)) is None


async def subject(tenant: Tenant, **more: str | None) -> str:
    """The access token that the API for orders was called with."""
    wish = {"scope": "openid read:things", "audience": AUDIENCE, **more}
    return str((await tokens_of(tenant, **wish))["access_token"])


async def asked(tenant: Tenant, form: dict[str, str | None]) -> dict[str, Any]:
    """What the token endpoint says."""
    pairs = tuple((name, value) for name, value in form.items() if value is not None)
    answer = await token(ask(pairs), tenant)
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json


async def exchanged(tenant: Tenant, text: str, **more: str | None) -> dict[str, Any]:
    """What the API for orders is given for the token that it shows."""
    form: dict[str, str | None] = {
        "grant_type": TOKEN_EXCHANGE,
        "client_id": "orders",
        "client_secret": SECRET,
        "subject_token": text,
        "subject_token_type": ACCESS_TOKEN,
        "audience": STOCK,
        **more,
    }
    return await asked(tenant, form)


async def own_token(tenant: Tenant, client_id: str = "orders") -> str:
    """A token that an application got in its own name."""
    form: dict[str, str | None] = {"grant_type": "client_credentials", "client_id": client_id}
    return str((await asked(tenant, {**form, "client_secret": SECRET, "audience": STOCK}))["access_token"])


async def seen(tenant: Tenant, text: object, client_id: str = "orders") -> dict[str, Any]:
    """What introspection tells an API of a token."""
    form = (("token", str(text)), ("client_id", client_id), ("client_secret", SECRET))
    answer = await introspect(ask(form, path="/oauth/introspect"), tenant)
    assert isinstance(answer.json, dict)
    return answer.json


def issuer(**fields: Any) -> TrustedIssuer:
    """An issuer whose word about people counts, from the API for orders."""
    told = TrustedIssuer(
        tenant=TENANT, id="tri_1", issuer=ISSUER, jwks=(jwk("rsa"),), clients=("orders",), created_at=NOW
    )
    return replace(told, **fields)


def word(*without: str, header: Json | None = None, name: str = "rsa", **members: object) -> str:
    """What the issuer says of the person, with some of it left out or said otherwise."""
    said = {
        "iss": ISSUER,
        "sub": person().user_id,
        "aud": f"{ORIGIN}/",
        "iat": NOW,
        "exp": NOW + 300,
        "jti": "word-1",
    }
    told = {each: value for each, value in (said | members).items() if each not in without}
    return signed({"alg": "RS256", "typ": "JWT", "kid": name, **(header or {})}, told, name)


async def vouched(tenant: Tenant, text: str, **more: str | None) -> dict[str, Any]:
    """What the API for orders is given for the word of the issuer."""
    form: dict[str, str | None] = {
        "grant_type": JWT_BEARER,
        "client_id": "orders",
        "client_secret": SECRET,
        "assertion": text,
        "audience": STOCK,
        **more,
    }
    return await asked(tenant, form)


async def why(act: Any) -> str:
    """The slug of a refusal."""
    with pytest.raises(Refused) as caught:
        await act
    assert caught.value.text
    return caught.value.reason.slug
