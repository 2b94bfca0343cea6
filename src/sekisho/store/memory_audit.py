"""The audit in memory: read newest first, and counted."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from sekisho.model.event import moment
from sekisho.store import Window
from sekisho.store.rows import NoteRow


def newest(
    events: Iterable[NoteRow], tenant: str, wanted: Collection[tuple[str, str]], window: Window
) -> list[NoteRow]:
    """A stretch of it, newest first."""
    found = [
        row
        for row in events
        if row.tenant == tenant
        and (window.after is None or row.id < window.after)
        and all(getattr(row, key) == value for key, value in wanted)
    ]
    found.sort(key=lambda row: row.id, reverse=True)
    return found[window.offset : window.offset + window.limit]


def tallied(events: Iterable[NoteRow], tenant: str, slug: str, moments: Sequence[float]) -> list[int]:
    """How many there are from each moment to the next."""
    ids = [row.id for row in events if row.tenant == tenant and row.slug == slug]
    return [sum(low <= id < high for id in ids) for low, high in pairwise(map(moment, moments))]


def counted(events: Iterable[NoteRow], tenant: str, moments: Sequence[float]) -> Mapping[str, Sequence[int]]:
    """How many there are of each slug from each moment to the next."""
    edges = [moment(at) for at in moments]
    found: dict[str, list[int]] = {}
    for row in events:
        n = bisect_right(edges, row.id) - 1
        if row.tenant == tenant and 0 <= n < len(edges) - 1:
            found.setdefault(row.slug, [0] * (len(edges) - 1))[n] += 1
    return found


def people(events: Iterable[NoteRow], tenant: str, slug: str, since: float) -> int:
    """How many different users events since then name."""
    found = {
        row.user for row in events if row.tenant == tenant and row.slug == slug and row.id >= moment(since)
    }
    return len(found - {None})
