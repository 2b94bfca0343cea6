"""The page: figures of a period beside those of the time before, drawn and said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.events.tally import ISSUED
from sekisho.pages.dashboard import charts, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.charts import Box, Plot, plotted
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.overview import changes, figures, health, refusals
from sekisho.pages.dashboard.rooms.overview.figures import DAY, PERIODS, USUAL, Change, Figures, Period
from sekisho.pages.dashboard.rooms.overview.newest import Counted
from sekisho.registry import logs
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.tenant import Tenant

SIGNED_IN = "user_signed_in"
TOKENS = (*sorted(ISSUED), "portal_token_issued")
TILE, TRAFFIC, TROUBLE = Box(100, 32), Box(960, 200), Box(960, 40)
# Where more about a figure is, and what one needs to see that.
ROOMS: Mapping[str, tuple[str, str]] = {
    "signed_in": (f"/activity?slug={SIGNED_IN}", "read:logs"),
    "people": ("/users", "read:users"),
    "refused": ("/activity?refused=1", "read:logs"),
}
NEW = 7 * DAY  # so long a tenant is told where to begin, until something is refused

Counts = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: how many, what became of it and what that means, how it went."""

    name: str
    total: int
    change: Change | None = None
    tone: str = ""
    plot: Plot | None = None


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the period that the address names."""
    period = PERIODS.get(one(ask.query, "period") or "", USUAL)
    moments = period.moments(tenant.now())
    counts, people = await _counted(tenant, moments, period)
    here = moments[period.stretches :]
    now = Counted(here[0], {slug: row[period.stretches :] for slug, row in (counts or {}).items()})
    context = {
        "periods": tuple(PERIODS),
        "period": period,
        "moments": here,
        "is_counted": counts is not None,
        "is_new": tenant.now() - tenant.record.created_at < NEW,
        "links": {name: path for name, (path, needs) in ROOMS.items() if who.may(needs)},
        **_drawn(counts or {}, people, period, tenant),
        "reasons": refusals.reasons(now.rows),
        **(await _logged(now, period, tenant) if who.may("read:logs") else {}),
        "health": await health.of(ask, tenant),
    }
    return frame.page("overview", context, (Crumb("dash.overview"),), (ask, who, tenant))


async def _logged(counted: Counted, period: Period, tenant: Tenant) -> Mapping[str, object]:
    """Single events: the latest refusals, and the last change of configuration where the drawing has it."""
    changed = await changes.last(tenant, counted)
    share = (changed.event.at - counted.since) / period.seconds if changed else 0
    return {
        "latest": await refusals.latest(tenant, counted),
        "changed": changed,
        "upright": (charts.upright(share, TRAFFIC), charts.upright(share, TROUBLE)),
    }


async def _counted(tenant: Tenant, moments: Sequence[float], period: Period) -> tuple[Counts | None, int]:
    """What there is to count, and how many people signed in; None where that takes the database too long."""
    try:
        counts = await logs.by_slug(tenant, moments)
        return counts, await logs.people(tenant, SIGNED_IN, moments[period.stretches])
    except Refused as refused:
        if refused.reason is not STORE_UNAVAILABLE:
            raise
        return None, 0


def _drawn(counts: Counts, people: int, period: Period, tenant: Tenant) -> Mapping[str, object]:
    signed_in, issued, refused = (
        figures.of(counts, slugs, period.stretches) for slugs in ((SIGNED_IN,), TOKENS, CATALOGUE)
    )
    kept = tenant.policy.audit_days * DAY
    # What is forgotten already is not compared with.
    compares = not kept or kept >= 2 * period.seconds
    return {
        "tiles": (
            _tile("signed_in", signed_in, compares=compares),
            Tile("people", people),
            _tile("issued", issued, compares=compares),
            _tile("refused", refused, compares=compares),
        ),
        "traffic": plotted(signed_in.each, TRAFFIC),
        "trouble": plotted(refused.each, TROUBLE, most=1),
        "is_quiet": not any(each.total or each.before for each in (signed_in, issued, refused)),
        "refused": refused.total,
    }


def _tile(name: str, told: Figures, *, compares: bool) -> Tile:
    """More refusals are bad and fewer are good; of the others only more is anything."""
    is_bad = name == "refused"
    change = told.change(plain=is_bad) if compares else None
    tones = ("", "bad", "ok") if is_bad else ("", "ok", "")
    tone = tones[change.way] if change else ""
    return Tile(name, told.total, change, tone, plotted(told.each, TILE))
