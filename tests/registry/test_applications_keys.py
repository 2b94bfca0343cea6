"""What proves an application: secrets, certificates and federated credentials, several at a time."""

from base64 import b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import amendment, creation
from sekisho.keys import certificate, client_key, secret
from sekisho.model.client import Client, Credential
from sekisho.model.step import Save
from sekisho.registry import clients
from sekisho.registry.applications import credentials, keys, verbs
from sekisho.registry.applications.fields import (
    AddKeyFields,
    AddPasswordFields,
    EntraApplicationFields,
    FederatedFields,
)
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.registry.client_fields import ClientFields
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    BODY_INVALID,
    CREDENTIAL_ABSENT,
    CREDENTIALS_MANY,
    NOT_SUPPORTED,
    SECRET_UNUSED,
)
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.certified import der, key_part
from tests.tenants import NOW, SECRET, client, demo_tenant

ACTOR = Actor(client="tests")
SIGNED = "private_key_jwt"
TRUST = {
    "name": "deployments",
    "issuer": "https://ci.example",
    "subject": "repo:shop",
    "audiences": ["api://AzureADTokenExchange"],
}


@pytest.fixture
async def tenant() -> Tenant:
    """The demo tenant."""
    return await demo_tenant()


async def made(tenant: Tenant, **told: object) -> Application:
    """A new application."""
    asked = creation({"displayName": "Orders", **told}, EntraApplicationFields)
    return await verbs.create(tenant, asked, ACTOR)


async def changed(tenant: Tenant, had: Application, **told: object) -> Application:
    """An application with something else said of it."""
    asked = amendment(told, EntraApplicationFields)
    return await verbs.change(tenant, meant(had), asked)


def meant(application: Application) -> Meant:
    """The application, for somebody who may do everything."""
    return Meant(application.client.id, ACTOR)


def asked_key(**part: object) -> AddKeyFields:
    """A certificate that somebody adds."""
    return creation({"keyCredential": part}, AddKeyFields)


async def added(tenant: Tenant, whose: Application, **part: object) -> tuple[Application, Credential]:
    """One more certificate."""
    return await credentials.add_key(tenant, meant(whose), asked_key(**part).key_credential)


async def test_secrets_live_side_by_side(tenant: Tenant) -> None:
    """Each is said once, has a name and an end, and is good until it is removed."""
    whose = await made(tenant)
    told = {"displayName": "first", "endDateTime": "2099-01-01T00:00:00Z"}
    part = creation({"passwordCredential": told}, AddPasswordFields).password_credential
    assert part
    first = await credentials.add_password(tenant, meant(whose), part)
    second = await credentials.add_password(tenant, meant(whose), None)
    third = await credentials.add_password(tenant, meant(whose), None)
    assert (first.secret.name, first.secret.hint) == ("first", first.text[:3])
    assert second.secret.expires_at == NOW + 730 * 86_400
    found = await clients.find(tenant, whose.client.client_id)
    for each in (first, second, third):
        secret.prove(each.text, found, NOW)
    await credentials.remove_password(tenant, meant(whose), first.secret.id.upper())
    found = await clients.find(tenant, whose.client.client_id)
    with pytest.raises(Refused):
        secret.prove(first.text, found, NOW)
    with pytest.raises(Refused) as why:
        await credentials.remove_password(tenant, meant(whose), first.secret.id)
    assert why.value.reason == CREDENTIAL_ABSENT
    slugs = [each.slug for each in await tenant.store.events(tenant.id, {}, Window())]
    assert slugs == ["client_secret_removed", *["client_secret_added"] * 3, "client_created"]


async def test_a_secret_has_an_end_to_come(tenant: Tenant) -> None:
    """One that is over is none; and there are only so many. Reasons: body_invalid, credentials_many."""
    whose = await made(tenant)
    over = creation({"passwordCredential": {"endDateTime": "2020-01-01T00:00:00Z"}}, AddPasswordFields)
    with pytest.raises(Refused) as why:
        await credentials.add_password(tenant, meant(whose), over.password_credential or None)
    assert why.value.reason == BODY_INVALID
    for _ in range(keys.MOST):
        await credentials.add_password(tenant, meant(whose), None)
    with pytest.raises(Refused) as why:
        await credentials.add_password(tenant, meant(whose), None)
    assert why.value.reason == CREDENTIALS_MANY


async def test_a_client_of_hmacs_gets_no_other_secret(tenant: Tenant) -> None:
    """A secret whose text is not kept is of no use to it. Reason: secret_unused."""
    assert await tenant.change(Save(client(token_endpoint_auth_method="client_secret_jwt"))) is None
    with pytest.raises(Refused) as why:
        await credentials.add_password(tenant, Meant("machine", ACTOR), None)
    assert why.value.reason == SECRET_UNUSED


