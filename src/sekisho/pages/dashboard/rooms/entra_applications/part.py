"""What an application exposes, one by one: a scope, a role, another application that is authorized."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import of_refusal
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer
from sekisho.spec.refusal import NOT_FOUND, Refused

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of them: `name` in addresses and texts, `key` the member that names one and stays as it is.

    `said` are those of an API in Graph's words, `told` is what an application says with these and no others.
    """

    name: str
    kinds: Kinds
    blank: Mapping[str, Any]
    key: str
    said: Callable[[Api | None], list[Members]]
    told: Callable[[list[Members], Api | None], Members]
    fixed: str
    made: bool = True

    @property
    def open(self) -> Kinds:
        """What can be changed of one that is there."""
        return {name: kind for name, kind in self.kinds.items() if name != self.fixed}


async def begin(sort: Sort, visit: Visit) -> Answer:
    """GET: a new one."""
    ask, who, tenant = visit
    application = await one.opened(ask, who, tenant)
    return await _page(sort, fields.shown(sort.blank, application.version), application, visit)


async def add(sort: Sort, visit: Visit) -> Answer:
    """POST: one more, beside those that are read here: whoever is faster is not undone."""
    ask, who, tenant = visit
    application = await one.opened(ask, who, tenant)
    new = {**({sort.key: str(uuid.uuid4())} if sort.made else {}), **fields.typed(ask.form, sort.kinds)}
    try:
        told = sort.told([*sort.said(application.api), new], application.api)
        await one.change(told, application, visit, (application.version,))
    except Refused as refused:
        form = fields.again(refused, ask.form, sort.kinds, {}, application.version)
        return frame.refused(await _page(sort, _at(form, sort), application, visit), refused)
    return frame.done("saved", head.path(application.client, "expose"), ask)


async def show(sort: Sort, visit: Visit) -> Answer:
    """GET: as it is."""
    application = await one.found(visit[0], visit[2])
    had, locked = _had(sort, application, visit), await one.is_locked(application, visit)
    return await _page(sort, fields.shown(had, application.version, locked=locked), application, visit, had)


async def save(sort: Sort, visit: Visit) -> Answer:
    """POST: as it shall be; what it is called stays."""
    ask, who, tenant = visit
    application = await one.opened(ask, who, tenant)
    had, kinds = _had(sort, application, visit), sort.open
    new = {**had, **fields.typed(ask.form, kinds)}
    every = [new if each == had else each for each in sort.said(application.api)]
    try:
        told = sort.told(every, application.api) if new != had else {}
        await one.change(told, application, visit, fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, kinds, had, application.version)
        return frame.refused(await _page(sort, _at(form, sort), application, visit, had), refused)
    return frame.done("saved", head.path(application.client, "expose"), ask)


async def doubt(sort: Sort, visit: Visit) -> Answer:
    """GET: asks."""
    application = await one.opened(*visit)
    return await _asking(sort, arming.asks(locked=False), application, visit)


async def remove(sort: Sort, visit: Visit) -> Answer:
    """POST: it is gone; one that is enabled stays."""
    ask, who, tenant = visit
    application = await one.opened(ask, who, tenant)
    gone = _had(sort, application, visit)
    rest = [each for each in sort.said(application.api) if each != gone]
    try:
        await one.change(sort.told(rest, application.api), application, visit, (application.version,))
    except Refused as refused:
        why = next(iter(of_refusal(refused).values()))
        form = replace(arming.asks(locked=False), problems={"": why})
        return frame.refused(await _asking(sort, form, application, visit), refused)
    return frame.done("part_removed", head.path(application.client, "expose"), ask)


def _had(sort: Sort, application: Application, visit: Visit) -> Members:
    """The one that the address names."""
    id = visit[0].names["part"]
    found = next((each for each in sort.said(application.api) if each[sort.key] == id), None)
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def _at(form: Form, sort: Sort) -> Form:
    return one.at_fields(form, sort.kinds, sort.fixed)


async def _page(
    sort: Sort, form: Form, application: Application, visit: Visit, had: Members | None = None
) -> Answer:
    name = str(had[sort.fixed]) if had else ""
    last = Crumb(name, is_key=False) if had else Crumb(f"entra.add_{sort.name}")
    context = {
        "form": form,
        "sort": sort,
        "had": had,
        "known": await visit[2].known.named(Client, visit[2].id, name) if had and not sort.made else None,
        "api": application.api,
        "crumb": (Crumb("entra.expose", head.path(application.client, "expose")), last),
    }
    return await head.page(f"application_expose_{sort.name}", context, application.client, visit)


async def _asking(sort: Sort, form: Form, application: Application, visit: Visit) -> Answer:
    had = _had(sort, application, visit)
    crumbs = (Crumb("entra.expose", head.path(application.client, "expose")), Crumb("entra.remove"))
    context = {"form": form, "sort": sort, "had": had, "crumb": crumbs, "name": str(had[sort.fixed])}
    return await head.page("application_expose_remove", context, application.client, visit)
