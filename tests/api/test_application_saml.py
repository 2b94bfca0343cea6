"""/api/v2/applications/{id}/saml, and trusted issuers of SAML assertions."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.keys import algorithm, certificate
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.signing_key import SigningKey
from sekisho.spec.saml.names import OBJECT
from sekisho.tenant import EVERY_KEY
from tests.tenants import NOW, ORIGIN

REPLIES = ["https://pay.example/acs", "https://pay.example/other"]
BODY = {"displayName": "Payroll", "web": {"redirectUris": REPLIES}}
USUAL = {
    "entityId": None,
    "nameIdFormat": "persistent",
    "nameIdSource": "pairwise",
    "attributes": None,
    "lifetime": 3_600,
    "recipient": "https://pay.example/acs",
}


async def test_settings_are_said_read_and_forgotten(desk):
    """All that is said is replaced by a PUT, what is not said goes back to its default."""
    made = await desk.made("POST /applications", BODY)
    one = f"/applications/{made['id']}/saml"
    answer = await desk.ask(f"GET {one}")
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_saml_settings")
    assert (await desk.ask(f"DELETE {one}")).json["errorCode"] == "inexistent_saml_settings"
    answer = await desk.ask(f"PUT {one}", {})
    assert (answer.status, answer.json) == (200, USUAL)
    told = {
        "entityId": "https://pay.example/saml",
        "nameIdFormat": "emailAddress",
        "nameIdSource": "mail",
        "attributes": [{"name": "urn:oid:2.5.4.42", "source": "givenname"}],
        "lifetime": 600,
    }
    changed = await desk.ask(f"PUT {one}", told, if_match=dict(answer.headers)["etag"])
    assert (changed.status, changed.json) == (200, {**told, "recipient": USUAL["recipient"]})
    assert (await desk.ask(f"PUT {one}", {}, if_match=dict(answer.headers)["etag"])).status == 412
    assert (await desk.ask(f"GET {one}?fields=lifetime")).json == {"lifetime": 600}
    assert await desk.tenant.store.named(Api, desk.tenant.id, "https://pay.example/saml")
    assert (await desk.ask(f"DELETE {one}")).status == 204
    assert (await desk.ask(f"GET {one}")).status == 404
    assert await desk.tenant.store.named(Api, desk.tenant.id, "https://pay.example/saml") is None


@pytest.mark.parametrize(
    "told",
    [
        {"entityId": "two words"},
        {"entityId": "spn:pay"},
        {"entityId": "cccccccc-0000-4000-8000-000000000004"},
        {"nameIdFormat": "kerberos"},
        {"nameIdSource": "password"},
        {"lifetime": 299},
        {"lifetime": 86_401},
        {"attributes": [{"name": "a b", "source": "upn"}]},
        {"attributes": [{"name": "a", "source": "upn"}, {"name": "a", "source": "mail"}]},
        {"attributes": [{"name": OBJECT, "source": "upn"}]},
        {"certificate": "x"},
    ],
)
async def test_settings_are_held(desk, told):
    """Names are names, sources are known, and nobody maps over what an assertion says itself."""
    made = await desk.made("POST /applications", BODY)
    answer = await desk.ask(f"PUT /applications/{made['id']}/saml", told)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")


@pytest.mark.parametrize("name", [MANAGEMENT, f"{ORIGIN}/api/v2/", f"{ORIGIN}/api/v2", "api://other"])
async def test_entity_is_nobody_elses_name(desk, name):
    """An application takes no name of the server's own APIs, nor another application's."""
    scope = {"id": "a0000000-0000-4000-8000-000000000001", "value": "Orders.Read"}
    api = {"identifierUris": ["api://other"], "api": {"oauth2PermissionScopes": [scope]}}
    await desk.made("POST /applications", {"displayName": "Other", **api})
    made = await desk.made("POST /applications", BODY)
    answer = await desk.ask(f"PUT /applications/{made['id']}/saml", {"entityId": name})
    assert answer.status == 409


async def test_its_own_names_are_its_own(desk):
    """The entity ID may be one of the identifier URIs, or the appId."""
    made = await desk.made("POST /applications", {**BODY, "identifierUris": ["api://pay"]})
    one = f"/applications/{made['id']}/saml"
    for name in ("api://pay", made["appId"]):
        assert (await desk.ask(f"PUT {one}", {"entityId": name})).json["entityId"] == name


async def test_certificates_are_made_rotated_and_go(desk):
    """The first turn makes two; the next one signs once it was published long enough, or by force."""
    made = await desk.made("POST /applications", BODY)
    one = f"/applications/{made['id']}/saml"
    turn = f"POST {one}/certificates/rotate"
    assert (await desk.ask(f"GET {one}/certificates")).json == []
    assert (await desk.ask(turn)).json["errorCode"] == "inexistent_saml_settings"
    await desk.ask(f"PUT {one}", {})
    found = (await desk.ask(turn)).json
    assert [each["state"] for each in found] == ["current", "next"]
    assert (await desk.ask(turn)).status == 409
    forced = (await desk.ask(turn, {"force": True})).json
    assert [each["state"] for each in forced] == ["current", "next", "retired"]
    assert forced[0]["keyId"] == found[1]["keyId"]
    assert (await desk.ask(f"GET {one}/certificates?fields=state")).json[0] == {"state": "current"}
    assert (await desk.ask(f"DELETE /applications/{made['id']}")).status == 204
    assert await desk.tenant.store.named(Api, desk.tenant.id, made["appId"]) is None
    left = await desk.tenant.store.records(SigningKey, desk.tenant.id, {}, EVERY_KEY)
    assert not [each.ring for each in left if each.ring.startswith("saml:")]


PEM = certificate.pem(certificate.issue(algorithm.generate("ES256"), "partner", NOW))
ISSUER = {"issuer": "http://adfs.partner.example/adfs/services/trust", "certificates": [PEM]}


async def test_trusted_issuers_have_certificates(desk):
    """An issuer of SAML assertions goes by whatever address or URN it likes; its certificates come in PEM."""
    made = await desk.made("POST /trusted-issuers", ISSUER)
    assert made["certificates"] == [PEM]
    one = f"/trusted-issuers/{made['id']}"
    assert (await desk.ask(f"PATCH {one}", {"certificates": []})).status == 400
    urn = await desk.made("POST /trusted-issuers", {"issuer": "urn:partner", "certificates": [PEM, PEM]})
    assert len(urn["certificates"]) == 2
    told = {"issuer": "https://partner.example", "certificates": [PEM]}
    https = await desk.made("POST /trusted-issuers", told)
    gone = await desk.ask(f"PATCH /trusted-issuers/{https['id']}", {"certificates": None})
    assert "certificates" not in gone.json


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "http://adfs.partner.example/"},
        {"issuer": "partner", "certificates": [PEM]},
        {"issuer": "urn:partner", "certificates": [PEM], "jwks_uri": "https://partner.example/keys"},
        {"issuer": "urn:partner", "certificates": ["no certificate"]},
        {"issuer": "urn:partner", "certificates": [PEM] * 6},
        {"issuer": f"{ORIGIN}/", "certificates": [PEM]},
    ],
)
async def test_trusted_issuers_are_held(desk, told):
    """Who signs tokens, too, has an https address; a certificate is one; nobody is the tenant itself."""
    answer = await desk.ask("POST /trusted-issuers", told)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")


async def test_public_key_is_no_certificate(desk):
    """A bare key says nothing about when it is good."""
    public = algorithm.generate("ES256").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    answer = await desk.ask("POST /trusted-issuers", {**ISSUER, "certificates": [pem]})
    assert answer.status == 400
