"""Deliveries in SQL: sent and settled by units, claimed by one process at a time."""

from collections.abc import Collection, Sequence

from sekisho.model.delivery import Delivery
from sekisho.model.step import Lost, Reseal, Send, Settle
from sekisho.store.outbox import KEEP_DONE
from sekisho.store.outbox_rows import ResealRow, SendRow, SettleRow
from sekisho.store.sql.script import Script, Statement, deleted, joined

COLUMNS = "id, tenant, kind, target, body, next_at, attempts, lease_until, done_at, last_error"
SEND = """INSERT INTO delivery (id, tenant, kind, target, body, next_at, attempts, lease_until, last_error)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, '') ON CONFLICT DO NOTHING RETURNING 1"""
SETTLE = """UPDATE delivery SET next_at = ?3, done_at = ?4, last_error = ?5, lease_until = 0
    WHERE id = ?1 AND attempts = ?2 AND done_at IS NULL RETURNING 1"""
RESEAL = "UPDATE delivery SET body = ?2 WHERE id = ?1 AND body = ?3 RETURNING 1"
EXISTS = "SELECT 1 FROM delivery WHERE id = ?1"
FREE = "done_at IS NULL AND next_at <= ?1 AND lease_until <= ?1"


def send(step: Send, row: SendRow, _: float) -> Script[Lost | None]:
    """Keep it, once."""
    return None if (yield SEND, row) else Lost(step, "duplicate")


def settle(step: Settle, row: SettleRow, _: float) -> Script[Lost | None]:
    """What became of the attempt, if no other one began meanwhile."""
    if (yield SETTLE, row):
        return None
    return Lost(step, "stale" if (yield EXISTS, (row.id,)) else "absent")


def reseal(step: Reseal, row: ResealRow, _: float) -> Script[Lost | None]:
    """Another seal, around what is still there."""
    if (yield RESEAL, row):
        return None
    return Lost(step, "stale" if (yield EXISTS, (row.id,)) else "absent")


def listed(tenant: str, after: str | None, limit: int) -> Statement:
    """A stretch of a tenant's deliveries."""
    sql = joined("SELECT", COLUMNS, "FROM delivery WHERE tenant = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
    return sql, (tenant, after or "", limit)


def read(row: Sequence[object]) -> Delivery:
    """A row of these columns."""
    return Delivery(**dict(zip(COLUMNS.split(", "), row, strict=True)))  # type: ignore[arg-type]


def due(kinds: Collection[str], now: float) -> Statement:
    """Whether anything is: most of the time nothing is, and a question costs less than a claim."""
    return joined("SELECT 1 FROM delivery WHERE", FREE, _of(kinds, 2), "LIMIT 1"), (now, *kinds)


def claim(
    kinds: Collection[str], lease: tuple[float, float], limit: int, skip_locked: str
) -> Script[list[Delivery]]:
    """Take those that are due from `lease` on; who began at the same moment gets others."""
    chosen = joined(
        *("SELECT id FROM delivery WHERE", FREE, _of(kinds, 4)),
        *("ORDER BY next_at, id LIMIT ?3", skip_locked),
    )
    # Chosen once, like what is deleted: inside the IN it may be chosen anew for each row, beyond the limit.
    sql = joined(
        *("WITH chosen AS MATERIALIZED (", chosen, ") UPDATE delivery"),
        "SET lease_until = ?2, attempts = attempts + 1 WHERE id IN (SELECT id FROM chosen)",
        *("AND", FREE, "RETURNING", COLUMNS),
    )
    rows = yield sql, (*lease, limit, *kinds)
    return sorted(map(read, rows), key=lambda one: (one.next_at, one.id))


def sweep(now: float, limit: int, skip_locked: str) -> Script[int]:
    """Delete a batch of those that came to an end long enough ago."""
    chosen = joined("SELECT id FROM delivery WHERE done_at <= ?1 LIMIT ?2", skip_locked)
    return len((yield deleted("delivery", "id", chosen), (now - KEEP_DONE, limit)))


def _of(kinds: Collection[str], first: int) -> str:
    return joined("AND kind IN (", ", ".join(f"?{n}" for n in range(first, first + len(kinds))), ")")
