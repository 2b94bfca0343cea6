"""What one application may ask of an API in its own name: given, changed, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.api import MANAGEMENT, Scope
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.caller import Caller
from sekisho.pages.dashboard import arming, fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.apis import machines, seen
from sekisho.pages.dashboard.rooms.apis.seen import Seen
from sekisho.pages.forms import redirect
from sekisho.registry import client_grants, client_rules, clients
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import GRANT_ABSENT
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"scope": "ticks"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be ticked, and how much cannot: nobody gives what they may not themselves."""

    scopes: Sequence[Scope]
    kept_back: int


async def begin(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what shall it be for this application; where it has a grant, that one."""
    found = await seen.named(ask, tenant)
    client = await clients.find(tenant, ask.names["client_id"])
    name = f"{client.client_id} {found.api.identifier}"
    if there := await tenant.store.named(ClientGrant, tenant.id, name):
        return redirect(f"{ask.root}{frame.HOME}{_path(found, there)}")
    locked = not who.may("create:client_grants") or await _is_above(client.client_id, who, tenant)
    form = fields.shown({"scope": ()}, locked=locked)
    return await _page(form, found, client.client_id, (ask, who, tenant))


async def give(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: from now on it may."""
    found, client_id = await seen.named(ask, tenant), ask.names["client_id"]
    told = {**fields.typed(ask.form, KINDS), "client_id": client_id, "audience": found.identifier}
    try:
        asked = fields.converted(told, ClientGrantFields)
        await client_grants.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {}, 0)
        return frame.refused(await _page(form, found, client_id, (ask, who, tenant)), refused)
    return frame.done("machine_allowed", f"{found.path}/machines", ask)


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    found, grant = await _named(ask, tenant)
    locked = not who.may("update:client_grants") or await _is_above(grant.client_id, who, tenant)
    form = fields.shown({"scope": _said(found, grant)}, grant.version, locked=locked)
    return await _page(form, found, grant.client_id, (ask, who, tenant), grant)


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: more, less, or something else."""
    found, grant = await _named(ask, tenant)
    said = {"scope": _said(found, grant)}
    try:
        asked = fields.asked(ask.form, KINDS, said, ClientGrantFields)
        await client_grants.change(tenant, grant.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, said, grant.version)
        return frame.refused(await _page(form, found, grant.client_id, (ask, who, tenant), grant), refused)
    return frame.done("saved", f"{found.path}/machines", ask)


async def question(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what would end."""
    found, grant = await _named(ask, tenant)
    app = await machines.app_of(grant.client_id, who, tenant)
    above = await _is_above(grant.client_id, who, tenant)
    form = arming.asks(locked=above or not who.may("delete:client_grants"))
    crumbs = _crumbs(found, app, grant)
    context = {"form": form, "grant": grant, "app": app}
    return seen.page("api_machine_remove", found, context, (ask, who, tenant), *crumbs, Crumb("apis.remove"))


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it may not ask for anything here any more."""
    found, grant = await _named(ask, tenant)
    await client_grants.delete(tenant, grant.id, who.actor(ask))
    return frame.done("machine_removed", f"{found.path}/machines", ask)


async def _named(ask: Ask, tenant: Tenant) -> tuple[Seen, ClientGrant]:
    found, grant = await seen.named(ask, tenant), await client_grants.find(tenant, ask.names["grant"])
    if grant.audience != found.api.identifier:
        raise Refused(GRANT_ABSENT, debug="it is for another API")
    return found, grant


async def _is_above(client_id: str, who: Administrator, tenant: Tenant) -> bool:
    """The application may do more than whoever looks; one that was deleted may nothing."""
    client = await tenant.store.named(Client, tenant.id, client_id)
    return client is not None and not await client_rules.is_within(tenant, client, who.scopes)


def _said(found: Seen, grant: ClientGrant) -> list[str]:
    """In the order of the page; what the API has lost meanwhile is not there to be ticked."""
    return [scope.value for scope in found.api.scopes if scope.value in grant.scopes]


def _offer(found: Seen, had: Sequence[str], who: Administrator) -> Offer:
    scopes = found.api.scopes
    if found.api.identifier == MANAGEMENT:
        scopes = tuple(each for each in scopes if who.may(each.value) or each.value in had)
    return Offer(scopes, len(found.api.scopes) - len(scopes))


async def _page(
    form: Form, found: Seen, client_id: str, visit: Visit, grant: ClientGrant | None = None
) -> Answer:
    app = await machines.app_of(client_id, *visit[1:])
    had = grant.scopes if grant else ()
    context = {
        "form": form,
        "app": app,
        "grant": grant,
        "offer": _offer(found, had, visit[1]),
        "above": await _is_above(client_id, *visit[1:]),
    }
    return seen.page("api_machine", found, context, visit, *_crumbs(found, app, grant))


def _crumbs(found: Seen, app: Caller, grant: ClientGrant | None) -> tuple[Crumb, ...]:
    path = _path(found, grant) if grant else ""
    return Crumb("apis.machines", f"{found.path}/machines"), Crumb(app.name, path, is_key=False)


def _path(found: Seen, grant: ClientGrant) -> str:
    return f"{found.path}/machines/{frame.segment(grant.id)}"
