"""One more software statement, as a file."""

from sekisho.pages.dashboard import arming
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.registered_applications import seen
from sekisho.registry import registered_applications
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement

KIND = "text/plain"


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what it is, and where it goes."""
    found = await seen.named(ask, tenant)
    locked = found.state != "published" or not who.may("create:software_statements")
    crumbs = (Crumb("registered.statements", f"{seen.path(found)}/statements"), Crumb("registered.download"))
    context = {"form": arming.asks(locked=locked)}
    return seen.page("registered_download", found, context, (ask, who, tenant), *crumbs)


async def give(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the file, signed now and kept nowhere."""
    made = await registered_applications.give_statement(tenant, ask.names["application"], who.actor(ask))
    able = await tenant.able(software_statement.RING, software_statement.ALG)
    text = software_statement.mint(made, tenant.issuer(ask), able)
    file = f'attachment; filename="software_statement_{int(tenant.now() * 1000)}.txt"'
    return Answer(body=text.encode(), kind=KIND, headers=(*NO_STORE, ("content-disposition", file)))
