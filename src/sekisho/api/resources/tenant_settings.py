"""/api/v2/tenants/settings: what a tenant decides for itself."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.tenant import TenantRecord
from sekisho.registry import tenants
from sekisho.registry.tenant_fields import TenantFields, flags_of
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import AdobePass, Site
from sekisho.tenant import Tenant

HOUR = 3_600
# What is called by our own names.
AS_THEY_ARE = (
    *("management_rate", "management_burst", "token_client_rate", "token_client_burst"),
    *("token_address_rate", "token_address_burst", "audit_days", "adobe_pass"),
    *("refresh_lifetime", "refresh_idle_lifetime", "refresh_leeway", "password_shortest"),
    *("sign_in_account_burst", "sign_in_account_seconds", "sign_in_address_burst"),
    *("sign_in_address_seconds", "sign_up_allowed", "site", "applications_may_take_passwords"),
    *("passwordless_allowed", "user_consent_allowed", "token_exchange_allowed", "exchange_depth"),
    "second_factor",
)


class SettingsSeen(Struct, kw_only=True):
    """The settings of a tenant."""

    friendly_name: Maybe[str]
    picture_url: Maybe[str]
    support_email: Maybe[str]
    support_url: Maybe[str]
    default_audience: Maybe[str]
    enabled_locales: Sequence[str]
    flags: Mapping[str, bool]
    management_rate: float
    management_burst: int
    token_client_rate: float
    token_client_burst: int
    token_address_rate: float
    token_address_burst: int
    audit_days: int
    adobe_pass: AdobePass
    pushed_authorization_requests_supported: bool
    session_lifetime: float
    idle_session_lifetime: float
    refresh_lifetime: int
    refresh_idle_lifetime: int
    refresh_leeway: int
    password_shortest: int
    sign_in_account_burst: int
    sign_in_account_seconds: float
    sign_in_address_burst: int
    sign_in_address_seconds: float
    sign_up_allowed: bool
    user_consent_allowed: bool
    second_factor: str
    applications_may_take_passwords: bool
    passwordless_allowed: bool
    token_exchange_allowed: bool
    exchange_depth: int
    allowed_logout_urls: Sequence[str]
    site: Site


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /tenants/settings."""
    cut = view.cutter(ask)
    record = await tenants.current(tenant)
    return view.shown(cut(_view(record)), version=record.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /tenants/settings."""
    asked = fields.amendment(document.parse(ask.body), TenantFields)
    record = await tenants.change(tenant, asked, actor(bearer, ask), match.versions(ask))
    return view.shown(_view(record), version=record.version)


def _view(record: TenantRecord) -> view.View:
    policy = record.policy
    seen = SettingsSeen(
        friendly_name=unless_empty(policy.friendly_name),
        picture_url=unless_empty(policy.picture_url),
        support_email=unless_empty(policy.support_email),
        support_url=unless_empty(policy.support_url),
        default_audience=unless_empty(policy.default_audience),
        enabled_locales=list(policy.languages),
        allowed_logout_urls=list(policy.allowed_logout_urls),
        flags=flags_of(policy),
        pushed_authorization_requests_supported=policy.pushing_allowed,
        session_lifetime=policy.session_lifetime / HOUR,
        idle_session_lifetime=policy.session_idle_lifetime / HOUR,
        **{name: getattr(policy, name) for name in AS_THEY_ARE},
    )
    return view.members(seen)
