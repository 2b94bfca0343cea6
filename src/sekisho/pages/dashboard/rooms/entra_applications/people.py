"""Who agreed to what for an application: people one by one, and administrators for everybody."""

from sekisho.model.api import Api
from sekisho.model.consent import Consent
from sekisho.model.user import User
from sekisho.pages.dashboard import head, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.pages.face import Face, face
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    application = await one.found(ask, tenant)
    client = application.client
    stretch = await listing.stretch(Consent, {"client_id": client.client_id}, ask, tenant)
    rows = [(each, await _face(each, tenant), await _api(each, tenant)) for each in stretch.found]
    crumbs = (Crumb("entra.permissions", head.path(client, "permissions")), Crumb("entra.people"))
    context = {"rows": rows, "stretch": stretch, "crumb": crumbs}
    return await head.page("application_people", context, client, (ask, who, tenant))


async def _face(consent: Consent, tenant: Tenant) -> Face | None:
    user = await tenant.store.named(User, tenant.id, consent.user) if consent.user else None
    return face(user) if user else None


async def _api(consent: Consent, tenant: Tenant) -> Api | None:
    return await tenant.known.named(Api, tenant.id, consent.api) if consent.api else None
