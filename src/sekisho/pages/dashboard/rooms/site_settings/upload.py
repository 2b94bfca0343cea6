"""A certificate with its key is brought along: a PFX as text, and the password that opens it."""

from base64 import b64decode

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry.portal import certificates
from sekisho.spec.http import Answer, Ask
from sekisho.spec.metadata import problem
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

ROOM = "/site-settings/certificates"


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the form."""
    return _page(fields.shown({}), (ask, who, tenant))


async def take(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is taken in; what was sent is never shown again."""
    try:
        raw = _opened("".join((ask.get("pfx") or "").split()))
        await certificates.upload(tenant, raw, ask.get("password") or "", who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, (), {}, {}, 0)
        return frame.refused(_page(form, (ask, who, tenant)), refused)
    return frame.done("certificate_uploaded", ROOM, ask)


def _opened(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as wrong:
        raise problem("pfx", "is not Base64") from wrong


def _page(form: Form, visit: Visit) -> Answer:
    way = (Crumb("dash.site_settings", "/site-settings"), Crumb("site_settings.certificates", ROOM))
    return frame.page("site_settings_upload", {"form": form}, (*way, Crumb("site_settings.upload")), visit)
