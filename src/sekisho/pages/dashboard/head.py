"""What all pages about one application share: who it is, whether it can be changed here."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sekisho.model.client import Client
from sekisho.pages.caller import caller
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import client_rules, clients
from sekisho.spec.http import Answer, Ask
from sekisho.spec.metadata import SECRET_METHODS
from sekisho.tenant import Tenant

TYPES = ("regular_web", "spa", "native", "non_interactive", "portal")


def path(client: Client, rest: str) -> str:
    """Where a page of an application is."""
    return f"/applications/{frame.segment(client.client_id)}/{rest}"


def is_mixed(client: Client) -> bool:
    """Several ways prove it at once: a secret, and assertions beside."""
    return client.token_endpoint_auth_method in SECRET_METHODS and bool(client.client_authentication_methods)


async def lock(client: Client, who: Administrator, tenant: Tenant) -> str:
    """Why it cannot be changed: it is ours, or may do more than whoever looks; empty where it can."""
    if client_rules.is_ours(client):
        return "ours"
    is_within = await client_rules.is_within(tenant, client, who.scopes)
    return "" if is_within else "above"


async def open_one(ask: Ask, who: Administrator, tenant: Tenant) -> Client:
    """The application of this address, for somebody who may do all that it may."""
    client = await clients.find(tenant, ask.names["client_id"])
    return await client_rules.may_be_changed(tenant, client, who.scopes)


async def page(name: str, context: Mapping[str, object], client: Client, visit: Visit) -> Answer:
    """A page below the head of an application; its last crumb is `context["crumb"]`, or several, if any."""
    ask, who, tenant = visit
    crumb = context.get("crumb", ())
    last = crumb if isinstance(crumb, tuple) else (crumb,)
    own = Crumb(client.name, path(client, "settings") if last else "", is_key=False)
    known = {
        "app": caller(client),
        "client": client,
        "at": f"{urlsplit(ask.root).path}{frame.HOME}{path(client, '').removesuffix('/')}",
        "lock": await lock(client, who, tenant),
        "has_secret": client.token_endpoint_auth_method in SECRET_METHODS,
        "secret": "",
    }
    crumbs = (Crumb("dash.applications", "/applications"), own, *last)
    return frame.page(name, {**known, **context}, crumbs, visit)
