"""Federation metadata: what readers of assertions know of who makes them (WS-Federation 1.2, SAML 2.0)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.spec.saml import names
from sekisho.spec.saml.node import Node

SIGNATURE_AT = 0
_TYPE = f"{{{names.INSTANCE}}}type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An issuer of assertions: its certificates in Base64, what signs now first, and its addresses."""

    id: str
    entity: str
    certificates: tuple[str, ...]
    browser: str
    passive: str


def document(described: Described) -> Node:
    """The same keys for both kinds of readers; the signature comes first in it."""
    return Node.of(
        names.METADATA,
        "EntityDescriptor",
        _federation(described),
        _saml(described),
        ID=described.id,
        entityID=described.entity,
    )


def _federation(described: Described) -> Node:
    where = Node.of(
        names.ADDRESSING,
        "EndpointReference",
        Node.saying(names.ADDRESSING, "Address", described.passive),
    )
    attributes = {_TYPE: "fed:SecurityTokenServiceType", "protocolSupportEnumeration": names.FEDERATION}
    inside = (*_keys(described.certificates), Node.of(names.FEDERATION, "PassiveRequestorEndpoint", where))
    return Node(f"{{{names.METADATA}}}RoleDescriptor", attributes, inside)


def _saml(described: Described) -> Node:
    redirect, post = (f"{names.BINDINGS}{each}" for each in ("HTTP-Redirect", "HTTP-POST"))
    at = described.browser
    return Node.of(
        names.METADATA,
        "IDPSSODescriptor",
        *_keys(described.certificates),
        Node.of(names.METADATA, "SingleLogoutService", Binding=redirect, Location=at),
        Node.of(names.METADATA, "SingleSignOnService", Binding=redirect, Location=at),
        Node.of(names.METADATA, "SingleSignOnService", Binding=post, Location=at),
        protocolSupportEnumeration=names.PROTOCOL2,
    )


def _keys(certificates: Iterable[str]) -> tuple[Node, ...]:
    return tuple(
        Node.of(names.METADATA, "KeyDescriptor", key_of(each), use="signing") for each in certificates
    )


def key_of(certificate: str) -> Node:
    """A certificate, as XML signatures have it (XML Signature 1.1 section 4.5.4)."""
    worn = Node.saying(names.SIGNATURE, "X509Certificate", certificate)
    return Node.of(names.SIGNATURE, "KeyInfo", Node.of(names.SIGNATURE, "X509Data", worn))
