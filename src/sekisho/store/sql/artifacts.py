"""Artifacts in SQL: how they are put, taken, swapped, read and found."""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.model.artifact import Owner, Spent
from sekisho.model.step import Lost, Put, PutOnce, Swap, Take
from sekisho.store.rows import OnceRow, PutRow, SwapRow, TakeRow
from sekisho.store.sql.script import Rows, Script, Statement, joined
from sekisho.store.tombstone import marks

# The marks of a row are those of tombstone.marks.
COVERED = """EXISTS (SELECT 1 FROM tombstone AS t
    WHERE t.tenant = a.tenant AND t.at >= a.born AND t.mark IN (
        't:', 'g:' || a.grant_id, 's:' || a.session, 'u:' || a.user_id, 'c:' || a.client_id,
        'b:' || CAST(length(a.user_id) AS TEXT) || ':' || a.user_id || a.client_id))"""
REVOKED = """SELECT 1 FROM tombstone
    WHERE tenant = ?1 AND at >= ?2 AND mark IN (?3, ?4, ?5, ?6, ?7, ?8) LIMIT 1"""

WHOSE = "a.spent_at, a.id, a.tenant, a.grant_id, a.session, a.user_id, a.client_id"
GET = joined(
    "SELECT a.body,", WHOSE, ",", COVERED, "FROM artifact AS a WHERE a.handle = ?1 AND a.expires_at > ?2"
)
LOOK_BY_HANDLE = joined(
    "SELECT", WHOSE, ",", COVERED, "FROM artifact AS a WHERE a.handle = ?1 AND a.expires_at > ?2"
)
LOOK_BY_ID = joined(
    "SELECT",
    WHOSE,
    ",",
    COVERED,
    "FROM artifact AS a WHERE a.tenant = ?1 AND a.kind = ?2 AND a.id = ?3 AND a.expires_at > ?4",
)

PUT = """INSERT INTO artifact
    (handle, kind, id, tenant, grant_id, session, user_id, client_id, born, expires_at, version, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING RETURNING 1"""
MAKE_ROOM_BY_HANDLE = "DELETE FROM artifact WHERE handle = ?1 AND expires_at <= ?2"
MAKE_ROOM_BY_ID = "DELETE FROM artifact WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND expires_at <= ?4"
TAKE = joined(
    "UPDATE artifact AS a SET spent_at = ?2",
    "WHERE a.handle = ?1 AND a.spent_at IS NULL AND a.expires_at > ?2 AND NOT",
    COVERED,
    "RETURNING 1",
)
SWAP = joined(
    """UPDATE artifact AS a SET version = a.version + 1, grant_id = ?6, session = ?7, user_id = ?8,
    client_id = ?9, born = ?10, expires_at = ?11, body = ?12
    WHERE a.tenant = ?1 AND a.kind = ?2 AND a.id = ?3 AND a.version = ?4
    AND a.spent_at IS NULL AND a.expires_at > ?5 AND NOT""",
    COVERED,
    "RETURNING 1",
)
CLAIM = """INSERT INTO once (key, expires_at) VALUES (?1, ?2) ON CONFLICT (key)
    DO UPDATE SET expires_at = excluded.expires_at WHERE once.expires_at <= ?3 RETURNING 1"""

COLUMNS: Mapping[str, str] = {
    "grant": "a.grant_id",
    "session": "a.session",
    "user": "a.user_id",
    "client": "a.client_id",
}


def put(step: Put, row: PutRow, now: float) -> Script[Lost | None]:
    """Keep it, unless its owner was revoked; what has expired does not occupy its handle or id."""
    if (yield revoked(step.thing.owner, row.born)):
        return Lost(step, "revoked")
    if (yield PUT, row):
        return None
    yield MAKE_ROOM_BY_HANDLE, (row.handle, now)
    yield MAKE_ROOM_BY_ID, (row.tenant, row.kind, row.id, now)
    return None if (yield PUT, row) else Lost(step, "duplicate")


def take(step: Take, row: TakeRow, now: float) -> Script[Lost | None]:
    """Use it up."""
    if (yield TAKE, (row.handle, now)):
        return None
    return _lost(step, (yield LOOK_BY_HANDLE, (row.handle, now)), revoked=True)


def swap(step: Swap, row: SwapRow, now: float) -> Script[Lost | None]:
    """Replace it, if nobody else did; neither the old nor the new owner may be revoked."""
    covered = bool((yield revoked(step.thing.owner, row.born)))
    if not covered and (yield SWAP, (*row[:4], now, *row[4:])):
        return None
    return _lost(step, (yield LOOK_BY_ID, (*row[:3], now)), revoked=covered)


def claim(step: PutOnce, row: OnceRow, now: float) -> Script[Lost | None]:
    """Claim the key, if nobody holds it."""
    return None if (yield CLAIM, (row.key, row.expires_at, now)) else Lost(step, "duplicate")


def revoked(owner: Owner, born: float) -> Statement:
    """Whether a tombstone covers something of this owner."""
    return REVOKED, (owner.tenant, born, *marks(owner))


def spent(row: Sequence[Any]) -> Spent:
    """The columns of WHOSE, of a row that was taken."""
    at, id, tenant, grant, session, user, client = row
    return Spent(
        id=id, owner=Owner(tenant=tenant, grant=grant, session=session, user=user, client=client), at=at
    )


def owned(owner: Owner, first: int) -> tuple[str, tuple[str, ...]]:
    """The condition that a row is this owner's, its parameters numbered from `first`."""
    named = {"a.tenant": owner.tenant} | {
        column: value for field, column in COLUMNS.items() if (value := getattr(owner, field)) is not None
    }
    return " AND ".join(f"{column} = ?{n}" for n, column in enumerate(named, first)), tuple(named.values())


def find(kind: str, owner: Owner, after: str | None, limit: int, now: float) -> Statement:
    """Live artifacts of an owner, by id."""
    condition, values = owned(owner, 5)
    sql = joined(
        "SELECT a.body FROM artifact AS a WHERE a.kind = ?1 AND a.id > ?2 AND a.expires_at > ?3",
        "AND a.spent_at IS NULL AND NOT",
        COVERED,
        "AND",
        condition,
        "ORDER BY a.id LIMIT ?4",
    )
    return sql, (kind, after or "", now, limit, *values)


def _lost(step: Take | Swap, rows: Rows, *, revoked: bool) -> Lost:
    if not rows:
        return Lost(step, "absent")
    *whose, covered = rows[0]
    if whose[0] is not None:
        return Lost(step, "spent", spent(whose))
    if revoked or covered:
        return Lost(step, "revoked")
    return Lost(step, "stale")
