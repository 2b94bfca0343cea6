"""Assertions and metadata in the hands of those who read them: four programs, and a rollover."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xmlsec
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from sekisho.change.actor import Actor
from sekisho.keys import algorithm, certificate
from sekisho.keys.ring import Keys
from sekisho.keys.rotation import JWKS_MAX_AGE
from sekisho.model.api import Api, Saml
from sekisho.model.signing_key import SigningKey
from sekisho.registry import keys
from sekisho.registry.applications import saml
from sekisho.registry.applications.verbs import Meant
from sekisho.spec.refusal import Refused
from sekisho.tenant import EVERY_KEY, Tenant
from tests.entra import B, C, changed, entra_tenant
from tests.outside import program
from tests.saml.papers import SAML1, SAML2, asserted, metadata, opened, pems, seen
from tests.tenants import NOW, ORIGIN, TENANT, Clock

ROOTS: Mapping[str, tuple[str, str]] = {
    SAML2: ("urn:oasis:names:tc:SAML:2.0:assertion:Assertion", "ID"),
    SAML1: ("urn:oasis:names:tc:SAML:1.0:assertion:Assertion", "AssertionID"),
    "metadata": ("urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor", "ID"),
}
Reader = Callable[[bytes, str, str, Path], bool]


def by_xmlsec1(text: bytes, kind: str, pem: str, place: Path) -> bool:
    """The program."""
    name, id = ROOTS[kind]
    (place / "signed.xml").write_bytes(text)
    (place / "cert.pem").write_text(pem)
    command = [program("xmlsec1"), "--verify", "--trusted-pem", str(place / "cert.pem")]
    # Certificates of the tests are of the time of the tests.
    when = ["--verification-time", "2027-01-15 08:00:00", f"--id-attr:{id}", name]
    return (
        subprocess.run(
            [*command, *when, str(place / "signed.xml")], capture_output=True, check=False
        ).returncode
        == 0
    )


def by_python_xmlsec(text: bytes, kind: str, pem: str, place: Path) -> bool:
    """The library around libxmlsec1."""
    root = etree.fromstring(text)
    xmlsec.tree.add_ids(root, [ROOTS[kind][1]])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature))
    except xmlsec.Error:
        return False
    return True


def by_signxml(text: bytes, kind: str, pem: str, place: Path) -> bool:
    """The library of ours, as others would use it."""
    wanted = SignatureConfiguration(
        location="./",
        signature_methods=frozenset((SignatureMethod.RSA_SHA256,)),
        verification_time=datetime.fromtimestamp(NOW, UTC),
    )
    try:
        found = XMLVerifier().verify(text, x509_cert=pem, id_attribute=ROOTS[kind][1], expect_config=wanted)
    except SignXMLException:
        return False
    assert isinstance(found, VerifyResult)
    return found.signed_xml is not None


PYSAML = """
import sys
from saml2.saml import assertion_from_string
from saml2.sigver import CryptoBackendXmlSec1
text = open(sys.argv[1]).read()
assertion = assertion_from_string(text)
assert assertion and assertion.signature and assertion.issuer.text
backend = CryptoBackendXmlSec1(sys.argv[3])
good = backend.validate_signature(
    text, cert_file=sys.argv[2], cert_type="pem",
    node_name="urn:oasis:names:tc:SAML:2.0:assertion:Assertion", node_id=assertion.id)
