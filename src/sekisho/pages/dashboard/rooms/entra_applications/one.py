"""One application: as it is found, as it is changed, and the pages about it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.change.unit import At
from sekisho.pages.dashboard import fields, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.frame import Visit
from sekisho.registry import apis, clients
from sekisho.registry.applications import verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant


async def found(ask: Ask, tenant: Tenant) -> Application:
    """The application of this address, for whoever looks."""
    client = await clients.find(tenant, ask.names["client_id"])
    return Application(client, await apis.owned(tenant, client.client_id))


async def opened(ask: Ask, who: Administrator, tenant: Tenant) -> Application:
    """The same, for somebody who may do all that it may."""
    client = await head.open_one(ask, who, tenant)
    return Application(client, await apis.owned(tenant, client.client_id))


async def is_locked(application: Application, visit: Visit) -> bool:
    """It cannot be changed here, or not by them."""
    _, who, tenant = visit
    client = application.client
    is_fixed = bool(await head.lock(client, who, tenant)) or client.registration is not None
    return is_fixed or not who.may("update:clients")


async def change(told: Mapping[str, Any], application: Application, visit: Visit, at: At) -> None:
    """What is told of an application, in Graph's words, is so from now on."""
    ask, who, tenant = visit
    asked = fields.converted(told, EntraApplicationFields)
    await verbs.change(tenant, Meant(application.client.id, who.actor(ask), at), asked)


def at_fields(form: Form, kinds: Kinds, first: str) -> Form:
    """What is wrong with a member of the application, at the field that it was typed into."""
    places = {name: _place(name, kinds, first) for name in form.problems}
    return replace(form, problems={places[name]: why for name, why in form.problems.items()})


def _place(name: str, kinds: Kinds, first: str) -> str:
    last = name.rpartition(".")[2]
    return next((each for each in (name, last) if each in kinds or not each), first)
