"""Machine to machine: which applications may call an API as themselves; which one may be next."""

from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.caller import Caller, caller
from sekisho.pages.dashboard import listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.apis import seen
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    found = await seen.named(ask, tenant)
    where = {"audience": found.api.identifier}
    stretch = await listing.stretch(ClientGrant, where, ask, tenant)
    rows = [(await app_of(grant.client_id, who, tenant), grant) for grant in stretch.found]
    return seen.page("api_machines", found, {"rows": rows, "stretch": stretch}, (ask, who, tenant))


async def choose(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the applications that somebody made; installations are none of them."""
    found, sought = await seen.named(ask, tenant), listing.sought(ask)
    where = {"application": "", **({"words": sought} if sought else {})}
    stretch = await listing.stretch(Client, where, ask, tenant)
    rows = [(caller(client), client) for client in stretch.found]
    crumbs = (Crumb("apis.machines", f"{found.path}/machines"), Crumb("apis.allow"))
    context = {"rows": rows, "stretch": stretch, "sought": sought}
    return seen.page("api_machine_new", found, context, (ask, who, tenant), *crumbs)


async def app_of(client_id: str, who: Administrator, tenant: Tenant) -> Caller:
    """The application of a client grant, named for those who may see applications."""
    client = await tenant.known.named(Client, tenant.id, client_id) if who.may("read:clients") else None
    return caller(client) if client else Caller(client_id, client_id)
