"""Assertions as others see them: asked for at Entra's token endpoint, taken apart without our own reader."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from lxml import etree

from sekisho.faces.entra import federation
from sekisho.spec.exchange.token_type import SAML
from sekisho.tenant import Tenant
from tests.entra import answered, on_behalf, posted, token_a
from tests.tenants import ORIGIN, TENANT, ask

SAML2, SAML1 = SAML
NAMESPACES = {
    "s": "urn:oasis:names:tc:SAML:2.0:assertion",
    "t": "urn:oasis:names:tc:SAML:1.0:assertion",
    "m": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


async def asserted(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """What API A is given for the token that it was called with: an assertion for API B."""
    told: dict[str, str | None] = {"requested_token_type": SAML2, "scope": "api://b/read openid", **more}
    return await answered(tenant, posted(on_behalf(await token_a(tenant), **told)))


def opened(text: object) -> bytes:
    """The document in an answer."""
    padded = str(text) + "=" * (-len(str(text)) % 4)
    return urlsafe_b64decode(padded)


async def paper(tenant: Tenant, **more: str | None) -> Any:
    """The assertion itself."""
    return etree.fromstring(opened((await asserted(tenant, **more))["access_token"]))


def seen(root: Any, path: str) -> list[str]:
    """What is found at a path, as texts."""
    return [str(each) for each in root.xpath(path, namespaces=NAMESPACES)]


def attributes(root: Any) -> dict[str, list[str]]:
    """What a SAML 2.0 assertion says of a person."""
    found = root.xpath("//s:Attribute", namespaces=NAMESPACES)
    return {each.get("Name"): seen(each, "s:AttributeValue/text()") for each in found}


async def metadata(tenant: Tenant, query: Mapping[str, str] | None = None, name: str = TENANT) -> bytes:
    """The federation metadata as it is served."""
    path = federation.PATH.replace("{t}", name)
    pairs = tuple((query or {}).items())
    here = ask(method="GET", path=path, root=ORIGIN, names={"t": name}, query=pairs)
    return (await federation.federation(here, tenant)).body


def pems(document: bytes) -> list[str]:
    """The certificates that it names for SAML, in its order."""
    root = etree.fromstring(document)
    found = seen(root, "//m:IDPSSODescriptor/m:KeyDescriptor[@use='signing']//ds:X509Certificate/text()")
    return [f"-----BEGIN CERTIFICATE-----\n{each}\n-----END CERTIFICATE-----\n" for each in found]
