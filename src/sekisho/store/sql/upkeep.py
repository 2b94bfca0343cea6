"""Revocation, configuration's history and sweeping in SQL."""

from collections.abc import Mapping

from sekisho.model.artifact import Owner
from sekisho.model.event import moment
from sekisho.store.sql.artifacts import owned
from sekisho.store.sql.script import Rows, Script, Statement, deleted, joined
from sekisho.store.tombstone import LIFETIME, mark, reach
from sekisho.store.upkeep import Change, Changes

BURY = """INSERT INTO tombstone (tenant, mark, at, expires_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (tenant, mark) DO UPDATE SET
    at = CASE WHEN excluded.at > tombstone.at THEN excluded.at ELSE tombstone.at END,
    expires_at = CASE WHEN excluded.expires_at > tombstone.expires_at
        THEN excluded.expires_at ELSE tombstone.expires_at END"""
BATCH = 500
MOST_CHANGES = 10_000
KEEP_CHANGES = 1_000
KEEP_CHANGES_FOR = 600.0
CHANGES = """SELECT v.version, c.version, c.kind, c.tenant, c.id
    FROM config_version AS v LEFT JOIN config_change AS c ON c.version > ?1 ORDER BY c.version LIMIT ?2"""
EXPIRED: Mapping[str, str] = {"artifact": "handle", "once": "key", "tombstone": "tenant, mark"}


def bury(narrow: Owner, at: float) -> Script[None]:
    """Set the tombstone; from its commit on, nothing that it covers can be seen."""
    yield BURY, (narrow.tenant, mark(narrow), reach(narrow, at), at + LIFETIME)


def end(narrow: Owner, at: float, now: float, skip_locked: str) -> Script[int]:
    """Delete a batch of what is covered. Spent rows stay until they expire: a replay must be seen."""
    condition, values = owned(narrow, 4)
    batch = joined(
        "SELECT a.handle FROM artifact AS a WHERE a.born <= ?1 AND a.spent_at IS NULL AND a.expires_at > ?2",
        *("AND", condition, "LIMIT ?3", skip_locked),
    )
    rows = yield deleted("artifact", "handle", batch), (reach(narrow, at), now, BATCH, *values)
    return len(rows)


def changes(since: int) -> Statement:
    """Where configuration stands and what moved, in one statement, thus in one snapshot."""
    return CHANGES, (since, MOST_CHANGES + 1)


def read_changes(since: int, rows: Rows) -> Changes:
    """None for what changed, where history no longer holds all of it."""
    version = rows[0][0]
    if version == since:
        return Changes(version, ())
    if len(rows) != version - since or version - since > MOST_CHANGES or rows[0][1] is None:
        return Changes(version, None)
    return Changes(version, tuple(Change(*row[2:]) for row in rows))


def sweep(now: float, limit: int, skip_locked: str) -> Script[int]:
    """Delete a batch of each kind of what has expired; every choice goes through an index."""
    gone = 0
    for table, key in EXPIRED.items():
        chosen = joined("SELECT", key, "FROM", table, "WHERE expires_at <= ?1 LIMIT ?2", skip_locked)
        rows = yield deleted(table, key, chosen), (now, limit)
        gone += len(rows)
    ((version,),) = yield "SELECT version FROM config_version", ()
    chosen = joined(
        "SELECT version FROM config_change WHERE version <= ?1 AND at < ?2 ORDER BY version LIMIT ?3",
        skip_locked,
    )
    old = (version - KEEP_CHANGES, now - KEEP_CHANGES_FOR, limit)
    rows = yield deleted("config_change", "version", chosen), old
    return gone + len(rows)


def prune(tenant: str, before: float, limit: int, skip_locked: str) -> Script[int]:
    """Delete a batch of old audit events."""
    old = "SELECT tenant, id FROM audit WHERE tenant = ?1 AND id < ?2 ORDER BY id LIMIT ?3"
    sql = deleted("audit", "tenant, id", joined(old, skip_locked))
    return len((yield sql, (tenant, moment(before), limit)))
