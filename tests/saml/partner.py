"""Another organisation whose SAML assertions count here: what it writes, and how it signs."""

import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from sekisho.keys import algorithm, certificate
from sekisho.model.connection import TrustedIssuer
from sekisho.model.step import Save
from sekisho.oauth.token import token
from sekisho.spec.policy import SAML2_BEARER
from sekisho.spec.saml import node
from sekisho.tenant import Tenant
from tests.exchanges import STOCK, chain_tenant, orders
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, Clock, ask
from tests.visitor import person

ISSUER = "http://adfs.partner.example/adfs/services/trust"
HERE = f"{ORIGIN}/oauth/token"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TEMPLATE = """<saml:Assertion xmlns:saml="{ns}" ID="{id}" IssueInstant="{at}" Version="{version}">\
<saml:Issuer>{issuer}</saml:Issuer>{signature}\
<saml:Subject><saml:NameID>{name}</saml:NameID>\
<saml:SubjectConfirmation Method="{method}"><saml:SubjectConfirmationData {confirmation}/>\
</saml:SubjectConfirmation>{subject}</saml:Subject>\
<saml:Conditions {conditions}>{restrictions}</saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{at}"><saml:AuthnContext><saml:AuthnContextClassRef>\
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement>{more}</saml:Assertion>"""
PLACEHOLDER = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>'


def key(name: str = "partner") -> tuple[RSAPrivateKey, bytes]:
    """A key of somebody, and the certificate that it wears."""
    return _made(name)


@cache
def _made(name: str) -> tuple[RSAPrivateKey, bytes]:
    made = algorithm.generate("RS256")
    assert isinstance(made, RSAPrivateKey)
    return made, certificate.issue(made, name, NOW - 3_600)


def restriction(*audiences: str) -> str:
    """For whom it is."""
    return (
        "<saml:AudienceRestriction>"
        + "".join(f"<saml:Audience>{each}</saml:Audience>" for each in audiences)
        + "</saml:AudienceRestriction>"
    )


def written(**fields: str) -> str:
    """An assertion about Aya that is good, but for what is said otherwise."""
    usual = {
        "ns": SAML,
        "id": f"_{os.urandom(8).hex()}",
        "at": moment(0),
        "version": "2.0",
        "issuer": ISSUER,
        "signature": PLACEHOLDER,
        "name": person().user_id,
        "method": BEARER,
        "confirmation": f'NotOnOrAfter="{moment(300)}" Recipient="{HERE}"',
        "subject": "",
        "conditions": f'NotBefore="{moment(-60)}" NotOnOrAfter="{moment(300)}"',
        "restrictions": restriction(HERE),
        "more": "",
    }
    return TEMPLATE.format(**{**usual, **fields})


def moment(ahead: float) -> str:
    """A time, from now on."""
    return node.moment(NOW + ahead)


def signed(text: str, name: str = "partner", **how: Any) -> bytes:
    """The same with a signature in the place that is kept for it."""
    private, der = key(name)
    usual: dict[str, Any] = {
        "signature_algorithm": SignatureMethod.RSA_SHA256,
        "digest_algorithm": DigestAlgorithm.SHA256,
        "c14n_algorithm": CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    }
    signer = XMLSigner(**{**usual, **how})
    made = signer.sign(etree.fromstring(text), key=private, cert=certificate.pem(der))
    return bytes(etree.tostring(made))


def issuer(**fields: Any) -> TrustedIssuer:
    """What the tenant knows of it."""
    usual: dict[str, Any] = {
        "tenant": TENANT,
        "id": "tri_saml",
        "issuer": ISSUER,
        "certificates": (key()[1],),
        "clients": ("orders",),
        "created_at": NOW,
    }
    return TrustedIssuer(**{**usual, **fields})


async def partner_tenant(clock: Clock | None = None, **fields: Any) -> Tenant:
    """The API for orders may bring its assertions."""
    tenant = await chain_tenant(clock, grant_types=(SAML2_BEARER, *orders().grant_types))
    assert await tenant.change(Save(issuer(**fields))) is None
    return tenant


def encoded(document: bytes) -> str:
    """As OAuth carries it."""
    return urlsafe_b64encode(document).rstrip(b"=").decode()


async def shown(tenant: Tenant, document: bytes | str, **more: str | None) -> Mapping[str, Any]:
    """What the API for orders is given for an assertion."""
    form: dict[str, str | None] = {
        "grant_type": SAML2_BEARER,
        "client_id": "orders",
        "client_secret": SECRET,
        "assertion": document if isinstance(document, str) else encoded(document),
        "audience": STOCK,
        **more,
    }
    answer = await token(
        ask(tuple((name, value) for name, value in form.items() if value is not None)), tenant
    )
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json
