"""The newest events of some kinds. What was counted tells which kinds to look for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.event import Event
from sekisho.registry import logs
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of each kind since a moment, in each stretch."""

    since: float
    rows: Mapping[str, Sequence[int]]


async def of(slugs: Collection[str], counted: Counted, most: int, tenant: Tenant) -> list[Event]:
    """So many at most, newest first."""
    branches = tuple({"slug": slug} for slug in recent(slugs, counted.rows, most))
    return [event for event in await logs.newest(tenant, branches, most) if event.at >= counted.since]


def recent(slugs: Collection[str], counts: Mapping[str, Sequence[int]], enough: int) -> list[str]:
    """The kinds of the last stretches that have enough events between them."""
    rows = {slug: row for slug, row in counts.items() if slug in slugs}
    found: dict[str, int] = {}
    for column in zip(*(reversed(row) for row in rows.values()), strict=True):
        for slug, count in zip(rows, column, strict=True):
            found[slug] = found.get(slug, 0) + count
        if sum(found.values()) >= enough:
            break
    return [slug for slug, count in found.items() if count]
