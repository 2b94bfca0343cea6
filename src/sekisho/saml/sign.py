"""An element that is signed, its signature within it (XML Signature 1.1 section 6.6.4)."""

from dataclasses import dataclass
from typing import Any

from sekisho.keys import certificate
from sekisho.keys.signer import Signer
from sekisho.saml import xml
from sekisho.spec.saml import federation, names
from sekisho.spec.saml.node import Node

ALG = "RS256"


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs, and the certificate (DER) that it wears."""

    signer: Signer
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an element its signature stands, and which attribute has its id."""

    index: int
    id: str = "ID"


@dataclass(frozen=True, slots=True)
class _Key:
    """The prepared signer in the shape that the library knows keys by: RSA, PKCS#1 v1.5, SHA-256."""

    signer: Signer

    def sign(self, text: bytes, **_: Any) -> bytes:  # noqa: ANN401 - padding and hash, of its own kinds
        return self.signer.bare(text)


def signed(node: Node, seal: Seal, place: Place) -> bytes:
    """The document with its signature, over the whole of it and nothing else."""
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
    from signxml.signer import XMLSigner

    if seal.signer.alg != ALG:
        raise ValueError(f"XML is signed with {ALG}, and this is a key for {seal.signer.alg}")
    root = xml.made(node)
    here = etree.Element(f"{{{names.SIGNATURE}}}Signature", Id="placeholder", nsmap={"ds": names.SIGNATURE})
    root.insert(place.index if place.index >= 0 else len(root), here)
    made = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    ).sign(
        root,
        key=_Key(seal.signer),  # type: ignore[arg-type]    # it is asked for nothing but signatures
        reference_uri=f"#{node.attributes[place.id]}",
        id_attribute=place.id,
        key_info=xml.made(federation.key_of(certificate.x5c(seal.certificate))),
    )
    return xml.written(made)
