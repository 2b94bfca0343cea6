"""Metadata and keys."""

import json

from sekisho.oauth.discovery import describing, key_set
from tests.tenants import ORIGIN, ask, demo_tenant


async def test_the_document_names_what_is_served() -> None:
    """Issuer and addresses start with the root that was asked. OpenID Connect Discovery 1.0 section 4.3."""
    tenant = await demo_tenant()
    root = f"{ORIGIN}/t/demo"
    answer = await describing({"token_endpoint": "/oauth/token"})(ask(root=root), tenant)
    document = json.loads(answer.body)
    assert document["issuer"] == f"{root}/"
    assert document["token_endpoint"] == f"{root}/oauth/token"
    assert document["grant_types_supported"] == ["client_credentials"]
    assert document["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "authorization_endpoint" not in document


async def test_the_key_set_may_be_kept_for_ten_minutes() -> None:
    """Keys are published as a JWK Set that may be cached. RFC 7517 section 5."""
    tenant = await demo_tenant()
    answer = await key_set(ask(), tenant)
    kids = [key["kid"] for key in json.loads(answer.body)["keys"]]
    assert len(kids) == len(set(kids)) == 4
    assert ("cache-control", "public, max-age=600") in answer.headers