sys.exit(0 if good else 1)
"""


def by_pysaml2(text: bytes, kind: str, pem: str, place: Path) -> bool:
    """The library of service providers; of assertions of version 2.0."""
    (place / "signed.xml").write_bytes(text)
    (place / "cert.pem").write_text(pem)
    files = [str(place / "signed.xml"), str(place / "cert.pem"), program("xmlsec1")]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PYSAML, *files], capture_output=True, check=False
    )
    return done.returncode == 0


READERS: tuple[Reader, ...] = (by_xmlsec1, by_python_xmlsec, by_signxml, by_pysaml2)


def forged(text: bytes) -> bytes:
    """The document with another name in it."""
    root = etree.fromstring(text)
    for each in root.iter("{*}NameID", "{*}NameIdentifier", "{*}Address"):
        each.text = "somebody else"
    return bytes(etree.tostring(root))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", [SAML2, SAML1])
async def test_others_verify_an_assertion(reader: Reader, kind: str, tmp_path: Path) -> None:
    """With the first certificate of the metadata one is good; changed, or by another one, it is not."""
    if reader is by_pysaml2 and kind == SAML1:
        return
    tenant = await entra_tenant()
    text = opened((await asserted(tenant, requested_token_type=kind))["access_token"])
    pem = pems(await metadata(tenant))[0]
    assert reader(text, kind, pem, tmp_path)
    assert not reader(forged(text), kind, pem, tmp_path)
    await changed(tenant, Api, B, saml=Saml())
    assert not reader(text, kind, await _of_another(tenant), tmp_path)


async def _of_another(tenant: Tenant) -> str:
    """A certificate that did not sign."""
    return certificate.pem(certificate.issue(algorithm.generate("RS256"), "other", NOW))


@pytest.mark.parametrize("reader", READERS[:3])
async def test_others_verify_the_metadata(reader: Reader, tmp_path: Path) -> None:
    """The metadata is signed by the first certificate that it names."""
    text = await metadata(await entra_tenant())
    assert reader(text, "metadata", pems(text)[0], tmp_path)
    assert not reader(forged(text), "metadata", pems(text)[0], tmp_path)


async def test_metadata_says_who_and_where() -> None:
    """The issuer is the one of assertions; certificates stand in both descriptions."""
    tenant = await entra_tenant()
    root = etree.fromstring(await metadata(tenant))
    assert root.get("entityID") == f"{ORIGIN}/{TENANT}/"
    assert (
        seen(root, "//m:IDPSSODescriptor/m:SingleSignOnService/@Location") == [f"{ORIGIN}/{TENANT}/saml2"] * 2
    )
    assert len(seen(root, "//m:RoleDescriptor/m:KeyDescriptor//ds:X509Certificate/text()")) == 1
    alias = etree.fromstring(await metadata(tenant, name="common"))
    assert alias.get("entityID") == f"{ORIGIN}/{{tenantid}}/"


@pytest.mark.parametrize("name", ["nobody", "cccccccc-0000-4000-8000-00000000000f", ""])
async def test_metadata_is_of_an_application_that_is_there(name: str) -> None:
    """By `appid` there is metadata of applications that expose something, and of no others."""
    tenant = await entra_tenant()
    with pytest.raises(Refused) as caught:
        await metadata(tenant, {"appid": name or "5a5a5a5a-0000-4000-8000-000000000001"})
    assert caught.value.reason.slug == "resource_absent"


async def ringed(tenant: Tenant, name: str = B) -> Tenant:
    """The API with certificates of its own, and the tenant that knows them."""
    await changed(tenant, Api, name, saml=Saml())
    await saml.rotate(tenant, Meant(name, Actor()))
    return await known(tenant)


async def known(tenant: Tenant) -> Tenant:
    """The tenant with the keys that there are now."""
    records = await tenant.store.records(SigningKey, tenant.id, {}, EVERY_KEY)
    return replace(tenant, keys=Keys.of(records, tenant.tools.sealer))


@pytest.mark.parametrize("reader", READERS)
async def test_rollover_leaves_nobody_out(reader: Reader, tmp_path: Path) -> None:
    """In the middle of a rollover an assertion of before and one of after are good by the metadata."""
    clock = Clock()
    tenant = await ringed(await entra_tenant(clock))
    before = opened((await asserted(tenant))["access_token"])
    known_then = pems(await metadata(tenant, {"appid": B}))
    assert len(known_then) == 2
    assert reader(before, SAML2, known_then[0], tmp_path)
    clock.now += JWKS_MAX_AGE
    api = await tenant.store.named(Api, tenant.id, B)
    assert api
    await keys.rotate(tenant, "RS256", Actor(), ring=api.saml_ring)
    tenant = await known(tenant)
    after = opened((await asserted(tenant))["access_token"])
    now = pems(await metadata(tenant, {"appid": B}))
    # Who read the metadata before the turn has the certificate of after already.
    assert now[0] == known_then[1]
    assert known_then[0] in now
    assert reader(after, SAML2, known_then[1], tmp_path)
    assert not reader(after, SAML2, known_then[0], tmp_path)
    assert any(reader(before, SAML2, each, tmp_path) for each in now)


async def test_application_has_its_own_certificates_or_the_tenants() -> None:
    """Certificates of one API sign for that one only; without settings of its own the tenant's sign again."""
    tenant = await ringed(await entra_tenant())
    own, others = pems(await metadata(tenant, {"appid": B})), pems(await metadata(tenant))
    assert not set(own) & set(others)
    assert pems(await metadata(tenant, {"appid": C})) == others
    await changed(tenant, Api, B, saml=None)
    assert pems(await metadata(tenant, {"appid": B})) == others
