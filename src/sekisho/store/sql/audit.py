"""The audit in figures: counted through its indexes, without a look at what events say."""

from collections.abc import Sequence

from sekisho.model.event import moment
from sekisho.store import Window
from sekisho.store.sql.script import Statement, joined

MOST_COUNTED = 100_000  # in one stretch of time, or of events that name people
MOST_OF_A_SLUG = 1_000_000  # in one stretch of time
MOST_TRACED = 1_000
# From slug to slug, not from event to event, and for each slug from stretch to stretch.
COUNTED = """WITH RECURSIVE kind (slug) AS (
    SELECT (SELECT slug FROM audit WHERE tenant = ?1 ORDER BY slug LIMIT 1)
    UNION ALL
    SELECT (SELECT slug FROM audit WHERE tenant = ?1 AND slug > kind.slug ORDER BY slug LIMIT 1)
    FROM kind WHERE kind.slug IS NOT NULL
), stretch (n, low, high) AS (VALUES {stretches}
), counted AS MATERIALIZED (
    SELECT slug, n, (SELECT count(*) FROM (
        SELECT 1 FROM audit WHERE tenant = ?1 AND slug = kind.slug AND id >= low AND id < high
        ORDER BY id LIMIT {most}) AS events) AS many
    FROM kind CROSS JOIN stretch WHERE slug IS NOT NULL
) SELECT slug, n, many FROM counted WHERE many > 0"""


def traced(tenant: str, correlation: str, window: Window, holds: str) -> Statement:
    """Events that have this text as a value, of those in a window: what of it is none is told by reading."""
    before, after = ("", ()) if window.after is None else ("AND id < ?5", (window.after,))
    inner = joined(
        *("SELECT id, body FROM audit WHERE tenant = ?1", before, "ORDER BY id DESC LIMIT ?2 OFFSET ?3"),
    )
    sql = joined(
        *("SELECT body FROM (", inner, ") AS stretch WHERE", holds.format("body", "?4")),
        *("ORDER BY id DESC LIMIT", str(MOST_TRACED)),
    )
    return sql, (tenant, window.limit, window.offset, f'"{correlation}"'.encode(), *after)


def tallied(tenant: str, slug: str, moments: Sequence[float]) -> Statement:
    """How many events there are from each moment to the next, one column for each stretch."""
    # The order is what makes every plan go through the index alone.
    stretches = (
        joined(
            "(SELECT count(*) FROM (SELECT 1 FROM audit WHERE tenant = ?1 AND slug = ?2",
            *(f"AND id >= ?{n} AND id < ?{n + 1} ORDER BY id LIMIT", str(MOST_COUNTED), ") AS stretch)"),
        )
        for n in range(3, len(moments) + 2)
    )
    return joined("SELECT", ", ".join(stretches)), (tenant, slug, *map(moment, moments))


def counted(tenant: str, moments: Sequence[float]) -> Statement:
    """How many events of each slug there are from each moment to the next, one row for each that has any."""
    stretches = ", ".join(f"({n}, ?{n + 2}, ?{n + 3})" for n in range(len(moments) - 1))
    return COUNTED.format(stretches=stretches, most=MOST_OF_A_SLUG), (tenant, *map(moment, moments))


def people(tenant: str, slug: str, since: float) -> Statement:
    """How many different users events since then name; the latest ones, where there are very many."""
    inner = joined(
        "SELECT user_id FROM audit WHERE tenant = ?1 AND slug = ?2 AND id >= ?3 AND user_id IS NOT NULL",
        *("ORDER BY id DESC LIMIT", str(MOST_COUNTED)),
    )
    sql = joined("SELECT count(DISTINCT user_id) FROM (", inner, ") AS stretch")
    return sql, (tenant, slug, moment(since))
