"""Metadata and keys."""

import json

import pytest

from sekisho.app import PROTOCOL
from sekisho.model.client import ANY_API
from sekisho.oauth.client_auth import METHODS, SIGNING_ALGS
from sekisho.oauth.discovery import describing, key_set
from sekisho.oauth.introspect import SIGNED, introspect
from sekisho.spec.jose import read_compact
from sekisho.spec.policy import EXCHANGES
from sekisho.spec.refusal import Refused
from sekisho.web.route import Route
from tests.tenants import ORIGIN, SECRET, ask, demo_tenant, machine_tenant

# Those that ask who one is; pushed requests are told of with the token endpoint (RFC 9126 section 5).
ASKING = [row for row in PROTOCOL if row.limit == "token" and row.path != "/oauth/par"]


async def test_the_document_names_what_is_served() -> None:
    """Issuer and addresses start with the root that was asked. OpenID Connect Discovery 1.0 section 4.3."""
    tenant = await demo_tenant()
    root = f"{ORIGIN}/t/demo"
    answer = await describing({"token_endpoint": "/oauth/token"})(ask(root=root), tenant)
    document = json.loads(answer.body)
    assert document["issuer"] == f"{root}/"
    assert document["token_endpoint"] == f"{root}/oauth/token"
    usual = ("authorization_code", "client_credentials", "refresh_token")
    assert document["grant_types_supported"] == [*usual, *EXCHANGES]
    assert document["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "authorization_endpoint" not in document


async def document() -> dict[str, list[str]]:
    """What the server says of all that it serves."""
    rows = {row.names_itself: row.path for row in PROTOCOL}
    answer = await describing(rows)(ask(root=ORIGIN), await demo_tenant())
    found: dict[str, list[str]] = json.loads(answer.body)
    return found


async def test_each_endpoint_says_how_clients_prove_themselves() -> None:
    """Methods and algorithms are told for every endpoint that asks who one is. RFC 8414 section 2."""
    told = await document()
    asking_ones = [row.names_itself for row in ASKING]
    assert asking_ones == ["token_endpoint", "introspection_endpoint", "revocation_endpoint"]
    for member in asking_ones:
        assert set(told[f"{member}_auth_methods_supported"]) | {"none"} == set(METHODS)
        assert told[f"{member}_auth_signing_alg_values_supported"] == list(SIGNING_ALGS)


async def test_nothing_is_told_of_what_is_not_served() -> None:
    """An endpoint without a row has no members. RFC 8414 section 2."""
    answer = await describing({"token_endpoint": "/oauth/token"})(ask(), await demo_tenant())
    assert not any(name.startswith(("introspection", "revocation")) for name in json.loads(answer.body))


@pytest.mark.parametrize("row", ASKING, ids=lambda row: row.path)
async def test_public_clients_are_welcome_where_it_says_so(row: Route) -> None:
    """`none` is told of an endpoint if a client without credentials is let in there, and only then."""
    tenant = await machine_tenant(token_endpoint_auth_method="none", secrets=())
    refused = ""
    try:
        await row.endpoint(ask((("client_id", "machine"), ("token", "x"), ("grant_type", "x"))), tenant)
    except Refused as why:
        refused = why.reason.error
    welcome = "none" in (await document())[f"{row.names_itself}_auth_methods_supported"]
    assert welcome == (refused != "invalid_client")


async def test_the_algorithm_of_signed_answers_is_told() -> None:
    """What a signed introspection answer is signed with can be read beforehand. RFC 9701 section 7."""
    tenant = await machine_tenant(resource_server_identifier=ANY_API)
    form = (("client_id", "machine"), ("client_secret", SECRET), ("token", "x"))
    answer = await introspect(ask(form, headers={"accept": SIGNED}), tenant)
    signed = read_compact(answer.body.decode(), SIGNING_ALGS)
    assert (await document())["introspection_signing_alg_values_supported"] == [signed.alg]


async def test_the_key_set_may_be_kept_for_ten_minutes() -> None:
    """Keys are published as a JWK Set that may be cached. RFC 7517 section 5."""
    tenant = await demo_tenant()
    answer = await key_set(ask(), tenant)
    kids = [key["kid"] for key in json.loads(answer.body)["keys"]]
    assert len(kids) == len(set(kids)) == 4
    assert ("cache-control", "public, max-age=600") in answer.headers
