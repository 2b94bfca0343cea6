"""When clients were last used, in SQL."""

from collections.abc import Collection, Sequence

from sekisho.model.event import FORGET_AFTER, Use
from sekisho.store.sql.script import Script, Statement, deleted, joined

MANY = 50
USED = """INSERT INTO client_use (tenant, client_id, at) VALUES {rows}
    ON CONFLICT (tenant, client_id) DO UPDATE SET at = excluded.at WHERE excluded.at > client_use.at"""


def used(uses: Sequence[Use]) -> Script[None]:
    """In one order, as every process has it: rows that are locked crosswise would wait for each other."""
    # A statement may touch a row once: of several uses of one client the latest is kept.
    ordered = list({(use.tenant, use.client_id): use for use in sorted(uses)}.values())
    for first in range(0, len(ordered), MANY):
        batch = ordered[first : first + MANY]
        yield _statement(len(batch)), [value for use in batch for value in use]


def last_used(tenant: str, clients: Collection[str]) -> Statement:
    """Through the primary key."""
    places = ", ".join(f"?{n}" for n in range(2, 2 + len(clients)))
    sql = joined("SELECT client_id, at FROM client_use WHERE tenant = ?1 AND client_id IN (", places, ")")
    return sql, (tenant, *clients)


def sweep(now: float, limit: int, skip_locked: str) -> Script[int]:
    """Forget what nobody asks about any more."""
    old = "SELECT tenant, client_id FROM client_use WHERE at < ?1 LIMIT ?2"
    rows = yield (
        deleted("client_use", "tenant, client_id", joined(old, skip_locked)),
        (now - FORGET_AFTER, limit),
    )
    return len(rows)


def _statement(rows: int) -> str:
    numbers = (tuple(range(first, first + 3)) for first in range(1, 3 * rows, 3))
    return USED.format(rows=", ".join(f"(?{a}, ?{b}, ?{c})" for a, b, c in numbers))
