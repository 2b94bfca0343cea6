"""What happened, the newest first, day by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.activity import asked, kinds, seen
from sekisho.pages.dashboard.rooms.activity.asked import PERIODS, Asked
from sekisho.pages.dashboard.rooms.activity.seen import Line
from sekisho.registry import logs
from sekisho.registry.logs import Found
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

CLOCK = 12  # digits of an id that are its time


@dataclass(frozen=True, slots=True)
class Day:
    """A day by somebody's clock, by a moment of it, and what happened on it."""

    at: float
    lines: tuple[Line, ...]


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of it."""
    wanted = await asked.read(ask, who, tenant)
    after = listing.cursor(ask)
    found = Found(())
    if wanted.wanted:
        found = await logs.sought(tenant, wanted.wanted, after, listing.MOST)
    context = {
        "asked": wanted,
        "days": _days(await seen.lines(found.events, tenant), who.face.zone),
        "shown": len(found.events),
        "first": listing.again(ask, "") if after else "",
        "next": listing.again(ask, found.next) if found.next else "",
        "edge": int(found.next[:CLOCK], 16) / 1000 if found.stopped else 0,
        "links": await _links(wanted, ask, tenant),
        "groups": tuple(kinds.GROUPS),
        "periods": tuple(PERIODS),
        "kept": tenant.policy.audit_days,
    }
    return frame.page("activity", context, (Crumb("dash.activity"),), (ask, who, tenant))


def _days(lines: Iterable[Line], zone: tzinfo) -> tuple[Day, ...]:
    of_day = ((day, tuple(some)) for day, some in groupby(lines, lambda line: _day(line, zone)))
    return tuple(Day(some[0].event.at, some) for _, some in of_day)


def _day(line: Line, zone: tzinfo) -> object:
    return datetime.fromtimestamp(line.event.at, zone).date()


async def _links(wanted: Asked, ask: Ask, tenant: Tenant) -> Mapping[str, tuple[str, str]]:
    """What a link narrowed the list down to, by its name, and the address without it."""
    names = await seen.names((wanted.client,), (wanted.user,), tenant)
    told = {"client": names.client(wanted.client).name, "user": names.user(wanted.user).name}
    return {name: (called, listing.without(ask, name, "after")) for name, called in told.items() if called}
