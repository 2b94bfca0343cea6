"""The last change of configuration: what came before it and what came after it may differ."""

from dataclasses import dataclass

from sekisho.model.client import DASHBOARD, Client
from sekisho.model.event import Event
from sekisho.model.user import User
from sekisho.pages.dashboard.rooms.overview import newest
from sekisho.pages.dashboard.rooms.overview.newest import Counted
from sekisho.pages.face import face
from sekisho.tenant import Tenant

# What changes whether requests are refused.
SLUGS = frozenset(
    (
        *("client_created", "client_changed", "client_deleted", "client_secret_rotated"),
        *("credential_created", "credential_changed", "credential_deleted"),
        *("client_grant_created", "client_grant_changed", "client_grant_deleted"),
        *("api_created", "api_changed", "api_deleted"),
        *("site_setting_put", "site_setting_deleted", "certificate_uploaded", "certificate_deleted"),
        *("key_rotated", "key_revoked", "tenant_changed"),
    )
)
# Among so many of the last ones, one is of somebody.
MOST = 5
# Where an event says what was changed.
NAMES = ("name", "identifier", "api", "audience", "alg", "thumbprint")


@dataclass(frozen=True, slots=True)
class Changed:
    """Who changed what, and which fields of it."""

    event: Event
    who: str
    what: str
    fields: tuple[str, ...]


async def last(tenant: Tenant, counted: Counted) -> Changed | None:
    """The newest one; what the dashboard needs for itself is none."""
    for event in await newest.of(SLUGS, counted, MOST, tenant):
        if event.detail.get("client_id") != DASHBOARD:
            told = event.detail.get("fields")
            fields = tuple(map(str, told)) if isinstance(told, (list, tuple)) else ()
            return Changed(event, await _who(event, tenant), await _what(event, tenant), fields)
    return None


async def _who(event: Event, tenant: Tenant) -> str:
    if event.user:
        user = await tenant.store.named(User, tenant.id, event.user)
        return face(user).label if user else event.user
    return await _client(event.client, tenant)


async def _what(event: Event, tenant: Tenant) -> str:
    told = next((event.detail[name] for name in NAMES if event.detail.get(name)), "")
    return str(told) if told else await _client(event.detail.get("client_id"), tenant)


async def _client(client_id: object, tenant: Tenant) -> str:
    if not isinstance(client_id, str):
        return ""
    client = await tenant.known.named(Client, tenant.id, client_id)
    return client.name if client else client_id
