"""One permission of an API: what it means, and its end."""

from collections.abc import Mapping

from sekisho.model.api import Scope
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.dashboard import arming, fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.apis import permissions, seen
from sekisho.pages.dashboard.rooms.apis.seen import Seen
from sekisho.registry import apis
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"description": "text"}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    found = await seen.named(ask, tenant)
    scope, locked = _scope(found, ask), permissions.is_locked(found.api, who)
    form = fields.shown({"description": scope.description}, found.api.version, locked=locked)
    return _page(form, found, scope, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: what it means from now on."""
    found = await seen.named(ask, tenant)
    scope, typed = _scope(found, ask), fields.typed(ask.form, KINDS)
    told = [
        {**each, **(typed if each["value"] == scope.value else {})} for each in permissions.said(found.api)
    ]
    try:
        asked = permissions.with_scopes(told)
        await apis.change(tenant, found.api.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        now = {"description": scope.description}
        form = fields.again(refused, ask.form, KINDS, now, found.api.version)
        return frame.refused(
            _page(permissions.at_its_fields(form), found, scope, (ask, who, tenant)), refused
        )
    return frame.done("saved", f"{found.path}/permissions", ask)


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: who would lose it."""
    found = await seen.named(ask, tenant)
    where = {"audience": found.api.identifier}
    context = {
        "form": arming.asks(locked=permissions.is_locked(found.api, who)),
        "scope": _scope(found, ask),
        "grants": await tenant.store.count(ClientGrant, tenant.id, where),
    }
    return seen.page(
        "api_permission_remove", found, context, (ask, who, tenant), *_crumbs(found, "apis.remove_permission")
    )


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: nobody has it any more."""
    found = await seen.named(ask, tenant)
    gone = _scope(found, ask).value
    rest = permissions.with_scopes([each for each in permissions.said(found.api) if each["value"] != gone])
    await apis.change(tenant, found.api.id, rest, who.actor(ask), (found.api.version,))
    return frame.done("permission_removed", f"{found.path}/permissions", ask)


def _scope(found: Seen, ask: Ask) -> Scope:
    scope = next((each for each in found.api.scopes if each.id == ask.names["scope"]), None)
    if scope is None:
        raise Refused(NOT_FOUND)
    return scope


def _page(form: Form, found: Seen, scope: Scope, visit: Visit) -> Answer:
    crumbs = _crumbs(found, "apis.permission")
    return seen.page("api_permission", found, {"form": form, "scope": scope}, visit, *crumbs)


def _crumbs(found: Seen, last: str) -> tuple[Crumb, ...]:
    return Crumb("apis.permissions", f"{found.path}/permissions"), Crumb(last)
