"""Documents that mean something else to a parser: DTDs, entities, comments, encodings (attack class 59)."""

import pytest
from lxml import etree

from sekisho.model.api import Api, Saml
from sekisho.saml import verify, xml
from sekisho.saml.xml import MOST_BYTES, XmlUnusable
from sekisho.spec.saml import names
from tests.entra import B, blocked, changed, entra_tenant
from tests.exchanges import why
from tests.saml.papers import SAML1, attributes, paper, seen
from tests.saml.partner import partner_tenant, shown, signed, written

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
GOOD = "<a>b</a>"
DOCUMENTS = {
    "doctype": f"<!DOCTYPE a>{GOOD}",
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "network": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><a/>',
    "laughs": f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]><a>&a9;</a>',
    "defaults": '<!DOCTYPE a [<!ATTLIST a ID CDATA "x">]><a/>',
    "comment": "<a>admin<!---->.evil</a>",
    "comment outside": f"<!-- x -->{GOOD}",
    "instruction": "<a><?x y?></a>",
    "instruction outside": f"{GOOD}<?x y?>",
    "stylesheet": f'<?xml version="1.0"?><?xml-stylesheet href="x"?>{GOOD}',
    "data": "<a><![CDATA[b]]></a>",
    "unknown entity": "<a>&x;</a>",
    "not closed": "<a>",
    "two roots": f"{GOOD}{GOOD}",
    "twice": '<a b="1" b="2"/>',
    "unbound": "<x:a/>",
    "nothing": "",
    "deep": "<a>" * 400 + "</a>" * 400,
    "nul": "<a>\0</a>",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_refuses_what_is_more_than_elements_and_texts(name: str) -> None:
    """There is no declaration, no comment, no instruction and no entity in what is read."""
    with pytest.raises(XmlUnusable):
        xml.parsed(DOCUMENTS[name].encode())


@pytest.mark.parametrize(
    "document",
    [
        f'<?xml version="1.0" encoding="UTF-16"?>{DOCUMENTS["doctype"]}'.encode("utf-16"),
        DOCUMENTS["doctype"].encode("utf-16-le"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"),
        f"<a>{'b' * MOST_BYTES}</a>".encode(),
    ],
)
def test_refuses_other_encodings_and_sizes(document: bytes) -> None:
    """Whatever a declaration says, it is UTF-8; and it is small."""
    with pytest.raises(XmlUnusable):
        xml.parsed(document)


def test_declaration_is_the_one_thing_that_may_stand_before() -> None:
    """A plain XML declaration says nothing that matters."""
    assert xml.parsed(b'<?xml version="1.0" encoding="UTF-8"?><a>b</a>').text == "b"


def test_careless_parser_reads_half_a_name() -> None:
    """The attack is real: with a comment in it, a name is cut off for who asks for the first text."""
    root = etree.fromstring("<a>admin@example.com<!---->.evil.example</a>")
    assert root.text == "admin@example.com"
    assert "".join(root.itertext()) == "admin@example.com.evil.example"


async def test_comment_in_a_signed_name_does_not_cut_it() -> None:
    """Canonicalization leaves comments out, so the signature is good; it is refused all the same."""
    name = "auth0|aya"
    whole, cut = f"{name}.evil".encode(), f"{name}<!---->.evil".encode()
    document = signed(written(name=f"{name}.evil")).replace(whole, cut)
    with pytest.raises(XmlUnusable):
        verify.read(document)
    assert await why(shown(await partner_tenant(), document)) == "subject_malformed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<ds:DigestValue>", b"<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>"),
        (b"<ds:DigestValue>", b"<ds:DigestValue><!--AAAA-->"),
        (b"<ds:SignedInfo>", b"<ds:SignedInfo/><ds:SignedInfo>"),
        (b"</ds:SignedInfo>", b"</ds:SignedInfo><ds:SignedInfo/>"),
    ],
)
async def test_digest_is_not_smuggled(old: bytes, new: bytes) -> None:
    """There is one digest, and it is the one that is signed."""
    document = signed(written()).replace(old, new, 1)
    assert await why(shown(await partner_tenant(), document)) in ("subject_malformed", "subject_untrusted")


async def test_nested_text_is_no_name() -> None:
    """A name with an element in it has no text that all readers agree on."""
    document = signed(written(name="auth0|aya<saml:Audience>x</saml:Audience>"))
    assert await why(shown(await partner_tenant(), document)) == "subject_malformed"


INJECTED = '</AttributeValue></Attribute><Attribute Name="role"><AttributeValue>admin'


@pytest.mark.parametrize("text", [INJECTED, "a&b<c>\"d'", "]]>", "line\r\nline\ttab", "\x0b\x1f\ufffe"])
async def test_what_people_say_of_themselves_stays_a_text(text: str) -> None:
    """A name with markup in it is a name: it ends no element of an assertion, and begins none."""
    tenant = await entra_tenant()
    await blocked(tenant, claims={"name": text, "given_name": text, "email": text, "email_verified": True})
    await changed(tenant, Api, B, saml=Saml(name_id_source="mail", name_id_format="unspecified"))
    root = await paper(tenant)
    found = attributes(root)
    said = xml._speakable(text)
    assert found[names.DISPLAY_NAME] == [said]
    assert seen(root, "//s:NameID/text()") == [said]
    assert "role" not in found
    older = await paper(tenant, requested_token_type=SAML1)
    assert seen(older, "//t:Attribute[@AttributeName='displayname']/t:AttributeValue/text()") == [said]
    assert not older.xpath("//*[@Name='role']")
