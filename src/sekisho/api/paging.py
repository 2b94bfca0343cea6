"""By page, or in steps: what all lists read from the query, and how a page is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from sekisho.api import query, view
from sekisho.api.operation import Parameter, Words
from sekisho.spec.http import Answer, Ask

MOST = 100
USUAL = 50
LAST_PAGE = 1_000_000
PAGES = ("page", "per_page")
STEPS = ("from", "take")
Number = Annotated[int, Meta(ge=0, le=LAST_PAGE)]
Count = Annotated[int, Meta(ge=0, le=MOST)]
PER_PAGE = Words(
    f"How many on a page: {USUAL} unless said, {MOST} at most.",
    f"1 ページの件数（既定 {USUAL}、最大 {MOST}）。",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of a list is asked for, and whether its place is told with it."""

    start: int
    limit: int
    totals: bool

    def shown(self, views: Sequence[view.View], plural: str, total: int) -> Answer:
        """The page as the answer."""
        if not self.totals:
            return view.shown(views)
        place = {"start": self.start, "limit": self.limit, "length": len(views), "total": total}
        return view.shown({**place, plural: views})


def parameters(texts: Mapping[str, Words]) -> tuple[Parameter, ...]:
    """Every parameter that has to do with pages and steps."""
    return (
        Parameter("page", Number, texts["page"]),
        Parameter("per_page", Count, PER_PAGE),
        Parameter("include_totals", bool, texts["include_totals"]),
        Parameter("take", Count, texts["take"]),
        Parameter("from", str, texts["from"]),
    )


def in_steps(ask: Ask, excluded: Sequence[str] = PAGES) -> bool:
    """Whether steps are asked for, which some other parameters do not go with. An empty one is absent."""
    asked = {name for name, value in ask.query if value}
    if asked.isdisjoint(STEPS):
        return False
    for name in excluded:
        if name in asked:
            raise query.invalid(f"{name} does not go with from and take")
    return True


def place(ask: Ask) -> Place:
    """The page that is asked for."""
    limit = query.number(ask, "per_page", USUAL, MOST)
    start = query.number(ask, "page", 0, LAST_PAGE) * limit
    return Place(start, limit, query.flag(ask, "include_totals", default=False))


def step(ask: Ask) -> int:
    """How many one step has."""
    return max(query.number(ask, "take", USUAL, MOST), 1)
