"""Assertions wrapped around signed ones, signatures elsewhere, keys that come along (attack class 55)."""

from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from sekisho.saml import verify
from sekisho.saml.verify import NotSigned
from sekisho.saml.xml import XmlUnusable
from tests.exchanges import why
from tests.saml.partner import SAML, key, partner_tenant, shown, signed, written
from tests.tenants import NOW

DS = "http://www.w3.org/2000/09/xmldsig#"
EVIL = "auth0|administrator"
NAMES = {"saml": SAML, "ds": DS}


def genuine() -> Any:
    """An assertion that the partner signed, about somebody small."""
    return etree.fromstring(signed(written(id="_good")))


def evil(id: str = "_evil") -> Any:
    """What the attacker wants to be read: nobody signed it."""
    return etree.fromstring(written(id=id, name=EVIL, signature=""))


def under(parent: Any, child: Any, place: str, at: int = -1) -> bytes:
    """The child within an element of the parent that anything may stand in."""
    inside = etree.Element(place)
    inside.append(child)
    parent.insert(at if at >= 0 else len(parent), inside)
    return bytes(etree.tostring(parent))


def response() -> bytes:
    """Both in one response: the first one that is found is the attacker's."""
    root = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Response")
    root.extend((evil(), genuine()))
    return bytes(etree.tostring(root))


def around_with_its_signature() -> bytes:
    """The signature moved into the attacker's assertion, the signed one further in."""
    inner, outer = genuine(), evil()
    signature = inner.find("ds:Signature", NAMES)
    outer.insert(1, deepcopy(signature))
    inner.remove(signature)
    return under(outer, inner, f"{{{SAML}}}Advice")


def in_an_object() -> bytes:
    """The signed assertion within the signature that is over it."""
    inner, outer = genuine(), evil()
    signature = inner.find("ds:Signature", NAMES)
    inner.remove(signature)
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    holder.append(inner)
    outer.insert(1, signature)
    return bytes(etree.tostring(outer))


def in_a_statement() -> bytes:
    """The signed assertion, whole, within what the attacker's says."""
    return under(evil(), genuine(), f"{{{SAML}}}AttributeStatement")


def beside_with_the_same_id() -> bytes:
    """Both have the id that the signature names."""
    outer = evil("_good")
    outer.insert(1, deepcopy(genuine().find("ds:Signature", NAMES)))
    return under(outer, genuine(), f"{{{SAML}}}Advice")


def with_the_id_elsewhere() -> bytes:
    """Something small in it has the id that the signature names."""
    outer = genuine()
    outer.find("saml:Subject", NAMES).set("Id", "_good")
    return bytes(etree.tostring(outer))


def signed_in_a_part() -> bytes:
    """The signature stands where nobody looks, and the root has none of its own."""
    outer = genuine()
    signature = outer.find("ds:Signature", NAMES)
    outer.find("saml:Subject", NAMES).append(signature)
    return bytes(etree.tostring(outer))


def signed_twice() -> bytes:
    """A second signature, by somebody else."""
    outer = genuine()
    outer.insert(1, deepcopy(outer.find("ds:Signature", NAMES)))
    return bytes(etree.tostring(outer))


def over_nothing() -> bytes:
    """No signature at all."""
    return bytes(etree.tostring(evil()))


def over_the_document() -> bytes:
    """A reference without a name, which each reader takes for something else."""
    private, der = key()
    root = etree.fromstring(written(id="_good"))
    del root.attrib["ID"]
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    made = signer.sign(root, key=private, cert=[x509.load_der_x509_certificate(der)])
    made.set("ID", "")
    return bytes(etree.tostring(made))


def over_a_part() -> bytes:
    """A genuine signature, over the issuer alone: the rest is the attacker's."""
    private, der = key()
    root = evil()
    root.find("saml:Issuer", NAMES).set("ID", "_issuer")
    root.insert(1, etree.fromstring(f'<ds:Signature xmlns:ds="{DS}" Id="placeholder"/>'))
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    made = signer.sign(root, key=private, cert=[x509.load_der_x509_certificate(der)], reference_uri="_issuer")
    return bytes(etree.tostring(made))


