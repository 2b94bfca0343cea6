"""The audit in figures: counted through its indexes, without a look at what events say."""

from collections.abc import Sequence

from sekisho.model.event import moment
from sekisho.store.sql.script import Statement, joined

MOST_COUNTED = 100_000  # in one stretch of time, or of events that name people


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


def people(tenant: str, slug: str, since: float) -> Statement:
    """How many different users events since then name; the latest ones, where there are very many."""
    inner = joined(
        "SELECT user_id FROM audit WHERE tenant = ?1 AND slug = ?2 AND id >= ?3 AND user_id IS NOT NULL",
        *("ORDER BY id DESC LIMIT", str(MOST_COUNTED)),
    )
    sql = joined("SELECT count(DISTINCT user_id) FROM (", inner, ") AS stretch")
    return sql, (tenant, slug, moment(since))
