"""SAML 2.0 assertions as grants (RFC 7522): whose word counts, for whom, for how long, and once."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from msgspec.structs import replace
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from sekisho.model.connection import TrustedIssuer
from sekisho.model.step import Save
from sekisho.spec.refusal import Refused
from sekisho.spec.saml import shown as rules
from tests.exchanges import ISSUER as ELSEWHERE
from tests.exchanges import orders, saved, vouched, why, word
from tests.oauth.test_client_assertion import jwk
from tests.saml.partner import (
    HERE,
    ISSUER,
    encoded,
    key,
    moment,
    partner_tenant,
    restriction,
    shown,
    signed,
    written,
)
from tests.tenants import ORIGIN, Clock
from tests.visitor import person


async def test_gives_a_token_for_an_assertion() -> None:
    """An assertion of a trusted issuer gets a token about the person that it names. RFC 7522 section 2.1."""
    tenant = await partner_tenant()
    told = await shown(tenant, signed(written()))
    assert told["token_type"] == "Bearer"
    assert told["scope"] == "read:stock"
    assert told["expires_in"] <= 3_600
    padded = urlsafe_b64encode(signed(written(restrictions=restriction(f"{ORIGIN}/")))).decode()
    assert (await shown(tenant, padded))["access_token"].count(".") == 2


@pytest.mark.parametrize("method", [SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512])
async def test_takes_the_stronger_signatures(method: SignatureMethod) -> None:
    """SHA-256 and what is stronger is taken."""
    tenant = await partner_tenant()
    document = signed(written(), signature_algorithm=method, digest_algorithm=DigestAlgorithm.SHA512)
    assert await shown(tenant, document)


async def test_any_of_its_certificates_is_good() -> None:
    """While an issuer changes its certificate, both count; a foreign one never does."""
    tenant = await partner_tenant(certificates=(key("earlier")[1], key()[1]))
    assert await shown(tenant, signed(written()))
    assert await shown(tenant, signed(written(), "earlier"))
    assert await why(shown(tenant, signed(written(), "stranger"))) == "subject_untrusted"


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"name": ""}, "subject_malformed"),
        ({"name": "x" * 601}, "subject_malformed"),
        ({"name": "auth0|nobody"}, "subject_gone"),
        ({"issuer": ""}, "subject_malformed"),
        ({"issuer": "x" * 601}, "subject_malformed"),
        ({"issuer": "https://nobody.example"}, "issuer_untrusted"),
        ({"version": "2.1"}, "subject_malformed"),
        ({"ns": "urn:oasis:names:tc:SAML:1.0:assertion"}, "subject_malformed"),
        ({"restrictions": ""}, "subject_audience"),
        ({"restrictions": restriction()}, "subject_audience"),
        ({"restrictions": restriction("https://other.example")}, "subject_audience"),
        ({"restrictions": restriction(HERE, "https://other.example")}, "subject_audience"),
        ({"restrictions": restriction(HERE) + restriction("https://other.example")}, "subject_audience"),
        ({"restrictions": restriction(HERE) + "<saml:OneTimeUse/><saml:ProxyRestriction/>"}, ""),
        ({"restrictions": restriction(HERE) + '<x:Odd xmlns:x="urn:x"/>'}, "subject_malformed"),
        ({"conditions": f'NotOnOrAfter="{moment(-11)}"'}, "subject_expired"),
        ({"conditions": f'NotOnOrAfter="{moment(-9)}"'}, ""),
        ({"conditions": f'NotBefore="{moment(11)}"'}, "subject_expired"),
        ({"conditions": f'NotBefore="{moment(9)}"'}, ""),
        ({"conditions": 'NotOnOrAfter="tomorrow"'}, "subject_malformed"),
        ({"conditions": 'NotOnOrAfter="2027-02-30T00:00:00Z"'}, "subject_malformed"),
        ({"conditions": ""}, ""),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"}, "subject_audience"),
        ({"confirmation": f'Recipient="{HERE}"'}, "subject_expired"),
        ({"confirmation": f'NotOnOrAfter="{moment(-11)}" Recipient="{HERE}"'}, "subject_expired"),
        (
            {"confirmation": f'NotOnOrAfter="{moment(3_700)}" Recipient="{HERE}"', "conditions": ""},
            "subject_expired",
        ),
        ({"confirmation": f'NotOnOrAfter="{moment(300)}"'}, "subject_audience"),
        ({"confirmation": f'NotOnOrAfter="{moment(300)}" Recipient="{ORIGIN}/acs"'}, "subject_audience"),
        (
            {"confirmation": f'NotBefore="{moment(60)}" NotOnOrAfter="{moment(300)}" Recipient="{HERE}"'},
            "subject_expired",
        ),
        (
            {"confirmation": f'NotOnOrAfter="{moment(300)}" Recipient="{HERE}" InResponseTo="_1"'},
            "subject_expired",
        ),
        ({"subject": '<saml:SubjectConfirmation Method="urn:x"/>'}, ""),
        ({"subject": "<saml:NameID>somebody</saml:NameID>"}, "subject_malformed"),
    ],
)
async def test_assertion_has_to_be_for_us_and_in_time(fields: dict[str, str], slug: str) -> None:
    """What an assertion says of its person, its audience, its bearer and its time is held. Section 3."""
    tenant = await partner_tenant()
    document = signed(written(**fields))
    if slug:
        assert await why(shown(tenant, document)) == slug
    else:
        assert await shown(tenant, document)


async def test_assertion_is_good_once() -> None:
    """An assertion that was used is refused until it ends, and what was refused is not used up. Item 7."""
    tenant = await partner_tenant()
    document = signed(written(id="_once"))
    assert await why(shown(tenant, document, audience="https://nothing.example")) == "audience_unknown"
    assert await shown(tenant, document)
    assert await why(shown(tenant, document)) == "subject_replayed"
    assert await why(shown(tenant, signed(written(id="_once", name=person().user_id)))) == "subject_replayed"


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"enabled": False}, "issuer_untrusted"),
        ({"clients": ("shop",)}, "issuer_untrusted"),
        ({"certificates": ()}, "subject_untrusted"),
        ({"names": "email"}, "subject_gone"),
    ],
)
async def test_issuer_is_believed_as_far_as_it_is_trusted(fields: dict[str, Any], slug: str) -> None:
    """A trusted issuer counts while it is enabled, from its clients, by its certificates."""
    tenant = await partner_tenant(**fields)
    assert await why(shown(tenant, signed(written()))) == slug


async def test_expired_certificate_is_none() -> None:
    """What signs has to be valid now."""
    clock = Clock()
    tenant = await partner_tenant(clock)
    clock.now += 11 * 365 * 86_400
    assert await why(shown(tenant, signed(written()))) == "subject_untrusted"


async def test_issuer_of_assertions_signs_no_tokens() -> None:
    """Who is trusted by certificates alone has no keys for JWTs, wherever it may publish some."""
    tenant = await partner_tenant(id="tri_2", issuer=ELSEWHERE, jwks=(), clients=("orders",))
    assert await why(vouched(tenant, word())) == "issuer_untrusted"
    trusted = await tenant.store.named(TrustedIssuer, tenant.id, ELSEWHERE)
    assert trusted
    assert await tenant.change(Save(replace(trusted, jwks=(jwk("rsa"),)))) is None
    assert await vouched(tenant, word())


@pytest.mark.parametrize("text", ["!", "YQ", "é", encoded(b"\xff\xfe<\0a\0/\0>\0"), encoded(b"<a/>")])
async def test_other_texts_are_no_assertions(text: str) -> None:
    """What is no base64url, no UTF-8, no XML or another document is refused alike."""
    assert await why(shown(await partner_tenant(), text)) == "subject_malformed"


async def test_public_client_shows_none() -> None:
    """Anybody can say a public client's id."""
    tenant = await partner_tenant()
    found = await tenant.store.named(type(orders()), tenant.id, "orders")
    assert found
    await saved(tenant, replace(found, token_endpoint_auth_method="none"))
    assert await why(shown(tenant, signed(written()), client_secret=None)) == "client_is_public"


USUAL: dict[str, Any] = {
    "id": "_1",
    "issuer": ISSUER,
    "name": "a",
    "audiences": (),
    "others": (),
    "begins": None,
}


def test_end_is_the_sooner_one() -> None:
    """An assertion ends by its conditions or by its confirmation, and without either it has ended."""
    told = rules.Confirmation(method="urn:x", ends=5.0)
    assert rules.ends_of(rules.Shown(**USUAL, ends=3.0, confirmations=(told,))) == 3.0
    assert rules.ends_of(rules.Shown(**USUAL, ends=None, confirmations=())) == 0


def test_issuer_is_who_signed() -> None:
    """What one issuer signed is not the word of another."""
    said = rules.Shown(**USUAL, ends=3.0, confirmations=())
    with pytest.raises(Refused) as caught:
        rules.hold(said, rules.Expected("https://other.example", (HERE,), 0))
    assert caught.value.reason.slug == "subject_untrusted"
