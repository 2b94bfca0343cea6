"""Lists, a stretch at a time: by page, or from the last one seen."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

from sekisho.api import paging, query, view
from sekisho.api.operation import Parameter, Words
from sekisho.model.record import Record
from sekisho.spec.http import Answer, Ask, one
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

R = TypeVar("R", bound=Record)
# How some records are shown, together: what stands beside them is read once for all.
Look = Callable[[Sequence[R]], Awaitable[list[view.View]]]
# What is looked for, as conditions that exclude each other: a record meets one of them or none.
Branches = tuple[Where, ...]

MOST_CHOICES = 30
EVERY: Mapping[str, str] = {}
TURNING = paging.parameters(
    {
        "page": Words("Which page, from 0.", "ページ番号（0 から）。"),
        "include_totals": Words(
            "Pages come with their place in the list and the total.", "ページの位置と総数を含める。"
        ),
        "take": Words(
            f"How many in a step, {paging.MOST} at most; in place of pages.",
            f"続きの取得の件数（最大 {paging.MOST}）。",
        ),
        "from": Words("What next said in the step before.", "前回の next の値。"),
    }
)
# By page only, and in steps only; clients ask for totals wherever there are lists.
PAGES = TURNING[:3]
STEPS = (
    Parameter(
        "include_totals", bool, Words("Steps have no total: it changes nothing.", "結果は変わらない。")
    ),
    *TURNING[3:],
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that narrows a list: what its value looks for. `usual` is the value where none is said."""

    text: Words
    seeks: Callable[[str, Tenant], Branches]
    type: Any = str
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """What there are many of, its name on the wire, and what it can be filtered by."""

    kind: type[R]
    plural: str
    filters: Mapping[str, Filter] = field(default_factory=dict)

    @property
    def takes(self) -> tuple[Parameter, ...]:
        """Every parameter of the list."""
        own = tuple(Parameter(name, each.type, each.text) for name, each in self.filters.items())
        return (*own, *TURNING, *view.CUT)


@dataclass(frozen=True, slots=True)
class Search(Generic[R]):
    """One request to a list: where, which kind, how each is shown."""

    tenant: Tenant
    listing: Listing[R]
    branches: Branches
    look: Look[R]

    async def read(self, where: Where, window: Window) -> list[R]:
        """A stretch of one branch."""
        return await self.tenant.store.records(self.listing.kind, self.tenant.id, where, window)

    async def count(self, where: Where) -> int:
        """How many a branch has."""
        return await self.tenant.store.count(self.listing.kind, self.tenant.id, where)


def column(name: str, text: Words) -> Filter:
    """Those that have this value."""
    return Filter(text, lambda value, _tenant: ({name: value},))


def choice(name: str, text: Words) -> Filter:
    """Those that have one of these values, separated by commas."""

    def seeks(value: str, _tenant: Tenant) -> Branches:
        wanted = dict.fromkeys(word.strip() for word in value.split(","))
        if len(wanted) > MOST_CHOICES:
            raise query.invalid(f"Too many values: {name}")
        return tuple({name: word} for word in wanted)

    return Filter(text, seeks)


def switch(name: str, text: Words) -> Filter:
    """Those where this is true, or those where it is false."""
    return Filter(text, lambda value, _tenant: ({name: query.boolean(value, name)},), bool)


def fixed(name: str, fact: str, text: Words) -> Filter:
    """All of them or none: it is the same for all."""
    if fact in query.BOOLEANS:
        return Filter(text, lambda value, _: ({},) if query.boolean(value, name) == fact else (), bool)
    return Filter(text, lambda value, _: ({},) if value == fact else ())


async def listed(
    ask: Ask, tenant: Tenant, listing: Listing[R], look: Callable[[R], view.View], within: Where = EVERY
) -> Answer:
    """The stretch that the query asks for, of what lies `within`, each as `look` shows it."""

    async def each(found: Sequence[R]) -> list[view.View]:
        return [look(record) for record in found]

    return await together(ask, tenant, listing, each, within)


async def together(
    ask: Ask, tenant: Tenant, listing: Listing[R], look: Look[R], within: Where = EVERY
) -> Answer:
    """The same, where `look` shows all of a stretch at once."""
    cut = view.cutter(ask)

    async def seen(found: Sequence[R]) -> list[view.View]:
        return [cut(each) for each in await look(found)]

    search = Search(tenant, listing, _branches(ask, tenant, listing, within), seen)
    return await (_steps if paging.in_steps(ask) else _page)(ask, search)


async def _page(ask: Ask, search: Search[R]) -> Answer:
    place = paging.place(ask)
    views = await search.look(await _stretch(search, place.start, place.limit))
    total = sum([await search.count(where) for where in search.branches]) if place.totals else 0
    return place.shown(views, search.listing.plural, total)


async def _stretch(search: Search[R], start: int, limit: int) -> list[R]:
    """Branch after branch: those that lie before the page are only counted."""
    found: list[R] = []
    for where in search.branches:
        if len(found) == limit:
            break
        own = await search.count(where) if len(search.branches) > 1 else start + 1
        if start < own:
            found += await search.read(where, Window(limit=limit - len(found), offset=start))
        start = max(0, start - own)
    return found


async def _steps(ask: Ask, search: Search[R]) -> Answer:
    """In the order of ids, whatever the branch: a cursor is good for the same filters only."""
    query.flag(ask, "include_totals", default=False)
    limit = paging.step(ask)
    window = Window(limit=limit + 1, after=one(ask.query, "from"))
    read = [await search.read(where, window) for where in search.branches]
    found = list(islice(merge(*read, key=lambda record: record.id), limit + 1))
    body: view.View = {search.listing.plural: await search.look(found[:limit])}
    if len(found) > limit:
        body["next"] = found[limit - 1].id
    return view.shown(body)


def _branches(ask: Ask, tenant: Tenant, listing: Listing[R], within: Where) -> Branches:
    told = [
        each.seeks(value, tenant)
        for name, each in listing.filters.items()
        if (value := one(ask.query, name) or each.usual)
    ]
    return reduce(_both, told, (within,))


def _both(left: Branches, right: Branches) -> Branches:
    return tuple({**one_of, **other} for one_of in left for other in right)