async def test_an_application_has_secrets_certificates_and_public_addresses(tenant: Tenant) -> None:
    """All of them are good at once, and the other door leaves them as they are."""
    whose = await made(tenant, publicClient={"redirectUris": ["http://localhost"]})
    assert whose.client.is_public
    whose, new = await added(tenant, whose, **key_part())
    assert whose.client.authentication_methods == ("client_secret_post", SIGNED)
    password = await credentials.add_password(tenant, meant(whose), None)
    asked = amendment({"description": "Where orders are"}, ClientFields)
    after = await clients.change(tenant, whose.client.client_id, asked, ACTOR)
    assert after.secret is None
    assert after.client.authentication_methods == ("client_secret_post", SIGNED)
    secret.prove(password.text, after.client, NOW)
    (key,) = client_key.registered(after.client, NOW)
    assert (key.certificate, key.algs) == (der(), frozenset(("RS256", "PS256")))
    await credentials.remove_password(tenant, meant(whose), password.secret.id)
    await credentials.remove_key(tenant, meant(whose), new.id)
    assert (await clients.find(tenant, whose.client.client_id)).is_public


async def test_a_certificate_is_read_in_either_form(tenant: Tenant) -> None:
    """Base64 of DER, or PEM; it lives as long as the certificate, or less long."""
    pem = x509.load_der_x509_certificate(der()).public_bytes(Encoding.PEM).decode()
    whose, new = await added(tenant, await made(tenant), **key_part(key=pem, displayName="2027"))
    assert (new.der, new.name, len(new.id)) == (der(), "2027", 36)
    assert new.expires_at == certificate.ends(der())
    ends = "2027-02-01T00:00:00Z"
    told = key_part("two", endDateTime=ends, startDateTime="1999-01-01T00:00:00Z")
    whose, new = await added(tenant, whose, **told)
    assert new.expires_at
    assert new.expires_at < certificate.ends(der("two"))
    assert new.starts_at
    assert new.starts_at > NOW - 40 * 86_400


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "X509CertAndPassword"}, NOT_SUPPORTED),
        ({"usage": "Sign"}, NOT_SUPPORTED),
        ({"type": "Toaster"}, BODY_INVALID),
        ({"usage": "Toast"}, BODY_INVALID),
        ({"key": None}, BODY_INVALID),
        ({"key": "AAAA"}, BODY_INVALID),
        ({"key": "%"}, BODY_INVALID),
        ({"key": "-----BEGIN CERTIFICATE-----"}, BODY_INVALID),
        ({"endDateTime": "1999-01-01T00:00:00Z"}, BODY_INVALID),
        ({"usage": "Encrypt", "key": b64encode(der("ec", elliptic=True)).decode()}, BODY_INVALID),
    ],
    ids=str,
)
async def test_what_is_no_certificate_is_refused(
    tenant: Tenant, part: dict[str, Any], reason: object
) -> None:
    """Nothing is kept that could not prove anything."""
    whose = await made(tenant)
    with pytest.raises(Refused) as why:
        await added(tenant, whose, **key_part(**part))
    assert why.value.reason == reason


async def test_certificates_are_replaced_together(tenant: Tenant) -> None:
    """The list as it is sent; one that is there goes by its id; a bare key, which has no name here, stays."""
    whose = await made(tenant, keyCredentials=[key_part(), key_part("two")])
    one, two = whose.client.credentials
    assert whose.client.client_authentication_methods == {SIGNED: (one.id, two.id)}
    bare = replace(one, id="cred_bare", kind="public_key", der=b"bare")
    other = replace(whose.client, credentials=(*whose.client.credentials, bare))
    assert await tenant.change(Save(other)) is None
    kept = {"keyId": two.id.upper(), "type": "AsymmetricX509Cert", "usage": "Verify", "key": None}
    whose = await changed(tenant, whose, keyCredentials=[kept, key_part(), key_part("three")])
    assert [each.id for each in whose.client.credentials][:3] == ["cred_bare", two.id, one.id]
    with pytest.raises(Refused) as why:
        await changed(tenant, whose, keyCredentials=[{**kept, "keyId": None}])
    assert why.value.reason == BODY_INVALID
    with pytest.raises(Refused) as why:
        await changed(tenant, whose, keyCredentials=[key_part(), key_part(displayName="again")])
    assert why.value.reason == BODY_INVALID
    whose = await changed(tenant, whose, keyCredentials=None)
    assert [each.id for each in whose.client.credentials] == ["cred_bare"]


