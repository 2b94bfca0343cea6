"""How clients authenticate, as the management API lets one say it."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sekisho.keys import jwk
from sekisho.model.client import Client

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
CREDENTIAL = {"credential_type": "public_key", "pem": PEM}
JWKS = {"keys": [jwk.members(KEY.public_key())]}
INLINE = {"client_authentication_methods": {"private_key_jwt": {"credentials": [CREDENTIAL]}}}


async def stored(desk, made) -> Client:
    """The client as the store has it."""
    found: Client = await desk.tenant.store.named(Client, desk.tenant.id, made["client_id"])
    return found


async def made_with(desk, **body: object):
    """A client that says this."""
    return await desk.made("POST /clients", {"name": "Shop", **body})


async def test_credentials_come_along_when_a_client_is_made(desk):
    """A client may be made with its credentials: it authenticates with them, and has no secret."""
    made = await made_with(desk, **INLINE)
    ((credential,),) = (each["credentials"] for each in made["client_authentication_methods"].values())
    client = await stored(desk, made)
    assert client.client_authentication_methods == {"private_key_jwt": (credential["id"],)}
    assert [each.id for each in client.credentials] == [credential["id"]]
    assert client.authentication_methods == ("private_key_jwt", "private_key_jwt")
    assert client.secrets == ()
    assert "token_endpoint_auth_method" not in made
    assert "client_secret" not in made


async def test_credentials_are_chosen_by_their_ids_afterwards(desk):
    """A credential is added first and chosen then; the secret of the client ends with that."""
    made = await made_with(desk)
    place = f"/clients/{made['client_id']}"
    credential = await desk.made(f"POST {place}/credentials", CREDENTIAL)
    body = {
        "client_authentication_methods": {"private_key_jwt": {"credentials": [{"id": credential["id"]}]}},
        "token_endpoint_auth_method": None,
    }
    changed = await desk.made(f"PATCH {place}", body)
    assert changed["client_authentication_methods"] == body["client_authentication_methods"]
    assert (await stored(desk, made)).secrets == ()


async def test_leaving_credentials_makes_a_secret(desk):
    """Without its methods a client falls back to what is usual, with a new secret."""
    made = await made_with(desk, **INLINE)
    for body in (
        {"client_authentication_methods": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
    ):
        made = await made_with(desk, **INLINE)
        changed = await desk.made(f"PATCH /clients/{made['client_id']}", body)
        assert "client_authentication_methods" not in changed
        assert changed["token_endpoint_auth_method"].startswith("client_secret_")
        assert len(changed["client_secret"]) == 64


async def test_no_client_becomes_public_by_the_way(desk):
    """A client with credentials is made public by clearing them too; `none` alone is refused. auth0 6.4."""
    made = await made_with(desk, **INLINE)
    place = f"PATCH /clients/{made['client_id']}"
    answer = await desk.ask(place, {"token_endpoint_auth_method": "none"})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert (await stored(desk, made)).authentication_methods == ("private_key_jwt", "private_key_jwt")
    both = {"token_endpoint_auth_method": "none", "client_authentication_methods": None}
    changed = await desk.made(place, both)
    assert changed["token_endpoint_auth_method"] == "none"
    assert (await stored(desk, made)).is_public


async def test_clearing_the_method_keeps_the_credentials(desk):
    """Setting token_endpoint_auth_method to null leaves a client that has credentials as it is."""
    made = await made_with(desk, **INLINE)
    changed = await desk.made(
        f"PATCH /clients/{made['client_id']}", {"token_endpoint_auth_method": None, "description": "x"}
    )
    assert changed["client_authentication_methods"] == made["client_authentication_methods"]


async def test_a_client_brings_its_own_keys(desk):
    """Keys come in jwks, or from jwks_uri, with RFC 7591's method and algorithm."""
    body = {
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": JWKS,
        "assertion_audience": "lenient",
        "assertion_reuse": True,
    }
    made = await made_with(desk, **body)
    assert {name: made[name] for name in body} == body
    place = f"PATCH /clients/{made['client_id']}"
    changed = await desk.made(place, {"jwks": None, "jwks_uri": "https://shop.example/jwks.json"})
    assert "jwks" not in changed
    assert changed["jwks_uri"] == "https://shop.example/jwks.json"
    unset = await desk.made(place, {"assertion_audience": None, "assertion_reuse": None})
    assert not {"assertion_audience", "assertion_reuse"} & unset.keys()


async def test_a_secret_for_hmac_is_sealed_while_it_is_needed(desk):
    """The text of a secret is kept, sealed, for client_secret_jwt only; turning to it makes a new secret."""
    made = await made_with(desk, token_endpoint_auth_method="client_secret_jwt")
    (kept,) = (await stored(desk, made)).secrets
    assert kept.sealed is not None
    place = f"/clients/{made['client_id']}"
    assert "client_secret" in await desk.made(f"POST {place}/rotate-secret", None)
    assert all(each.sealed for each in (await stored(desk, made)).secrets)
    left = await desk.made(f"PATCH {place}", {"token_endpoint_auth_method": "client_secret_post"})
    assert "client_secret" not in left
    assert not any(each.sealed for each in (await stored(desk, made)).secrets)
    back = await desk.made(f"PATCH {place}", {"token_endpoint_auth_method": "client_secret_jwt"})
    assert len(back["client_secret"]) == 64
    assert len((await stored(desk, made)).secrets) == 1


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ("read:clients", False),
        ("read:client_keys", True),
        ("read:client_credentials", True),
        ("read:client_summary", False),
    ],
)
async def test_who_may_see_credentials_sees_them(desk, scope, seen):
    """Which credentials a client uses is shown to who may read keys or credentials."""
    made = await made_with(desk, **INLINE)
    answer = await desk.ask(f"GET /clients/{made['client_id']}", token=desk.token(scope))
    assert ("client_authentication_methods" in answer.json) == seen


