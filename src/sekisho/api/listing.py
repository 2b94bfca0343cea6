"""Lists, a stretch at a time: by page, or from the last one seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sekisho.api import query, view
from sekisho.model.record import Record
from sekisho.spec.http import Answer, Ask, one
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

R = TypeVar("R", bound=Record)
Filter = Callable[[str, Tenant], Where | None]

MOST = 100
USUAL = 50
LAST_PAGE = 1_000_000
PAGES = ("page", "per_page")
STEPS = ("from", "take")
ALWAYS = (*PAGES, *STEPS, "include_totals", *view.CUT)


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """What there are many of, its name on the wire, and what it can be filtered by."""

    kind: type[R]
    plural: str
    filters: Mapping[str, Filter] = field(default_factory=dict)


def column(name: str) -> Filter:
    """Those that have this value."""
    return lambda value, _tenant: {name: value}


def switch(name: str) -> Filter:
    """Those where this is true, or those where it is false."""
    return lambda value, _tenant: {name: query.boolean(value, name)}


def fixed(fact: str) -> Filter:
    """All of them or none: it is the same for all."""
    return lambda value, _tenant: {} if value == fact else None


async def listed(ask: Ask, tenant: Tenant, listing: Listing[R], look: Callable[[R], view.View]) -> Answer:
    """The stretch that the query asks for, each as `look` shows it."""
    query.only(ask, *ALWAYS, *listing.filters)
    cut = view.cutter(ask)
    where = _where(ask, tenant, listing)
    asked = {name for name, _ in ask.query}
    if asked.isdisjoint(STEPS):
        return await _page(ask, tenant, (listing, where), lambda record: cut(look(record)))
    if not asked.isdisjoint(PAGES):
        raise query.invalid("page and per_page do not go with from and take")
    return await _steps(ask, tenant, (listing, where), lambda record: cut(look(record)))


async def _page(
    ask: Ask, tenant: Tenant, what: tuple[Listing[R], Where | None], look: Callable[[R], view.View]
) -> Answer:
    listing, where = what
    limit = query.number(ask, "per_page", USUAL, MOST)
    start = query.number(ask, "page", 0, LAST_PAGE) * limit
    totals = query.flag(ask, "include_totals", default=False)
    found = await _read(tenant, listing.kind, where, Window(limit=limit, offset=start))
    views = [look(record) for record in found]
    if not totals:
        return view.shown(views)
    total = 0 if where is None else await tenant.store.count(listing.kind, tenant.id, where)
    return view.shown(
        {"start": start, "limit": limit, "length": len(views), "total": total, listing.plural: views}
    )


async def _steps(
    ask: Ask, tenant: Tenant, what: tuple[Listing[R], Where | None], look: Callable[[R], view.View]
) -> Answer:
    listing, where = what
    query.flag(ask, "include_totals", default=False)
    limit = max(query.number(ask, "take", USUAL, MOST), 1)
    window = Window(limit=limit + 1, after=one(ask.query, "from"))
    found = await _read(tenant, listing.kind, where, window)
    body: view.View = {listing.plural: [look(record) for record in found[:limit]]}
    if len(found) > limit:
        body["next"] = found[limit - 1].id
    return view.shown(body)


async def _read(tenant: Tenant, kind: type[R], where: Where | None, window: Window) -> list[R]:
    if where is None or not window.limit:
        return []
    return await tenant.store.records(kind, tenant.id, where, window)


def _where(ask: Ask, tenant: Tenant, listing: Listing[R]) -> Where | None:
    where: dict[str, str] = {}
    for name, matching in listing.filters.items():
        value = one(ask.query, name)
        if value is not None:
            condition = matching(value, tenant)
            if condition is None:
                return None
            where.update(condition)
    return where
