"""Admin consent: what an application needs is granted for everybody, and taken back."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from sekisho.model.api import Api
from sekisho.oauth.delegation.needed import required
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.entra_applications import needed, one
from sekisho.people.entra import admin_consents, permission_grants
from sekisho.people.entra.admin_consents import Share
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.management import VERSION_STALE
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.tenant import Tenant

SEEN = "seen"
_SIGN_INS = frozenset(("authorization_code", "implicit"))


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks, and lists all that is granted."""
    application = await one.opened(ask, who, tenant)
    shares = await _shares(application, tenant)
    return await _asking(arming.asks(locked=False), application, shares, (ask, who, tenant))


async def give(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: granted, if it is still what was shown."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    shares = await _shares(application, tenant)
    if ask.get(SEEN) != _digest(shares):
        refused = Refused(VERSION_STALE)
        form = fields.again(refused, ask.form, {}, {}, application.version)
        return frame.refused(await _asking(form, application, shares, visit), refused)
    if any(each.roles for each in shares):
        _may(who, "create:app_role_assignments")
    await admin_consents.give(tenant, application.client, shares, who.actor(ask))
    return frame.done("consent_granted", head.path(application.client, "permissions"), ask)


async def reconsider(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks whether it shall be taken back, of one API."""
    application = await one.opened(ask, who, tenant)
    group = await _group(application, ask, tenant)
    context = {"form": arming.asks(locked=False), "group": group, "crumb": _crumbs(application, "revoke")}
    return await head.page("application_revoke", context, application.client, (ask, who, tenant))


async def take_back(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: people are asked again, and tokens end."""
    application = await one.opened(ask, who, tenant)
    group = await _group(application, ask, tenant)
    api = None if group.resource == needed.OURS else group.api.identifier if group.api else group.resource
    if any(each.kind == "Role" for each in group.lines):
        _may(who, "delete:app_role_assignments")
    await admin_consents.take_back(tenant, application.client, api, who.actor(ask))
    return frame.done("consent_revoked", head.path(application.client, "permissions"), ask)


def _may(who: Administrator, scope: str) -> None:
    """Roles are somebody else's to give and to take than consent is, where ranks are not the usual ones."""
    if not who.may(scope):
        raise Refused(ADMINISTRATION_DENIED, debug=scope)


async def _shares(application: Application, tenant: Tenant) -> list[Share]:
    """All that it needs; and who people are, where it signs them in, so that nobody is asked for that."""
    client = application.client
    wanted = [Share(each.api, each.scopes, each.roles) for each in await required(client, tenant)]
    if not _SIGN_INS.intersection(client.grant_types) or not any(each.scopes for each in wanted):
        return wanted
    goes_on = "refresh_token" in client.grant_types
    words = tuple(each for each in permission_grants.OWN if goes_on or each != "offline_access")
    return [Share(None, words), *wanted]


def _digest(shares: Sequence[Share]) -> str:
    """What a form was shown with, in few letters."""
    return hashlib.sha256(msgspec.json.encode(shares)).hexdigest()


async def _group(application: Application, ask: Ask, tenant: Tenant) -> needed.Group:
    """The group of permissions that the address names."""
    for each in await needed.groups(application, tenant):
        if each.resource == ask.names["resource"] and each.is_granted:
            return each
    raise Refused(NOT_FOUND)


async def _asking(form: Form, application: Application, shares: Sequence[Share], visit: Visit) -> Answer:
    tenant = visit[2]
    named = [
        (await tenant.store.named(Api, tenant.id, each.api) if each.api else None, each) for each in shares
    ]
    context = {
        "form": replace(form, values={SEEN: _digest(shares)}),
        "shares": named,
        "crumb": _crumbs(application, "grant"),
    }
    return await head.page("application_consent", context, application.client, visit)


def _crumbs(application: Application, last: str) -> tuple[Crumb, ...]:
    return Crumb("entra.permissions", head.path(application.client, "permissions")), Crumb(f"entra.{last}")
