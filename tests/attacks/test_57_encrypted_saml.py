"""Encrypted parts in the place of signed ones, and what may go unsigned (attack class 57)."""

import pytest
from lxml import etree

from tests.entra import entra_tenant
from tests.exchanges import why
from tests.saml.papers import metadata
from tests.saml.partner import partner_tenant, shown, signed, written

XENC = "http://www.w3.org/2001/04/xmlenc#"
DATA = f'<x:EncryptedData xmlns:x="{XENC}"/>'


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": f"<saml:EncryptedID>{DATA}</saml:EncryptedID>"},
        {"more": f"<saml:EncryptedAssertion>{DATA}</saml:EncryptedAssertion>"},
        {"more": f"<saml:EncryptedAttribute>{DATA}</saml:EncryptedAttribute>"},
        {"more": DATA},
    ],
)
async def test_nothing_encrypted_is_opened(fields: dict[str, str]) -> None:
    """What cannot be read cannot be held against any rule, whoever signed around it."""
    assert await why(shown(await partner_tenant(), signed(written(**fields)))) == "subject_malformed"


async def test_nothing_goes_unsigned() -> None:
    """There is no issuer, and no setting, without which a signature could be left out."""
    unsigned = written(signature="").encode()
    for tenant in (await partner_tenant(), await partner_tenant(certificates=())):
        assert await why(shown(tenant, unsigned)) == "subject_malformed"


async def test_every_key_of_the_metadata_says_what_it_is_for() -> None:
    """Who reads the metadata never has to guess whether assertions are signed, and with which keys."""
    root = etree.fromstring(await metadata(await entra_tenant()))
    found = root.findall(".//{*}KeyDescriptor")
    assert found
    assert {each.get("use") for each in found} == {"signing"}
