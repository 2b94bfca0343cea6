"""A SAML 2.0 assertion: the order of what is in it (saml-core-2.0-os section 2.3.3)."""

from sekisho.spec.saml import names
from sekisho.spec.saml.node import Node, moment
from sekisho.spec.saml.said import EARLY, Said

NAMESPACE = names.SAML2
ID = "ID"
# The signature follows the issuer.
SIGNATURE_AT = 1


def assertion(said: Said) -> Node:
    """All of it but the signature. It answers no request, so nothing in it says which (InResponseTo)."""
    return _node(
        "Assertion",
        Node.saying(NAMESPACE, "Issuer", said.issuer),
        _subject(said),
        _conditions(said),
        _node("AttributeStatement", *(_attribute(*each) for each in said.attributes)),
        _sign_in(said),
        ID=said.id,
        IssueInstant=moment(said.at),
        Version="2.0",
    )


def _node(local: str, *inside: Node, **attributes: str) -> Node:
    return Node.of(NAMESPACE, local, *inside, **attributes)


def _subject(said: Said) -> Node:
    where = {"Recipient": said.recipient} if said.recipient else {}
    shown = _node("SubjectConfirmationData", NotOnOrAfter=moment(said.ends), **where)
    return _node(
        "Subject",
        Node.saying(NAMESPACE, "NameID", said.name, Format=said.format),
        _node("SubjectConfirmation", shown, Method=names.BEARER2),
    )


def _conditions(said: Said) -> Node:
    audience = Node.saying(NAMESPACE, "Audience", said.audience)
    return _node(
        "Conditions",
        _node("AudienceRestriction", audience),
        NotBefore=moment(said.at - EARLY),
        NotOnOrAfter=moment(said.ends),
    )


def _attribute(name: str, values: tuple[str, ...]) -> Node:
    return _node("Attribute", *(Node.saying(NAMESPACE, "AttributeValue", each) for each in values), Name=name)


def _sign_in(said: Said) -> Node:
    kind = names.PASSWORD2 if said.is_by_password else names.UNSPECIFIED2
    return _node(
        "AuthnStatement",
        _node("AuthnContext", Node.saying(NAMESPACE, "AuthnContextClassRef", kind)),
        AuthnInstant=moment(said.signed_in_at),
        SessionIndex=said.id,
    )
