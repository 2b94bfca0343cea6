"""/api/v2/tenants/settings: what a tenant decides for itself."""

from sekisho.api import query, view
from sekisho.api.bearer import actor, caller
from sekisho.model.tenant import TenantRecord
from sekisho.registry import fields, tenants
from sekisho.registry.tenants import FLAGS, TenantFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def get(ask: Ask, tenant: Tenant) -> Answer:
    """GET /tenants/settings."""
    await caller(ask, tenant, "read:tenant_settings")
    query.only(ask, *view.CUT)
    cut = view.cutter(ask)
    return view.shown(cut(_view(await tenants.current(tenant))))


async def change(ask: Ask, tenant: Tenant) -> Answer:
    """PATCH /tenants/settings."""
    bearer = await caller(ask, tenant, "update:tenant_settings")
    query.only(ask)
    asked = fields.amendment(document.parse(ask.body), TenantFields)
    return view.shown(_view(await tenants.change(tenant, asked, actor(bearer, ask))))


def _view(record: TenantRecord) -> view.View:
    policy = record.policy
    return view.present(
        {
            "friendly_name": policy.friendly_name,
            "picture_url": policy.picture_url,
            "support_email": policy.support_email,
            "support_url": policy.support_url,
            "default_audience": policy.default_audience,
            "enabled_locales": list(policy.languages),
            "flags": dict(FLAGS),
        }
    )
