"""A SAML 2.0 assertion that somebody else signed: whose signature it is, and what it is over."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from sekisho.saml import xml
from sekisho.saml.xml import Element, XmlUnusable
from sekisho.spec.saml import names, shown
from sekisho.spec.saml.shown import Confirmation, Shown

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
METHODS = ("RSA_SHA256", "RSA_SHA384", "RSA_SHA512", "ECDSA_SHA256", "ECDSA_SHA384", "ECDSA_SHA512")
DIGESTS = ("SHA256", "SHA384", "SHA512")
# What the library does where a signature is not of a shape that it expects.
_STUMBLES = (ValueError, TypeError, KeyError, AttributeError, AssertionError)
# What a reference may go by, for one reader or another.
_IDS = frozenset(("id", "xml:id", "assertionid", "{http://www.w3.org/xml/1998/namespace}id"))


class NotSigned(Exception):
    """Nobody who is trusted signed this, or not all of it; the text says why."""


def read(text: bytes) -> Element:
    """One assertion and nothing around it, with one signature in it. Nothing of it is true yet."""
    root = xml.parsed(text)
    if root.tag != _saml("Assertion") or root.get("Version") != "2.0":
        raise XmlUnusable("no SAML 2.0 assertion")
    _is_one_assertion(root)
    _is_signed_as_a_whole(root)
    return root


def issuer_of(root: Element) -> str:
    """Who it says that it is from, for look-ups only."""
    text = xml.text_of(_one(root, "Issuer"))
    if not 0 < len(text) <= shown.LONGEST_NAME:
        raise XmlUnusable("its issuer has no name, or none that anybody has")
    return text


def signed_by(root: Element, certificates: Iterable[bytes], now: float) -> Shown:
    """What it says, out of what one of these certificates signed. Those that come along mean nothing."""
    why = "no certificate is registered"
    for der in certificates:
        try:
            return _shown(_signed(root, x509.load_der_x509_certificate(der), now))
        except NotSigned as wrong:
            why = str(wrong)
    raise NotSigned(why)


def _signed(root: Element, certificate: x509.Certificate, now: float) -> Element:
    """The element again, made of the bytes that the signature is over."""
    from lxml.etree import LxmlError
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.exceptions import SignXMLException
    from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

    wanted = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset(SignatureMethod[each] for each in METHODS),
        digest_algorithms=frozenset(DigestAlgorithm[each] for each in DIGESTS),
        ignore_ambiguous_key_info=True,
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    try:
        found = XMLVerifier().verify(
            root, x509_cert=certificate, id_attribute="ID", expect_config=wanted, validate_schema=True
        )
    except (SignXMLException, LxmlError, UnsupportedAlgorithm, *_STUMBLES) as wrong:
        raise NotSigned(f"{type(wrong).__name__}: {str(wrong)[:200]}") from wrong
    if not isinstance(found, VerifyResult):
        raise NotSigned("there is more than one reference")
    again = xml.parsed(found.signed_data)
    if again.tag != root.tag or again.get("ID") != root.get("ID"):
        raise NotSigned("the signature is over something else")
    return again


def _is_one_assertion(root: Element) -> None:
    """Nothing that could be taken for another one, nothing hidden, and each id once."""
    locals_ = [each.tag.rpartition("}")[2] for each in root.iter()]
    if locals_.count("Assertion") != 1 or any(each.startswith("Encrypted") for each in locals_):
        raise XmlUnusable("there is another assertion in it, or something encrypted")
    ids = [(each, name) for each in root.iter() for name in each.attrib if name.casefold() in _IDS]
    if [each for each, _ in ids if each is not root] or [name for _, name in ids] != ["ID"]:
        raise XmlUnusable("something else in it has an id")


def _is_signed_as_a_whole(root: Element) -> None:
    """One signature, one reference, to the root; transforms that leave nothing out but the signature."""
    found = list(root.iter(_signature("Signature")))
    if len(found) != 1 or found[0].getparent() is not root:
        raise XmlUnusable("it takes one signature, in the assertion itself")
    signature = found[0]
    if any(each.tag in (_signature("Object"), _signature("RetrievalMethod")) for each in signature.iter()):
        raise XmlUnusable("the signature has something in it that is none")
    references = list(signature.iter(_signature("Reference")))
    if [each.get("URI") for each in references] != [f"#{root.get('ID')}"]:
        raise XmlUnusable("the signature is not over the assertion alone")
    transforms = [each.get("Algorithm") for each in signature.iter(_signature("Transform"))]
    if transforms != [ENVELOPED, EXCLUSIVE]:
        raise XmlUnusable("other transforms than those of an enveloped signature")
    methods = [each.get("Algorithm") for each in signature.iter(_signature("CanonicalizationMethod"))]
    if methods != [EXCLUSIVE]:
        raise XmlUnusable("another canonicalization than the exclusive one")


def _shown(root: Element) -> Shown:
    try:
        conditions = _one(root, "Conditions")
        return Shown(
            id=root.get("ID"),
            issuer=issuer_of(root),
            name=xml.text_of(_one(_one(root, "Subject"), "NameID")),
            audiences=tuple(_audiences(conditions)),
            begins=_moment(conditions, "NotBefore"),
            ends=_moment(conditions, "NotOnOrAfter"),
            others=tuple(_others(conditions)),
            confirmations=tuple(_confirmations(_one(root, "Subject"))),
        )
    except ValueError as wrong:
        raise XmlUnusable(str(wrong)) from wrong


def _audiences(conditions: Element) -> Iterator[tuple[str, ...]]:
    for each in conditions.iterfind(_saml("AudienceRestriction")):
        yield tuple(xml.text_of(audience) for audience in each.iterfind(_saml("Audience")))


def _others(conditions: Element) -> Iterator[str]:
    """Used once is what each is here, and who may pass it on does not matter to who does not."""
    known = (_saml("AudienceRestriction"), _saml("OneTimeUse"), _saml("ProxyRestriction"))
    return (str(each.tag) for each in conditions if each.tag not in known)


def _confirmations(subject: Element) -> Iterator[Confirmation]:
    for each in subject.iterfind(_saml("SubjectConfirmation")):
        told = each.find(_saml("SubjectConfirmationData"))
        if told is None:
            yield Confirmation(method=each.get("Method", ""))
            continue
        yield Confirmation(
            method=each.get("Method", ""),
            recipient=told.get("Recipient", ""),
            begins=_moment(told, "NotBefore"),
            ends=_moment(told, "NotOnOrAfter"),
            request=told.get("InResponseTo", ""),
        )


def _moment(element: Element, name: str) -> float | None:
    text = element.get(name)
    return None if text is None else shown.read_moment(text)


def _one(element: Element, local: str) -> Element:
    found = [*element.iterfind(_saml(local))]
    if len(found) != 1:
        raise XmlUnusable(f"there are {len(found)} of {local} in it")
    return found[0]


def _saml(local: str) -> str:
    return f"{{{names.SAML2}}}{local}"


def _signature(local: str) -> str:
    return f"{{{names.SIGNATURE}}}{local}"
