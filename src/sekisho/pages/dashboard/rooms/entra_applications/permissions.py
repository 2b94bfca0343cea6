"""API permissions: what an application needs of which API, chosen there and taken away again."""

from collections.abc import Mapping, Sequence

from sekisho.model.api import Api
from sekisho.model.client import Access, Required
from sekisho.model.consent import Consent
from sekisho.pages.dashboard import fields, frame, head, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.entra_applications import needed, one
from sekisho.people.entra import admin_consents
from sekisho.registry import apis
from sekisho.registry.applications.verbs import Application
from sekisho.spec.entra.scope import folded
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"scopes": "ticks", "roles": "ticks"}
WAY, API = "permissions", "api"


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what it needs, and what of it nobody is asked about."""
    application, visit = await one.found(ask, tenant), (ask, who, tenant)
    return await _page(Form({}, application.version), application, visit)


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one fewer is needed; what was granted stays granted."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    gone = (ask.need("resource"), ask.need("access"))
    rest = [
        Required(
            resource=each.resource, access=tuple(a for a in each.access if (each.resource, a.id) != gone)
        )
        for each in application.client.required
    ]
    try:
        told = _told([each for each in rest if each.access])
        await one.change(told, application, visit, (application.version,))
    except Refused as refused:
        form = fields.again(refused, ask.form, {}, {}, application.version)
        return frame.refused(await _page(form, application, visit), refused)
    return frame.done("part_removed", head.path(application.client, WAY), ask)


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: of which API; then, which of its permissions."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    chosen = listing.sought(ask, API)
    try:
        api = await _api(chosen, tenant) if chosen else None
    except Refused as refused:
        form = Form({API: chosen}, problems={API: Problem("entra.api_unknown")})
        return frame.refused(await _every(form, application, visit), refused)
    if api is None:
        return await _every(Form({}), application, visit)
    return await _choosing(fields.shown(_had(application, api), application.version), application, api, visit)


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: of this API, it needs these from now on."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    api = await _api(ask.need(API), tenant)
    had, typed = _had(application, api), fields.typed(ask.form, KINDS)
    try:
        told = _told(_with(application, api, typed)) if typed != had else {}
        await one.change(told, application, visit, fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, had, application.version)
        shown = one.at_fields(form, KINDS, "scopes")
        return frame.refused(await _choosing(shown, application, api, visit), refused)
    return frame.done("saved", head.path(application.client, WAY), ask)


async def _api(name: str, tenant: Tenant) -> Api:
    """By its id, its client id or an identifier URI; only an application has permissions to be needed."""
    api = await apis.find(tenant, folded((name,))[-1])
    if api.owner_client is None:
        raise Refused(API_ABSENT, debug="it is of no application")
    return api


def _of(application: Application, api: Api) -> Required:
    resources = (each for each in application.client.required if each.resource in api.identifiers)
    return next(resources, Required(resource=api.identifier))


def _had(application: Application, api: Api) -> dict[str, object]:
    """As the boxes send them."""
    ids = {(each.kind, each.id) for each in _of(application, api).access}
    return {
        "scopes": [each.id for each in api.scopes if ("Scope", each.id) in ids],
        "roles": [each.id for each in api.app_roles if ("Role", each.id) in ids],
    }


def _with(application: Application, api: Api, typed: Mapping[str, Sequence[str]]) -> list[Required]:
    """What it needs, with these of this API; what the API does not have any more is left as it is."""
    own = _of(application, api)
    scopes, roles = {each.id for each in api.scopes}, {each.id for each in api.app_roles}
    stay = (each for each in own.access if each.id not in scopes | roles)
    chosen = (Access(id) for id in typed["scopes"] if id in scopes)
    as_itself = (Access(id, "Role") for id in typed["roles"] if id in roles)
    new = Required(resource=own.resource, access=(*stay, *chosen, *as_itself))
    before = application.client.required
    every = [new if each is own else each for each in before] if own in before else [*before, new]
    return [each for each in every if each.access]


def _told(every: Sequence[Required]) -> dict[str, object]:
    """As an application says it."""
    return {
        "requiredResourceAccess": [
            {
                "resourceAppId": each.resource,
                "resourceAccess": [{"id": access.id, "type": access.kind} for access in each.access],
            }
            for each in every
        ]
    }


async def _page(form: Form, application: Application, visit: Visit) -> Answer:
    tenant = visit[2]
    client = application.client
    everybodys = len(await admin_consents.of_client(tenant, client))
    context = {
        "form": form,
        "groups": await needed.groups(application, tenant),
        "is_locked": await one.is_locked(application, visit),
        "people": await tenant.store.count(Consent, tenant.id, {"client_id": client.client_id}) - everybodys,
    }
    return await head.page("application_permissions", context, client, visit)


async def _every(form: Form, application: Application, visit: Visit) -> Answer:
    stretch = await listing.stretch(Api, {}, visit[0], visit[2])
    context = {"form": form, "stretch": stretch, "crumb": _crumbs(application)}
    return await head.page("application_permission_new", context, application.client, visit)


async def _choosing(form: Form, application: Application, api: Api, visit: Visit) -> Answer:
    context = {"form": form, "api": api, "crumb": _crumbs(application)}
    return await head.page("application_permission", context, application.client, visit)


def _crumbs(application: Application) -> tuple[Crumb, ...]:
    return Crumb("entra.permissions", head.path(application.client, WAY)), Crumb("entra.add_permissions")
