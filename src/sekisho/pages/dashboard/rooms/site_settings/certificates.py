"""What a portal signs with: the certificates that were brought along, and the public half for APIs."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.keys import certificate
from sekisho.model.signing_key import SigningKey
from sekisho.pages.dashboard import arming, fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry.portal import certificates, signing
from sekisho.spec.http import Answer, Ask
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import CERTIFICATE_UNKNOWN
from sekisho.tenant import Tenant

ROOM = "/site-settings/certificates"
PUBLIC_KEY = "/_services/auth/publickey"
_WAY = (Crumb("dash.site_settings", "/site-settings"), Crumb("site_settings.certificates", ROOM))


@dataclass(frozen=True, slots=True)
class Seen:
    """A certificate as Windows names it, until when it is good, and whether the setting names it."""

    thumbprint: str
    subject: str
    ends: float
    is_over: bool
    is_named: bool


async def every(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: all of them, the next to expire first; and the key that APIs check tokens with."""
    named = await _named(tenant)
    found = [_seen(each, named, tenant) for each in await certificates.every(tenant)]
    signs = await signing.standing(tenant)
    context = {
        "rows": sorted(found, key=lambda each: (each.ends, each.thumbprint)),
        "named": named,
        "signs": signs,
        "pem": _public(signs) if signs else "",
        "address": ask.root + PUBLIC_KEY,
    }
    return frame.page("site_settings_certificates", context, _WAY, (ask, who, tenant))


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    return await _asking(arming.asks(locked=False), (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is gone, with its key."""
    try:
        await certificates.delete(tenant, ask.names["thumbprint"], who.actor(ask))
    except Refused as refused:
        if refused.reason is CERTIFICATE_UNKNOWN:
            raise
        form = fields.again(refused, ask.form, {}, {}, 0)
        return frame.refused(await _asking(form, (ask, who, tenant)), refused)
    return frame.done("certificate_deleted", ROOM, ask)


async def _asking(form: Form, visit: Visit) -> Answer:
    ask, _, tenant = visit
    named, wanted = await _named(tenant), setting.thumbprint(ask.names["thumbprint"])
    found = [_seen(each, named, tenant) for each in await certificates.every(tenant)]
    seen = next((each for each in found if each.thumbprint == wanted), None)
    if seen is None:
        raise Refused(CERTIFICATE_UNKNOWN)
    crumbs = (*_WAY, Crumb("site_settings.delete_certificate"))
    return frame.page("site_settings_certificate_delete", {"form": form, "seen": seen}, crumbs, visit)


async def _named(tenant: Tenant) -> str:
    return setting.thumbprint(await signing.value(tenant, setting.CERTIFICATE))


def _seen(record: SigningKey, named: str, tenant: Tenant) -> Seen:
    der = record.certificate
    thumbprint = certificate.thumbprint(der)
    over = certificate.is_over(der, tenant.now())
    return Seen(thumbprint, certificate.subject(der), certificate.ends(der), over, thumbprint == named)


def _public(record: SigningKey) -> str:
    public = certificate.public_key(record.certificate)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii").strip()
