"""What was refused: why most of the time, and the latest ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.model.event import Event
from sekisho.pages.dashboard import charts
from sekisho.pages.dashboard.charts import Box
from sekisho.pages.dashboard.rooms.overview import newest
from sekisho.pages.dashboard.rooms.overview.newest import Counted
from sekisho.spec.refusals import CATALOGUE
from sekisho.tenant import Tenant

MOST_REASONS, MOST_LATEST = 5, 5
OTHERS = ""
BAR = Box(100, 4)


@dataclass(frozen=True, slots=True)
class Why:
    """How often a rule refused, drawn beside the others; without a slug: all other rules."""

    slug: str
    count: int
    bar: str


@dataclass(frozen=True, slots=True)
class Line:
    """One refusal: whom it met, and how many of the same it stands for besides."""

    event: Event
    application: str
    more: int


def reasons(counts: Mapping[str, Sequence[int]]) -> tuple[Why, ...]:
    """The rules that refused most, the first one first, and the others together."""
    sums = {slug: sum(row) for slug, row in counts.items() if slug in CATALOGUE and any(row)}
    ranked = sorted(sums, key=lambda slug: (-sums[slug], slug))
    told = {slug: sums[slug] for slug in ranked[:MOST_REASONS]}
    if rest := sum(sums[slug] for slug in ranked[MOST_REASONS:]):
        told[OTHERS] = rest
    most = max(told.values(), default=0)
    return tuple(Why(slug, count, charts.share(count, most, BAR)) for slug, count in told.items())


async def latest(tenant: Tenant, counted: Counted) -> tuple[Line, ...]:
    """The newest ones."""
    found = await newest.of(CATALOGUE, counted, MOST_LATEST, tenant)
    return tuple([await _line(event, tenant) for event in found])


async def _line(event: Event, tenant: Tenant) -> Line:
    client = await tenant.known.named(Client, tenant.id, event.client) if event.client else None
    more = event.detail.get("suppressed")
    return Line(event, client.name if client else event.client or "", more if isinstance(more, int) else 0)
