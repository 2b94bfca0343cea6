"""The page of the demo portal: registered by site settings, and told to them when the server moves."""

from sekisho.cli.dev.traveller import origins
from sekisho.cli.folder import Card, PortalPage
from sekisho.cli.work import OPERATOR
from sekisho.model.tenant import SiteSetting
from sekisho.pages.demo.portal import CLIENT, PATH
from sekisho.registry.portal import site_settings
from sekisho.spec.portal import setting
from sekisho.tenant import Tenant


async def prepare(tenant: Tenant, card: Card) -> PortalPage:
    """Its client is one of those that are registered; where answers go to is what this start serves."""
    clients = setting.listed(await _value(tenant, setting.CLIENTS))
    if CLIENT not in clients:
        await _put(tenant, setting.CLIENTS, (*clients, CLIENT))
    slug = tenant.record.slug
    pages = (each + prefix + PATH for each in origins(card.base_url) for prefix in ("", f"/t/{slug}"))
    await _put(tenant, setting.redirects_of(CLIENT), tuple(pages))
    return PortalPage(url=card.base_url + PATH, client_id=CLIENT)


async def _value(tenant: Tenant, name: str) -> str | None:
    found = await tenant.store.named(SiteSetting, tenant.id, setting.canonical(name))
    return found.value if found else None


async def _put(tenant: Tenant, name: str, items: tuple[str, ...]) -> None:
    """Where it says so already, nothing changes."""
    await site_settings.put(tenant, name, ";".join(items), OPERATOR)
