"""Lists, a stretch at a time: by page, or from the last one seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

from sekisho.api import query, view
from sekisho.api.operation import Parameter, Words
from sekisho.model.record import Record
from sekisho.spec.http import Answer, Ask, one
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

R = TypeVar("R", bound=Record)
# What is looked for, as conditions that exclude each other: a record meets one of them or none.
Branches = tuple[Where, ...]

MOST = 100
USUAL = 50
LAST_PAGE = 1_000_000
MOST_CHOICES = 30
PAGES = ("page", "per_page")
STEPS = ("from", "take")
TURNING = (
    Parameter("page", query.Count, Words("Which page, from 0.", "ページ番号（0 から）。")),
    Parameter(
        "per_page",
        query.Count,
        Words(
            f"How many on a page: {USUAL} unless said, {MOST} at most.",
            f"1 ページの件数（既定 {USUAL}、最大 {MOST}）。",
        ),
    ),
    Parameter(
        "include_totals",
        bool,
        Words("Pages come with their place in the list and the total.", "ページの位置と総数を含める。"),
    ),
    Parameter(
        "take",
        query.Count,
        Words(
            f"How many in a step, {MOST} at most; in place of pages.", f"続きの取得の件数（最大 {MOST}）。"
        ),
    ),
    Parameter("from", str, Words("What next said in the step before.", "前回の next の値。")),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that narrows a list: what its value looks for."""

    text: Words
    seeks: Callable[[str, Tenant], Branches]
    type: Any = str


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
    look: Callable[[R], view.View]

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


def fixed(fact: str, text: Words) -> Filter:
    """All of them or none: it is the same for all."""
    type = bool if fact in query.BOOLEANS else str
    return Filter(text, lambda value, _tenant: ({},) if value == fact else (), type)


async def listed(ask: Ask, tenant: Tenant, listing: Listing[R], look: Callable[[R], view.View]) -> Answer:
    """The stretch that the query asks for, each as `look` shows it."""
    cut = view.cutter(ask)
    search = Search(tenant, listing, _branches(ask, tenant, listing), lambda record: cut(look(record)))
    asked = {name for name, _ in ask.query}
    if asked.isdisjoint(STEPS):
        return await _page(ask, search)
    if not asked.isdisjoint(PAGES):
        raise query.invalid("page and per_page do not go with from and take")
    return await _steps(ask, search)


async def _page(ask: Ask, search: Search[R]) -> Answer:
    limit = query.number(ask, "per_page", USUAL, MOST)
    start = query.number(ask, "page", 0, LAST_PAGE) * limit
    totals = query.flag(ask, "include_totals", default=False)
    views = [search.look(record) for record in await _stretch(search, start, limit)]
    if not totals:
        return view.shown(views)
    total = sum([await search.count(where) for where in search.branches])
    place = {"start": start, "limit": limit, "length": len(views), "total": total}
    return view.shown({**place, search.listing.plural: views})


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
    limit = max(query.number(ask, "take", USUAL, MOST), 1)
    window = Window(limit=limit + 1, after=one(ask.query, "from"))
    read = [await search.read(where, window) for where in search.branches]
    found = list(islice(merge(*read, key=lambda record: record.id), limit + 1))
    body: view.View = {search.listing.plural: [search.look(record) for record in found[:limit]]}
    if len(found) > limit:
        body["next"] = found[limit - 1].id
    return view.shown(body)


def _branches(ask: Ask, tenant: Tenant, listing: Listing[R]) -> Branches:
    told = [
        each.seeks(value, tenant) for name, each in listing.filters.items() if (value := one(ask.query, name))
    ]
    return reduce(_both, told, ({},))


def _both(left: Branches, right: Branches) -> Branches:
    return tuple({**one_of, **other} for one_of in left for other in right)
