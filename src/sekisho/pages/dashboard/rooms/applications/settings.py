"""Application Settings: what an application is called, where people are sent, how it has to ask."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.client import Client
from sekisho.pages.caller import caller
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import clients
from sekisho.registry.client_fields import ClientFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

REQUIRED = "require_pushed_authorization_requests"
KINDS: Kinds = {
    "name": "text",
    "description": "text",
    "app_type": "text",
    "logo_uri": "text",
    "enabled": "switch",
    "is_first_party": "switch",
    "callbacks": "lines",
    "allowed_logout_urls": "lines",
    "web_origins": "lines",
    "allowed_origins": "lines",
    "initiate_login_uri": "text",
    "grant_types": "ticks",
    REQUIRED: "switch",
    "par_request_expiry": "number",
    "scope_claims_in_id_token": "text",
}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    client = await clients.find(tenant, ask.names["client_id"])
    form = fields.shown(_said(client), client.version, locked=not who.may("update:clients"))
    return _page(form, client, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    client = await clients.find(tenant, ask.names["client_id"])
    said, kinds = _said(client), _kinds(client, tenant)
    try:
        asked = fields.asked(ask.form, kinds, said, ClientFields)
        await clients.change(tenant, client.client_id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, kinds, said, client.version)
        return frame.refused(_page(form, client, (ask, who, tenant)), refused)
    return frame.done("saved", path(client), ask)


def path(client: Client) -> str:
    """Where the page of an application is."""
    return f"/applications/{frame.segment(client.client_id)}/settings"


def _kinds(client: Client, tenant: Tenant) -> Kinds:
    """The fields that can be filled in: what is locked is not sent."""
    is_open = tenant.policy.pushing_allowed or client.requires_pushing
    locked = () if is_open else (REQUIRED, "par_request_expiry")
    return {name: kind for name, kind in KINDS.items() if name not in locked}


def _said(client: Client) -> Mapping[str, Any]:
    own = {name: getattr(client, name) for name in KINDS if hasattr(client, name)}
    return {
        **own,
        "callbacks": [reply.url for reply in client.reply_urls],
        "grant_types": list(client.grant_types),
        REQUIRED: client.requires_pushing,
        "par_request_expiry": client.pushed_lifetime,
    }


def _page(form: Form, client: Client, visit: Visit) -> Answer:
    context = {
        "form": form,
        "app": caller(client),
        "client": client,
        "allowed": visit[2].policy.pushing_allowed,
    }
    crumbs = (Crumb("dash.applications", "/applications"), Crumb(client.name, is_key=False))
    return frame.page("application_settings", context, crumbs, visit)
