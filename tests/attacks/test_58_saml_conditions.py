"""Assertions for others, of other times, and shown again (attack class 58)."""

import asyncio
from base64 import urlsafe_b64encode

import pytest

from sekisho.model.connection import TrustedIssuer
from sekisho.spec.refusal import Refused
from tests.entra import entra_tenant
from tests.exchanges import why
from tests.saml.papers import asserted, opened
from tests.saml.partner import HERE, issuer, moment, partner_tenant, restriction, shown, signed, written
from tests.tenants import ORIGIN, TENANT, Clock


async def test_two_that_show_it_at_once_get_one_token() -> None:
    """An assertion that was stolen on its way is good for one of both, however close they are."""
    tenant, document = await partner_tenant(), signed(written())
    found = await asyncio.gather(*(shown(tenant, document) for _ in range(5)), return_exceptions=True)
    refused = [each for each in found if isinstance(each, Refused)]
    assert len(refused) == 4
    assert {each.reason.slug for each in refused} == {"subject_replayed"}


async def test_it_is_remembered_until_it_ends() -> None:
    """As long as its times hold it is known to have been used; the leeway for clocks is part of that."""
    clock = Clock()
    tenant, document = await partner_tenant(clock), signed(written())
    assert await shown(tenant, document)
    clock.now += 305
    assert await why(shown(tenant, document)) == "subject_replayed"
    clock.now += 10
    assert await why(shown(tenant, document)) == "subject_expired"


@pytest.mark.parametrize(
    "fields",
    [
        {"restrictions": restriction(f"{ORIGIN}.evil.example/")},
        {"restrictions": restriction(f"{ORIGIN}")},
        {"restrictions": restriction(f" {HERE} ")},
        {"confirmation": f'NotOnOrAfter="{moment(300)}" Recipient="{HERE}/"'},
        {"confirmation": f'NotOnOrAfter="{moment(300)}" Recipient="{HERE}?x"'},
    ],
)
async def test_what_is_nearly_for_us_is_for_somebody_else(fields: dict[str, str]) -> None:
    """Audience and recipient are compared letter for letter."""
    assert await why(shown(await partner_tenant(), signed(written(**fields)))) == "subject_audience"


async def test_assertion_of_ours_is_no_grant() -> None:
    """What the server says of people to others does not come back as somebody's word."""
    here = await entra_tenant()
    text = (await asserted(here))["access_token"]
    tenant = await partner_tenant()
    assert await why(shown(tenant, text)) == "issuer_untrusted"
    certificates = tuple(here.keys.certificates("tokens", "RS256"))
    told = issuer(issuer=f"{ORIGIN}/{TENANT}/", certificates=certificates, id="tri_own")
    assert isinstance(told, TrustedIssuer)
    again = await partner_tenant(issuer=told.issuer, certificates=certificates, id="tri_own")
    assert await why(shown(again, urlsafe_b64encode(opened(text)).decode())) == "subject_audience"