async def test_credentials_of_the_other_door_have_guids_here(tenant: Tenant) -> None:
    """A certificate whose id is no GUID goes by one that follows from it."""
    whose = await made(tenant, keyCredentials=[key_part()])
    old = replace(whose.client.credentials[0], id="cred_1")
    methods = {SIGNED: ("cred_1",)}
    other = replace(whose.client, credentials=(old,), client_authentication_methods=methods)
    assert await tenant.change(Save(other)) is None
    name = keys.key_id(whose.client, "cred_1")
    assert len(name) == 36
    with pytest.raises(Refused) as why:
        await credentials.remove_key(tenant, meant(whose), "cred_1".ljust(36, "0"))
    assert why.value.reason == CREDENTIAL_ABSENT
    await credentials.remove_key(tenant, meant(whose), name)
    found = await clients.find(tenant, whose.client.client_id)
    assert (found.credentials, found.client_authentication_methods) == ((), {})


async def test_tokens_are_encrypted_to_a_certificate_of_its_own(tenant: Tenant) -> None:
    """It is for Encrypt, proves nobody, and stays as long as it is chosen."""
    whose, new = await added(tenant, await made(tenant), **key_part(usage="Encrypt"))
    assert whose.client.client_authentication_methods == {}
    whose = await changed(tenant, whose, tokenEncryptionKeyId=new.id)
    assert whose.api
    assert whose.api.encryption
    assert (whose.api.encryption.der, whose.api.encryption.kid) == (der(), certificate.x5t(der()))
    with pytest.raises(Refused) as why:
        await credentials.remove_key(tenant, meant(whose), new.id)
    assert why.value.reason == BODY_INVALID
    whose, verifies = await added(tenant, whose, **key_part("two"))
    with pytest.raises(Refused) as why:
        await changed(tenant, whose, tokenEncryptionKeyId=verifies.id)
    assert why.value.reason == BODY_INVALID
    whose = await changed(tenant, whose, tokenEncryptionKeyId=None)
    await credentials.remove_key(tenant, meant(whose), new.id)


async def test_tokens_of_others_prove_an_application(tenant: Tenant) -> None:
    """By a name, an issuer and a subject that no other one of it has; the method is registered with it."""
    whose = await made(tenant, isFallbackPublicClient=True)
    asked = creation(TRUST, FederatedFields)
    whose, new = await credentials.trust(tenant, meant(whose), asked)
    assert whose.client.authentication_methods == ("client_secret_post", SIGNED)
    assert client_key.registered(whose.client, NOW) == ()
    assert keys.found(whose.client, "deployments") == keys.found(whose.client, new.id) == new
    with pytest.raises(Refused):
        keys.found(whose.client, "other")
    for told in ({"name": "other"}, {"subject": "else"}):
        with pytest.raises(Refused) as why:
            await credentials.trust(tenant, meant(whose), creation({**TRUST, **told}, FederatedFields))
        assert why.value.reason == ALREADY_EXISTS
    await credentials.distrust(tenant, meant(whose), new.id)
    with pytest.raises(Refused) as why:
        await credentials.distrust(tenant, meant(whose), new.id)
    assert why.value.reason == CREDENTIAL_ABSENT
    assert (await clients.find(tenant, whose.client.client_id)).is_public


async def test_an_issuer_has_an_address_and_there_are_few(tenant: Tenant) -> None:
    """An issuer is at https, and there are twenty of them. Reasons: body_invalid, credentials_many."""
    whose = await made(tenant)
    asked = creation({**TRUST, "issuer": "http://ci.example"}, FederatedFields)
    with pytest.raises(Refused) as why:
        await credentials.trust(tenant, meant(whose), asked)
    assert why.value.reason == BODY_INVALID
    for n in range(keys.MOST):
        told = {**TRUST, "name": f"ci-{n}", "subject": str(n)}
        await credentials.trust(tenant, meant(whose), creation(told, FederatedFields))
    with pytest.raises(Refused) as why:
        await credentials.trust(tenant, meant(whose), creation(TRUST, FederatedFields))
    assert why.value.reason == CREDENTIALS_MANY


async def test_a_client_with_keys_elsewhere_goes_on_with_them(tenant: Tenant) -> None:
    """Its own way to prove itself stays, beside what is added here."""
    own: dict[str, Any] = {"token_endpoint_auth_method": SIGNED, "jwks_uri": "https://x.example/keys"}
    assert await tenant.change(Save(client(secrets=(), **own))) is None
    whose = await verbs.find(tenant, "machine")
    whose, _ = await added(tenant, whose, **key_part())
    assert whose.client.token_endpoint_auth_method == SIGNED
    await credentials.add_password(tenant, meant(whose), None)
    found = await clients.find(tenant, "machine")
    assert found.authentication_methods == ("client_secret_post", SIGNED)
    basic: Client = client(id="9" * 36, client_id="basic", token_endpoint_auth_method="client_secret_basic")
    assert await tenant.change(Save(basic)) is None
    await credentials.add_password(tenant, Meant("basic", ACTOR), None)
    found = await clients.find(tenant, "basic")
    assert found.token_endpoint_auth_method == "client_secret_basic"
    secret.prove(SECRET, found, NOW)
