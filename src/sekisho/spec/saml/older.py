"""A SAML 1.1 assertion: the order of what is in it (oasis-sstc-saml-core-1.1 section 2.3.2)."""

from sekisho.spec.saml import names
from sekisho.spec.saml.node import Node, moment
from sekisho.spec.saml.said import EARLY, Said

NAMESPACE = names.SAML1
ID = "AssertionID"
# The signature is the last of all.
SIGNATURE_AT = -1


def assertion(said: Said) -> Node:
    """All of it but the signature. Where it may be shown has no place in this version."""
    return _node(
        "Assertion",
        _conditions(said),
        _node("AttributeStatement", _subject(said), *(_attribute(*each) for each in said.attributes)),
        _node(
            "AuthenticationStatement",
            _subject(said),
            AuthenticationMethod=names.PASSWORD1 if said.is_by_password else names.UNSPECIFIED1,
            AuthenticationInstant=moment(said.signed_in_at),
        ),
        MajorVersion="1",
        MinorVersion="1",
        AssertionID=said.id,
        Issuer=said.issuer,
        IssueInstant=moment(said.at),
    )


def _node(local: str, *inside: Node, **attributes: str) -> Node:
    return Node.of(NAMESPACE, local, *inside, **attributes)


def _conditions(said: Said) -> Node:
    audience = Node.saying(NAMESPACE, "Audience", said.audience)
    return _node(
        "Conditions",
        _node("AudienceRestrictionCondition", audience),
        NotBefore=moment(said.at - EARLY),
        NotOnOrAfter=moment(said.ends),
    )


def _subject(said: Said) -> Node:
    method = Node.saying(NAMESPACE, "ConfirmationMethod", names.BEARER1)
    return _node(
        "Subject",
        Node.saying(NAMESPACE, "NameIdentifier", said.name, Format=said.format),
        _node("SubjectConfirmation", method),
    )


def _attribute(name: str, values: tuple[str, ...]) -> Node:
    """A name is two of them here: what stands before its last part, and that."""
    namespace, _, local = name.rpartition("/")
    return _node(
        "Attribute",
        *(Node.saying(NAMESPACE, "AttributeValue", each) for each in values),
        AttributeName=local,
        AttributeNamespace=namespace,
    )
