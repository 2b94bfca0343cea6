"""Certificates for a portal: a PFX goes in, a site setting names it, validators get its public half."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sekisho.change.actor import Actor
from sekisho.keys import certificate
from sekisho.registry import keys
from sekisho.registry.portal import certificates, signing, site_settings
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import (
    CERTIFICATE_ABSENT,
    CERTIFICATE_BOUND,
    CERTIFICATE_UNKNOWN,
    CERTIFICATE_UNUSABLE,
)
from sekisho.tenant import Directory, Tenant
from tests.pfx import packed
from tests.tenants import Clock, demo_directory

ACTOR = Actor(client="tests")
BIG = rsa.generate_private_key(65_537, 2_048)


@pytest.fixture
async def directory() -> Directory:
    return await demo_directory(Clock())


def now(directory: Directory) -> Tenant:
    """The tenant as it is now."""
    found = directory.named("demo")
    assert found
    return found


async def test_a_certificate_signs_when_a_setting_names_it(directory: Directory) -> None:
    """However its thumbprint is written; before that, and afterwards, the portal's own key signs."""
    own, _ = await signing.current(now(directory), ACTOR)
    made = await certificates.upload(now(directory), packed(BIG), "open sesame", ACTOR)
    assert (await signing.current(now(directory), ACTOR))[0].kid == own.kid
    thumbprint = certificate.thumbprint(made.certificate)
    for written in (thumbprint, thumbprint.upper(), " ".join(thumbprint), f"\u200e{thumbprint}"):
        await site_settings.put(now(directory), "CustomCertificates/ImplicitGrantflow", written, ACTOR)
        signer, record = await signing.current(now(directory), ACTOR)
        assert (signer.kid, record.id) == (made.id, made.id)
        text = signer.compact(b"e30", b"{}")
        assert len(text.split(".")) == 3
    with pytest.raises(Refused) as refused:
        await certificates.delete(now(directory), thumbprint, ACTOR)
    assert refused.value.reason is CERTIFICATE_BOUND
    await site_settings.delete(now(directory), "customcertificates/implicitgrantFLOW", ACTOR)
    await certificates.delete(now(directory), thumbprint.upper(), ACTOR)
    assert await certificates.every(now(directory)) == []
    assert (await signing.current(now(directory), ACTOR))[0].kid == own.kid


async def test_the_portals_own_key_stays(directory: Directory) -> None:
    """It is made once and does not rotate: validators load it when they start."""
    first, _ = await signing.current(now(directory), ACTOR)
    with pytest.raises(Refused):
        await keys.rotate(now(directory), "RS256", ACTOR, ring=keys.PORTAL, forced=True)
    again, _ = await signing.current(now(directory), ACTOR)
    assert first.kid == again.kid


@pytest.mark.parametrize("named", ["0" * 40, "none"])
async def test_a_thumbprint_that_nothing_has(directory: Directory, named: str) -> None:
    """A setting that names what is not there lets nothing else sign in its place."""
    await site_settings.put(now(directory), "CustomCertificates/ImplicitGrantflow", named, ACTOR)
    with pytest.raises(Refused) as refused:
        await signing.current(now(directory), ACTOR)
    assert refused.value.reason is CERTIFICATE_ABSENT
    wants = "an uploaded certificate that is valid now"
    assert refused.value.seen == Contrast("CustomCertificates/ImplicitGrantflow", wants, named)


async def test_a_certificate_that_expires(directory: Directory) -> None:
    """From that moment on it signs nothing."""
    made = await certificates.upload(now(directory), packed(BIG, days=2), "open sesame", ACTOR)
    thumbprint = certificate.thumbprint(made.certificate)
    await site_settings.put(now(directory), "CustomCertificates/ImplicitGrantflow", thumbprint, ACTOR)
    await signing.current(now(directory), ACTOR)
    now(directory).tools.clock.now += 2 * 86_400  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        await signing.current(now(directory), ACTOR)
    assert refused.value.reason is CERTIFICATE_ABSENT


@pytest.mark.parametrize(
    ("raw", "password"),
    [
        (b"", ""),
        (b"no pfx", "open sesame"),
        (packed(BIG), "wrong"),
        (packed(ec.generate_private_key(ec.SECP256R1())), "open sesame"),
        (packed(rsa.generate_private_key(65_537, 1_024)), "open sesame"),
        (packed(BIG, days=0.5), "open sesame"),
        (b"\0" * 100_000, ""),
    ],
    ids=["empty", "none", "password", "curve", "small", "expired", "large"],
)
async def test_what_cannot_sign_is_refused(directory: Directory, raw: bytes, password: str) -> None:
    """No PFX, the wrong password, no RSA key, a small one, one that is over: nothing is kept."""
    with pytest.raises(Refused) as refused:
        await certificates.upload(now(directory), raw, password, ACTOR)
    assert refused.value.reason is CERTIFICATE_UNUSABLE
    assert "sesame" not in refused.value.text + refused.value.debug
    assert await certificates.every(now(directory)) == []


async def test_the_same_certificate_again(directory: Directory) -> None:
    """It is there once, and only its own tenant has it."""
    raw = packed(BIG)
    first = await certificates.upload(now(directory), raw, "open sesame", ACTOR)
    again = await certificates.upload(now(directory), raw, "open sesame", ACTOR)
    assert first.id == again.id
    acme = directory.named("acme")
    assert acme
    assert await certificates.every(acme) == []
    with pytest.raises(Refused) as refused:
        await certificates.delete(acme, certificate.thumbprint(first.certificate), ACTOR)
    assert refused.value.reason is CERTIFICATE_UNKNOWN


async def test_whoever_looks_makes_no_key(directory: Directory) -> None:
    """The key that signs is shown as it is there: none before the first token, none where it has expired."""
    assert await signing.standing(now(directory)) is None
    assert await keys.listed(now(directory), keys.PORTAL) == []
    _, own = await signing.current(now(directory), ACTOR)
    assert (await signing.standing(now(directory))) == own
    made = await certificates.upload(now(directory), packed(BIG), "open sesame", ACTOR)
    thumbprint = certificate.thumbprint(made.certificate)
    await site_settings.put(now(directory), "CustomCertificates/ImplicitGrantflow", thumbprint, ACTOR)
    found = await signing.standing(now(directory))
    assert found
    assert found.id == made.id
    await site_settings.put(now(directory), "CustomCertificates/ImplicitGrantflow", "0" * 40, ACTOR)
    assert await signing.standing(now(directory)) is None