async def test_making_credentials_needs_its_scope(desk):
    """Credentials that come along when a client is made need create:client_credentials too."""
    answer = await desk.ask("POST /clients", {"name": "x", **INLINE}, desk.token("create:clients"))
    assert answer.json["message"] == "Insufficient scope, expected any of: create:client_credentials"
    token = desk.token("create:clients", "create:client_credentials")
    assert (await desk.ask("POST /clients", {"name": "x", **INLINE}, token)).status == 201
    keys = {"jwks_uri": "https://shop.example/jwks.json"}
    made = await made_with(desk)
    token = desk.token("update:client_credentials")
    assert (await desk.ask(f"PATCH /clients/{made['client_id']}", keys, token)).status == 200


def chosen(*credentials: object) -> dict:
    """Methods with these credentials."""
    return {"client_authentication_methods": {"private_key_jwt": {"credentials": list(credentials)}}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (chosen(), "invalid_body"),
        (chosen(CREDENTIAL, CREDENTIAL), "invalid_body"),
        (chosen({"id": "cred_none"}), "invalid_body"),
        (chosen(CREDENTIAL | {"id": "x", "foo": 1}), "invalid_body"),
        (chosen({"pem": PEM}), "invalid_body"),
        (chosen({"credential_type": "public_key", "pem": "x"}), "invalid_body"),
        (chosen(CREDENTIAL) | {"token_endpoint_auth_method": "client_secret_post"}, "invalid_body"),
        (chosen(CREDENTIAL) | {"token_endpoint_auth_method": "none"}, "invalid_body"),
        (
            chosen(CREDENTIAL) | {"token_endpoint_auth_method": "none", "app_type": "native"},
            "invalid_body",
        ),
        ({"client_authentication_methods": {}}, "invalid_body"),
        ({"client_authentication_methods": {"private_key_jwt": None}}, "invalid_body"),
        ({"client_authentication_methods": {"magic": {"credentials": []}}}, "invalid_body"),
        (
            {"client_authentication_methods": {"tls_client_auth": {"credentials": []}}},
            "operation_not_supported",
        ),
        (
            {"client_authentication_methods": {"self_signed_tls_client_auth": {"a": 1}}},
            "operation_not_supported",
        ),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "invalid_body"),
        ({"token_endpoint_auth_signing_alg": "ES256"}, "invalid_body"),
        (
            {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "HS256"},
            "invalid_body",
        ),
        (
            {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "ES256"},
            "invalid_body",
        ),
        ({"jwks": JWKS, "jwks_uri": "https://shop.example/jwks.json"}, "invalid_body"),
        ({"jwks": {}}, "invalid_body"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "invalid_body"),
        ({"jwks": {"keys": [JWKS["keys"][0] | {"d": "AA"}]}}, "invalid_body"),
        ({"jwks": {"keys": [JWKS["keys"][0]] * 21}}, "invalid_body"),
        ({"jwks_uri": "http://shop.example/jwks.json"}, "invalid_body"),
        ({"assertion_audience": "anything"}, "invalid_body"),
    ],
)
async def test_refuses_what_does_not_authenticate(desk, body, code):
    """What is said about authentication is known, agrees with itself, and holds public keys only."""
    answer = await desk.ask("POST /clients", {"name": "Shop", **body})
    assert answer.json["errorCode"] == code
    assert await desk.tenant.store.count(Client, desk.tenant.id, {}) == 0


async def test_a_change_names_credentials_by_their_ids(desk):
    """After a client was made, its methods take ids only, each once."""
    made = await made_with(desk, **INLINE)
    place = f"PATCH /clients/{made['client_id']}"
    (id,) = (await stored(desk, made)).client_authentication_methods["private_key_jwt"]
    assert (await desk.ask(place, chosen(CREDENTIAL))).json["errorCode"] == "invalid_body"
    assert (await desk.ask(place, chosen({"id": id}, {"id": id}))).json["errorCode"] == "invalid_body"
    assert (await desk.ask(place, chosen({"id": "cred_none"}))).json["errorCode"] == "inexistent_credential"
    assert (await desk.ask(place, chosen({"id": id}))).status == 200


async def test_a_weak_key_is_no_credential(desk):
    """A key that verifies nothing here is refused before it is stored."""
    weak = rsa.generate_private_key(65_537, 1024).public_key()
    pem = weak.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    answer = await desk.ask("POST /clients", {"name": "x", **chosen(CREDENTIAL | {"pem": pem.decode()})})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