def with_inclusive_canonicalization() -> bytes:
    """Another canonicalization, in which namespaces from around count."""
    return signed(written(), c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1)


def with_another_transform() -> bytes:
    """A transform that leaves out what the attacker wants to change."""
    outer = genuine()
    transforms = outer.find(".//ds:Transforms", NAMES)
    xpath = etree.SubElement(transforms, f"{{{DS}}}Transform")
    xpath.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    return bytes(etree.tostring(outer))


def with_a_retrieval_method() -> bytes:
    """A key that is to be fetched."""
    outer = genuine()
    etree.SubElement(outer.find(".//ds:KeyInfo", NAMES), f"{{{DS}}}RetrievalMethod").set("URI", "http://x/")
    return bytes(etree.tostring(outer))


SHAPES = (
    response,
    around_with_its_signature,
    in_an_object,
    in_a_statement,
    beside_with_the_same_id,
    with_the_id_elsewhere,
    signed_in_a_part,
    signed_twice,
    over_nothing,
    over_the_document,
    over_a_part,
    with_inclusive_canonicalization,
    with_another_transform,
    with_a_retrieval_method,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
async def test_refuses_what_is_not_signed_as_a_whole(shape: Any) -> None:
    """One assertion, its one signature in its place, over all of it: anything else is refused unread."""
    document = shape()
    with pytest.raises(XmlUnusable):
        verify.read(document)
    assert await why(shown(await partner_tenant(), document)) == "subject_malformed"


def test_careless_reader_is_fooled() -> None:
    """The attack is real: the signature in it is good, and the first name is the attacker's."""
    document = in_a_statement()
    careless = SignatureConfiguration(location=".//", verification_time=datetime.fromtimestamp(NOW, UTC))
    found = XMLVerifier().verify(document, x509_cert=_pem(), expect_config=careless, id_attribute="ID")
    assert isinstance(found, VerifyResult)
    assert etree.fromstring(document).findtext(".//saml:NameID", namespaces=NAMES) == EVIL


def _pem() -> x509.Certificate:
    return x509.load_der_x509_certificate(key()[1])


async def test_key_that_comes_along_is_no_key() -> None:
    """An assertion that a stranger signed, certificate enclosed, is refused; under the genuine one, too."""
    tenant = await partner_tenant()
    forged = signed(written(name=EVIL), "stranger")
    assert await why(shown(tenant, forged)) == "subject_untrusted"
    root = etree.fromstring(forged)
    root.find(".//ds:X509Certificate", NAMES).text = b64encode(key()[1]).decode()
    assert await why(shown(tenant, bytes(etree.tostring(root)))) == "subject_untrusted"
    bare = etree.fromstring(signed(written()))
    bare.find("ds:Signature", NAMES).remove(bare.find(".//ds:KeyInfo", NAMES))
    assert await shown(tenant, bytes(etree.tostring(bare)))


@pytest.mark.parametrize(
    "place", ["saml:Subject/saml:NameID", "saml:Issuer", "saml:Conditions//saml:Audience"]
)
async def test_anything_that_is_changed_breaks_the_signature(place: str) -> None:
    """One character more, anywhere, and nobody signed it."""
    root = genuine()
    each = root.find(place, NAMES)
    each.text = f"{each.text}x" if place != "saml:Issuer" else each.text
    root.set("IssueInstant", root.get("IssueInstant").replace("2027", "2026"))
    with pytest.raises(NotSigned):
        verify.signed_by(verify.read(bytes(etree.tostring(root))), (key()[1],), NOW)


@pytest.mark.parametrize(
    "method",
    [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "urn:none",
    ],
)
async def test_weaker_methods_are_none(method: str) -> None:
    """SHA-1, a MAC under the public certificate, and what nobody knows are no signatures."""
    root = genuine()
    root.find(".//ds:SignatureMethod", NAMES).set("Algorithm", method)
    assert await why(shown(await partner_tenant(), bytes(etree.tostring(root)))) == "subject_untrusted"


async def test_namespaces_of_another_kind_name_no_assertion() -> None:
    """An element that is only called like it is none."""
    document = signed(written(ns="urn:oasis:names:tc:SAML:2.0:protocol"))
    assert await why(shown(await partner_tenant(), document)) == "subject_malformed"
