"""The key that validators ask for, by themselves and without cookies."""

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.change.actor import Actor
from sekisho.faces.power_pages import visit
from sekisho.faces.power_pages.says import in_words_of
from sekisho.keys import certificate
from sekisho.registry.portal import signing
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

CACHED = (("cache-control", "public, max-age=600"),)


async def public_key(ask: Ask, tenant: Tenant) -> Answer:
    """GET /_services/auth/publickey: a SubjectPublicKeyInfo in PEM, and not a certificate."""
    await visit.is_on(tenant)
    actor = Actor(address=ask.address, correlation=ask.correlation)
    try:
        _, record = await signing.current(tenant, actor)
    except Refused as refused:
        raise in_words_of(refused, None, tenant) from None
    public = certificate.public_key(record.certificate)
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Answer(body=text, kind="text/plain; charset=utf-8", headers=CACHED)
