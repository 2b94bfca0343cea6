"""Permissions of an API, which OAuth calls scopes: all of them, and one more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sekisho.model.api import Api, Scope
from sekisho.pages.dashboard import fields, frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.apis import seen
from sekisho.pages.dashboard.rooms.apis.seen import Seen
from sekisho.registry import apis
from sekisho.registry.apis import ApiFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"value": "text", "description": "text"}
MOST = 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of an API's permissions, how many are found, and the addresses of the first ones and the next."""

    found: tuple[Scope, ...]
    total: int
    first: str
    next: str


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what there is to be allowed."""
    found = await seen.named(ask, tenant)
    form = fields.shown({}, found.api.version, locked=is_locked(found.api, who))
    return _page(form, found, (ask, who, tenant))


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: one more."""
    found = await seen.named(ask, tenant)
    try:
        asked = with_scopes([*said(found.api), fields.typed(ask.form, KINDS)])
        # It is added to those that are read here: whoever is faster is not undone.
        await apis.change(tenant, found.api.id, asked, who.actor(ask), (found.api.version,))
    except Refused as refused:
        form = at_its_fields(fields.again(refused, ask.form, KINDS, {}, found.api.version))
        return frame.refused(_page(form, found, (ask, who, tenant)), refused)
    return frame.done("permission_added", f"{found.path}/permissions", ask)


def is_locked(api: Api, who: Administrator) -> bool:
    """The server itself decides on the permissions of its own APIs."""
    return api.is_system or not who.may("update:resource_servers")


def said(api: Api) -> list[dict[str, Any]]:
    """Its permissions in the words of the verb."""
    return [{"value": scope.value, "description": scope.description or None} for scope in api.scopes]


def with_scopes(scopes: list[dict[str, Any]]) -> ApiFields:
    """These and no others."""
    return fields.converted({"scopes": scopes}, ApiFields)


def at_its_fields(form: Form) -> Form:
    """What is wrong with the list is wrong with the one that was typed."""
    places = {"scopes": "value", "scopes.value": "value", "scopes.description": "description"}
    return replace(form, problems={places.get(name, name): why for name, why in form.problems.items()})


def _page(form: Form, found: Seen, visit: Visit) -> Answer:
    sought = listing.sought(visit[0])
    context = {"form": form, "stretch": _stretch(found.api, sought, visit[0]), "sought": sought}
    return seen.page("api_permissions", found, context, visit)


def _stretch(api: Api, sought: str, ask: Ask) -> Stretch:
    word, after = sought.casefold(), listing.cursor(ask)
    matching = [each for each in api.scopes if word in f"{each.value}\n{each.description}".casefold()]
    start = next((n for n, each in enumerate(matching, 1) if each.id == after), 0)
    found = tuple(matching[start : start + MOST])
    on = found[-1].id if start + MOST < len(matching) else ""
    return Stretch(
        *(found, len(matching)), listing.again(ask, "") if after else "", listing.again(ask, on) if on else ""
    )
