"""Site settings: who gets tokens, which tokens these are, what signs them, who else may read them."""

from sekisho.keys import certificate
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.site_settings import known
from sekisho.pages.dashboard.rooms.site_settings.standing import Standing, standing
from sekisho.registry import tenants
from sekisho.registry.portal import certificates, clients, site_settings
from sekisho.spec.http import Answer, Ask
from sekisho.spec.portal import cors, setting
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

ROOM = "/site-settings"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    now = await standing(tenant, known.SORTS)
    form = fields.shown(known.said(now), now.version, locked=not who.may("update:site_settings"))
    return await _page(form, now, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    now = await standing(tenant, known.SORTS)
    said = known.said(now)
    try:
        now.is_meant(ask.form)
        told = known.told(fields.typed(ask.form, known.KINDS), said)
        await site_settings.change(tenant, told, who.actor(ask), now.versions)
    except Refused as refused:
        form = fields.again(refused, ask.form, known.KINDS, said, now.version)
        return frame.refused(await _page(form, now, (ask, who, tenant)), refused)
    return frame.done("saved", ROOM, ask)


async def _page(form: Form, now: Standing, visit: Visit) -> Answer:
    _, who, tenant = visit
    context = {
        "form": form,
        "lifetime": setting.lifetime(now.value(setting.LIFETIME)),
        "usual": setting.USUAL,
        "headers": cors.USUAL,
        "choices": await _choices(form, who, tenant),
        "clients": await clients.every(tenant),
        "site": (await tenants.current(tenant)).policy.site,
        "is_on": setting.is_on(now.value(setting.ENABLED)),
    }
    return frame.page("site_settings", context, (Crumb("dash.site_settings"),), visit)


async def _choices(form: Form, who: Administrator, tenant: Tenant) -> list[str]:
    """The certificates that could sign; what the setting names is among them, also where it is not there."""
    found = await certificates.every(tenant) if who.may("read:certificates") else []
    there = [certificate.thumbprint(each.certificate) for each in found]
    named = form.text(setting.CERTIFICATE)
    return list(dict.fromkeys((*there, *((named,) if named else ()))))
