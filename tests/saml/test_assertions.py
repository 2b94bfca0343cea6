"""SAML assertions in the place of access tokens: what is asked, what is answered, what stands in them."""

from typing import Any, get_args

import pytest
from lxml import etree

from sekisho.model.api import Api, AppRole, NameIdFormat, Saml, SamlAttribute
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.role import group_id
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.spec.saml import names
from sekisho.tenant import Tenant
from tests.entra import (
    BOOKS,
    LEDGER,
    OLDER,
    SITE,
    SPA,
    A,
    B,
    answered,
    assigned,
    blocked,
    changed,
    entra_tenant,
    no,
    on_behalf,
    posted,
    signed_in,
    token_a,
)
from tests.saml.papers import SAML1, SAML2, asserted, attributes, opened, paper, seen
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, Clock

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ENDS = "2027-01-15T09:00:00.000Z"


async def settled(tenant: Tenant, **fields: Any) -> None:
    """What is said of the SAML assertions for API B."""
    await changed(tenant, Api, B, saml=Saml(**fields))


async def test_answer_is_the_one_of_the_document() -> None:
    """The members are those of the reference document's answer, and no other."""
    tenant = await entra_tenant()
    told = await asserted(tenant, scope="api://b/read offline_access")
    assert set(told) == {
        *("token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "resource"),
        *("access_token", "issued_token_type", "refresh_token"),
    }
    fixed = {name: told[name] for name in told if name not in ("access_token", "refresh_token")}
    assert fixed == {
        "token_type": "Bearer",
        "scope": "api://b/read",
        "expires_in": 3_600,
        "ext_expires_in": 0,
        "expires_on": int(NOW) + 3_600,
        "resource": "api://b",
        "issued_token_type": "urn:ietf:params:oauth:token-type:saml2",
    }
    assert "=" not in told["access_token"]
    assert "openid" in (await asserted(tenant))["scope"]


async def test_newer_assertion_has_everything_in_its_place() -> None:
    """A SAML 2.0 assertion is bare, in the order of the schema, and answers no request."""
    root = await paper(await entra_tenant())
    assert root.tag == "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
    assert [etree.QName(each).localname for each in root] == [
        *("Issuer", "Signature", "Subject", "Conditions", "AttributeStatement", "AuthnStatement"),
    ]
    assert root.get("ID").startswith("_")
    assert (root.get("Version"), root.get("IssueInstant")) == ("2.0", "2027-01-15T08:00:00.000Z")
    assert seen(root, "s:Issuer/text()") == [f"{ORIGIN}/{TENANT}/"]
    assert seen(root, "//s:SubjectConfirmation/@Method") == [BEARER]
    assert dict(root.find(".//{*}SubjectConfirmationData").attrib) == {
        "NotOnOrAfter": ENDS,
        "Recipient": SITE,
    }
    assert dict(root.find("{*}Conditions").attrib) == {
        "NotBefore": "2027-01-15T07:55:00.000Z",
        "NotOnOrAfter": ENDS,
    }
    assert seen(root, "//s:AudienceRestriction/s:Audience/text()") == ["api://b"]
    assert seen(root, "//s:AuthnStatement/@SessionIndex") == [root.get("ID")]
    assert seen(root, "//s:AuthnStatement/@AuthnInstant") == ["2027-01-15T08:00:00.000Z"]
    assert seen(root, "//s:AuthnContextClassRef/text()") == [
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    ]
    assert b"InResponseTo" not in etree.tostring(root)


async def test_signature_is_over_the_whole_of_it() -> None:
    """Exclusive canonicalization, RSA with SHA-256, one reference to the ID, the certificate in KeyInfo."""
    root = await paper(await entra_tenant())
    assert seen(root, "//ds:Reference/@URI") == [f"#{root.get('ID')}"]
    assert seen(root, "//ds:CanonicalizationMethod/@Algorithm") == ["http://www.w3.org/2001/10/xml-exc-c14n#"]
    assert seen(root, "//ds:SignatureMethod/@Algorithm") == [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    ]
    assert seen(root, "//ds:DigestMethod/@Algorithm") == ["http://www.w3.org/2001/04/xmlenc#sha256"]
    assert seen(root, "//ds:Transform/@Algorithm") == [
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    ]
    assert len(seen(root, "//ds:KeyInfo/ds:X509Data/ds:X509Certificate/text()")) == 1


async def test_older_assertion_has_everything_in_its_place() -> None:
    """A SAML 1.1 assertion has its issuer as an attribute, its names in two parts, its signature last."""
    tenant = await entra_tenant()
    told = await asserted(tenant, requested_token_type=SAML1)
    assert told["issued_token_type"] == "urn:ietf:params:oauth:token-type:saml1"
    root = etree.fromstring(opened(told["access_token"]))
    assert root.tag == "{urn:oasis:names:tc:SAML:1.0:assertion}Assertion"
    assert [etree.QName(each).localname for each in root] == [
        *("Conditions", "AttributeStatement", "AuthenticationStatement", "Signature"),
    ]
    assert (root.get("MajorVersion"), root.get("MinorVersion")) == ("1", "1")
    assert root.get("Issuer") == f"{ORIGIN}/{TENANT}/"
    assert seen(root, "//t:AudienceRestrictionCondition/t:Audience/text()") == ["api://b"]
    named = root.find(".//{*}Attribute[@AttributeName='name']")
    assert named.get("AttributeNamespace") == "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
    assert seen(root, "//t:AuthenticationStatement/@AuthenticationMethod") == [
        "urn:oasis:names:tc:SAML:1.0:am:password"
    ]
    assert set(seen(root, "//t:ConfirmationMethod/text()")) == {"urn:oasis:names:tc:SAML:1.0:cm:bearer"}
    assert len(set(seen(root, "//t:NameIdentifier/text()"))) == 1
    assert seen(root, "//ds:Reference/@URI") == [f"#{root.get('AssertionID')}"]


async def test_attributes_are_those_of_the_directory() -> None:
    """An assertion says who the person is, how they signed in, and what the API let them be."""
    tenant = await entra_tenant()
    role = AppRole(id="id-clerk", value="clerk", members=("User",))
    await changed(tenant, Api, B, app_roles=(role,), groups_claim="All")
    user = await tenant.store.named(User, tenant.id, "auth0|aya")
    assert user
    await blocked(tenant, roles=("rol_1",))
    grant = assigned(user.id, B, "id-clerk")
    assert await tenant.change(Save(grant)) is None
    found = attributes(await paper(tenant))
    assert found[names.TENANT] == [TENANT]
    assert found[names.OBJECT] == [user.id]
    assert found[names.PROVIDER] == [f"{ORIGIN}/{TENANT}/"]
    assert found[names.METHODS] == [names.SHOWED_PASSWORD]
    assert found[names.ROLES] == ["clerk"]
    assert found[names.GROUPS] == [group_id(TENANT, "rol_1")]
    assert names.DISPLAY_NAME in found
    assert names.NAME in found


async def test_too_many_groups_are_asked_for_elsewhere() -> None:
    """Above 150 groups an assertion says where they are."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, groups_claim="All")
    await blocked(tenant, roles=tuple(f"rol_{n}" for n in range(151)))
    found = attributes(await paper(tenant))
    assert names.GROUPS not in found
    assert found[names.GROUPS_LINK][0].endswith("/getMemberObjects")


async def test_only_a_verified_address_is_said() -> None:
    """Whoever types somebody's address into their profile is not named by it."""
    tenant = await entra_tenant()
    for verified in (True, False):
        await blocked(tenant, username="", claims={"email": "boss@example.com", "email_verified": verified})
        found = attributes(await paper(tenant))
        assert (found.get(names.EMAIL) == ["boss@example.com"]) is verified
        assert (found[names.NAME] == ["boss@example.com"]) is verified
    await settled(tenant, name_id_format="emailAddress", name_id_source="mail")
    refused = await no(tenant, await _asking(tenant))
    assert (refused.slug, refused.number, refused.error) == ("name_missing", 501241, "invalid_grant")


async def _asking(tenant: Tenant, **more: str | None) -> Any:
    told: dict[str, str | None] = {"requested_token_type": SAML2, "scope": "api://b/read", **more}
    return posted(on_behalf(await token_a(tenant), **told))


async def test_persistent_name_differs_by_application() -> None:
    """The usual name of a person is opaque, stays the same, and says nothing to another application."""
    tenant = await entra_tenant()
    mine = [seen(await paper(tenant), "//s:NameID/text()") for _ in range(2)]
    other = seen(await paper(tenant, scope=f"{BOOKS}/.default"), "//s:NameID/text()")
    assert mine[0] == mine[1]
    assert mine[0] != other


@pytest.mark.parametrize("format", get_args(NameIdFormat))
async def test_name_is_of_the_format_that_was_chosen(format: NameIdFormat) -> None:
    """Format and source of the name are the API's decision; a transient one is another each time."""
    tenant = await entra_tenant()
    await settled(tenant, name_id_format=format, name_id_source="objectid")
    found = [await paper(tenant) for _ in range(2)]
    assert seen(found[0], "//s:NameID/@Format") == [names.FORMATS[format]]
    texts = {seen(each, "//s:NameID/text()")[0] for each in found}
    assert len(texts) == (2 if format == "transient" else 1)


async def test_mapped_attributes_stand_in_place_of_the_usual_ones() -> None:
    """What an API maps is said instead of the profile; what an assertion says itself stays."""
    tenant = await entra_tenant()
    await blocked(tenant, claims={"given_name": "Aya", "family_name": "Sato", "name": "Aya Sato"})
    wanted = (SamlAttribute(name="urn:oid:2.5.4.42", source="givenname"),)
    await settled(tenant, attributes=wanted, lifetime=600, name_id_source="pairwise")
    told = await asserted(tenant)
    found = attributes(etree.fromstring(opened(told["access_token"])))
    assert found["urn:oid:2.5.4.42"] == ["Aya"]
    assert names.SURNAME not in found
    assert found[names.DISPLAY_NAME] == ["Aya Sato"]
    assert told["expires_in"] == 600


@pytest.mark.parametrize(
    ("entity", "scope", "audience"),
    [
        ("", "api://b/.default", "api://b"),
        ("", f"{B}/.default", B),
        ("", "spn:api://b/.default", "spn:api://b"),
        (
            "https://payroll.example/saml",
            "https://payroll.example/saml/.default",
            "https://payroll.example/saml",
        ),
        ("payroll", "spn:payroll/.default", "spn:payroll"),
        ("payroll", "api://b/read", "payroll"),
        ("https://payroll.example/", "https://payroll.example//read", "https://payroll.example/"),
    ],
)
async def test_audience_is_the_entity(entity: str, scope: str, audience: str) -> None:
    """Whom an assertion is for is what was asked for, or the entity ID that the API goes by."""
    tenant = await entra_tenant()
    await settled(tenant, entity_id=entity)
    root = await paper(tenant, scope=scope)
    assert seen(root, "//s:Audience/text()") == [audience]


@pytest.mark.parametrize(
    ("urls", "recipient"),
    [
        (
            ("https://*.b.example/acs", "https://b.example/one", "https://b.example/two"),
            ["https://b.example/one"],
        ),
        (("https://*.b.example/acs",), []),
        ((), []),
    ],
)
async def test_recipient_is_the_first_address_without_a_wildcard(
    urls: tuple[str, ...], recipient: list[str]
) -> None:
    """Where an assertion may be shown is the first reply URL of the resource's application that is one."""
    tenant = await entra_tenant()
    await changed(tenant, Client, B, reply_urls=tuple(map(ReplyUrl, urls)))
    assert seen(await paper(tenant), "//s:SubjectConfirmationData/@Recipient") == recipient


async def test_family_remembers_what_it_is_redeemed_for() -> None:
    """A refresh token of an assertion buys the next one, or what is asked for instead."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    told = await asserted(tenant, scope="api://b/read offline_access")
    form: dict[str, str | None] = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET}
    clock.now += 60
    again = await answered(tenant, posted({**form, "refresh_token": told["refresh_token"]}))
    assert again["issued_token_type"] == SAML2
    assert opened(again["access_token"]) != opened(told["access_token"])
    one = {**form, "refresh_token": again["refresh_token"], "requested_token_type": SAML1}
    older = await answered(tenant, posted(one))
    assert older["issued_token_type"] == SAML1
    plain = {**one, "refresh_token": older["refresh_token"]}
    plain["requested_token_type"] = "urn:ietf:params:oauth:token-type:access_token"
    assert (await answered(tenant, posted(plain)))["access_token"].count(".") == 2


async def test_page_gets_no_assertion_for_its_refresh_token() -> None:
    """An assertion is for servers that prove who they are."""
    tenant = await entra_tenant()
    told = await signed_in(tenant)
    form = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": told["refresh_token"]}
    refused = await no(
        tenant, posted({**form, "requested_token_type": SAML2}, origin="https://spa.example.com")
    )
    assert refused.slug == "proof_missing"


async def test_older_endpoint_says_the_same_as_texts() -> None:
    """By the endpoint without a version a resource is asked for, and numbers are texts."""
    tenant = await entra_tenant()
    told = on_behalf(await token_a(tenant), scope=None, resource="api://b", requested_token_type=SAML2)
    found = await answered(tenant, posted(told, OLDER))
    assert found["expires_on"] == str(int(NOW) + 3_600)
    assert found["resource"] == "api://b"
    assert found["issued_token_type"] == SAML2


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "token_type_unknown"),
        ({"scope": "openid"}, "resource_absent"),
        ({"scope": "api://b/write"}, "not_consented"),
        ({"scope": "spn:nobody/.default"}, "resource_absent"),
        ({"client_secret": None}, "proof_missing"),
    ],
)
async def test_assertion_takes_what_a_token_takes(more: dict[str, str | None], slug: str) -> None:
    """Consent, resource and proof are what they are for any token; other types there are not."""
    tenant = await entra_tenant()
    assert (await no(tenant, await _asking(tenant, **more))).slug == slug


async def test_resource_of_either_format_gets_assertions() -> None:
    """The format of an API's access tokens says nothing about its assertions."""
    tenant = await entra_tenant()
    root = await paper(tenant, scope=f"{BOOKS}/.default")
    assert seen(root, "//s:Audience/text()") == [BOOKS]
    assert await tenant.known.named(Api, tenant.id, LEDGER)
