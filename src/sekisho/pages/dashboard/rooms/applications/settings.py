"""Application Settings: what an application is called, where people are sent, how it has to ask."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from sekisho.model.client import Client
from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind, Kinds
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.head import TYPES
from sekisho.pages.dashboard.rooms.applications import remarks
from sekisho.registry import clients
from sekisho.registry.client_fields import ClientFields, refreshing
from sekisho.registry.client_rules import OPEN
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import EXCHANGES, PASSWORD_GRANTS, PASSWORDLESS
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

PUSHING = ("require_pushed_authorization_requests", "par_request_expiry")
# What the server has; others stay where they are registered.
GRANT_TYPES = (
    *("authorization_code", "refresh_token", "client_credentials", "implicit"),
    *(*EXCHANGES, PASSWORDLESS, *PASSWORD_GRANTS),
)
KINDS: Mapping[str, Kind] = {
    "name": "text",
    "description": "text",
    "app_type": "text",
    "logo_uri": "text",
    "enabled": "switch",
    "is_first_party": "switch",
    "cross_origin_authentication": "switch",
    "oidc_conformant": "switch",
    "callbacks": "lines",
    "allowed_logout_urls": "lines",
    "web_origins": "lines",
    "allowed_origins": "lines",
    "initiate_login_uri": "text",
    "grant_types": "ticks",
    PUSHING[0]: "switch",
    PUSHING[1]: "number",
    "scope_claims_in_id_token": "text",
    "resource_server_identifier": "text",
    "refresh_token.rotation_type": "text",
    "refresh_token.leeway": "number",
    "refresh_token.token_lifetime": "number",
    "refresh_token.infinite_token_lifetime": "switch",
    "refresh_token.idle_token_lifetime": "number",
    "refresh_token.infinite_idle_token_lifetime": "switch",
}
# Read by themselves.
FREE: Mapping[str, Kind] = {remarks.FIELD: "lines"}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    client = await clients.find(tenant, ask.names["client_id"])
    return await page_of(client, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    said, kinds = _said(client, tenant), _kinds(client, tenant)
    try:
        asked = replace(
            fields.asked(ask.form, kinds, said, ClientFields),
            client_metadata=remarks.changed(fields.typed(ask.form, FREE)[remarks.FIELD], client),
        )
        made = await clients.change(tenant, client.client_id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, {**kinds, **FREE}, said, client.version)
        return frame.refused(await _page(form, client, visit), refused)
    if made.secret:
        return await page_of(made.client, visit, made.secret)
    return frame.done("saved", head.path(client, "settings"), ask)


async def page_of(client: Client, visit: Visit, secret: str = "") -> Answer:
    """The page of an application as it is; with a secret that was just made, for the only time."""
    _, who, tenant = visit
    is_locked = not who.may("update:clients") or bool(await head.lock(client, who, tenant))
    form = fields.shown(_said(client, tenant), client.version, locked=is_locked)
    return await _page(form, client, visit, secret)


def _kinds(client: Client, tenant: Tenant) -> Kinds:
    """The fields that can be filled in: what is locked is not sent."""
    if client.registration:
        return {name: kind for name, kind in KINDS.items() if name in OPEN}
    is_open = tenant.policy.pushing_allowed or client.requires_pushing
    return {name: kind for name, kind in KINDS.items() if is_open or name not in PUSHING}


def _said(client: Client, tenant: Tenant) -> Mapping[str, Any]:
    own = {name: getattr(client, name) for name in KINDS if hasattr(client, name)}
    terms = refreshing(client.refresh, tenant.policy)
    refresh = {f"refresh_token.{name}": getattr(terms, name) for name in terms.__struct_fields__}
    return {
        **own,
        **refresh,
        "callbacks": [reply.url for reply in client.reply_urls],
        # As the boxes send them.
        "grant_types": [each for each in _grant_types(client) if each in client.grant_types],
        PUSHING[0]: client.requires_pushing,
        PUSHING[1]: client.pushed_lifetime,
        remarks.FIELD: remarks.lines(client),
    }


def _grant_types(client: Client) -> tuple[str, ...]:
    return (*GRANT_TYPES, *(each for each in client.grant_types if each not in GRANT_TYPES))


async def _page(form: Form, client: Client, visit: Visit, secret: str = "") -> Answer:
    policy = visit[2].policy
    context = {
        "form": form,
        "types": TYPES if client.app_type in TYPES else (*TYPES, client.app_type),
        "grant_types": _grant_types(client),
        "is_allowed": policy.pushing_allowed,
        "is_required": policy.pushing_required,
        "usual_lifetime": policy.pushed_lifetime,
        "secret": secret,
    }
    return await head.page("application_settings", context, client, visit)
