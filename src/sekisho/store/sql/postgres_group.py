"""A whole group of units as one PostgreSQL statement: locked in order, judged, then written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.store.rows import NoteRow, OnceRow, PutRow, Row, SwapRow, TakeRow, Unit
from sekisho.store.sql.artifacts import COVERED
from sekisho.store.sql.script import joined

OWNER_IS_REVOKED = COVERED.replace("a.", "n.")
UNHARMED = "NOT EXISTS (SELECT 1 FROM lost AS l WHERE l.unit = n.unit)"

# wanted: the rows that units take or swap. locked: those rows as they are now, locked in one order.
# failed: units that cannot land. claimed: keys of the others. lost: units of which nothing is written; they
# are played again, slowly, to learn why. A row that two units want goes to the first of them.
LAND = joined(
    """WITH
    took AS (SELECT * FROM unnest($2::int[], $3::bytea[]) AS n (unit, handle)),
    swapped AS (SELECT * FROM unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::float8[], $14::float8[], $15::bytea[])
        AS n (unit, tenant, kind, id, version, grant_id, session, user_id, client_id,
            born, expires_at, body)),
    put AS (SELECT * FROM unnest($16::int[], $17::bytea[], $18::text[], $19::text[], $20::text[], $21::text[],
            $22::text[], $23::text[], $24::text[], $25::float8[], $26::float8[], $27::bigint[], $28::bytea[])
        AS n (unit, handle, kind, id, tenant, grant_id, session, user_id, client_id, born, expires_at,
            version, body)),
    claim AS (SELECT * FROM unnest($29::int[], $30::bytea[], $31::float8[]) AS n (unit, key, expires_at)),
    note AS (SELECT * FROM unnest($32::int[], $33::text[], $34::text[], $35::float8[], $36::text[],
            $37::text[], $38::text[], $39::bytea[])
        AS n (unit, tenant, id, at, slug, client_id, user_id, body)),
    wanted AS MATERIALIZED (
        SELECT unit, handle, NULL::bigint AS version FROM took
        UNION ALL
        SELECT n.unit, a.handle, n.version FROM swapped AS n LEFT JOIN artifact AS a
            ON a.tenant = n.tenant AND a.kind = n.kind AND a.id = n.id),
    locked AS MATERIALIZED (
        SELECT a.handle, a.version, a.spent_at IS NULL AND a.expires_at > $1 AND NOT""",
    COVERED,
    """AS live
        FROM artifact AS a WHERE a.handle IN (SELECT handle FROM wanted) ORDER BY a.handle FOR UPDATE),
    failed AS MATERIALIZED (
        SELECT w.unit FROM wanted AS w LEFT JOIN locked AS k ON k.handle = w.handle
            WHERE k.live IS NOT TRUE OR k.version <> w.version
        UNION
        SELECT w.unit FROM wanted AS w JOIN wanted AS v ON v.handle = w.handle
            WHERE v.unit < w.unit OR (v.unit = w.unit AND v.version IS NULL AND w.version IS NOT NULL)
        UNION
        SELECT n.unit FROM swapped AS n WHERE""",
    OWNER_IS_REVOKED,
    """UNION
        SELECT n.unit FROM put AS n
            WHERE EXISTS (SELECT 1 FROM artifact AS a WHERE a.handle = n.handle) OR""",
    OWNER_IS_REVOKED,
    """),
    claimed AS (
        INSERT INTO once (key, expires_at) SELECT n.key, n.expires_at FROM claim AS n
            WHERE NOT EXISTS (SELECT 1 FROM failed AS f WHERE f.unit = n.unit) ORDER BY n.key
        ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at WHERE once.expires_at <= $1
        RETURNING key),
    lost AS MATERIALIZED (
        SELECT unit FROM failed
        UNION
        SELECT n.unit FROM claim AS n WHERE NOT EXISTS (SELECT 1 FROM claimed AS c WHERE c.key = n.key)),
    taking AS (
        UPDATE artifact AS a SET spent_at = $1 FROM took AS n WHERE a.handle = n.handle AND""",
    UNHARMED,
    """),
    swapping AS (
        UPDATE artifact AS a SET version = n.version + 1, grant_id = n.grant_id, session = n.session,
            user_id = n.user_id, client_id = n.client_id, born = n.born, expires_at = n.expires_at,
            body = n.body
        FROM swapped AS n WHERE a.tenant = n.tenant AND a.kind = n.kind AND a.id = n.id AND""",
    UNHARMED,
    """),
    putting AS (
        INSERT INTO artifact (handle, kind, id, tenant, grant_id, session, user_id, client_id,
            born, expires_at, version, body)
        SELECT handle, kind, id, tenant, grant_id, session, user_id, client_id,
            born, expires_at, version, body
        FROM put AS n WHERE""",
    UNHARMED,
    """),
    noting AS (
        INSERT INTO audit (tenant, id, at, slug, client_id, user_id, body)
        SELECT tenant, id, at, slug, client_id, user_id, body FROM note AS n WHERE""",
    UNHARMED,
    ") SELECT unit FROM lost",
)

WIDTHS: Mapping[type[Row], int] = {TakeRow: 1, SwapRow: 11, PutRow: 12, OnceRow: 2, NoteRow: 7}


@dataclass(slots=True)
class Columns:
    """The rows of a group, kind by kind, turned into the arrays that the statement unnests."""

    rows: dict[type[Row], list[Sequence[object]]] = field(
        default_factory=lambda: {kind: [] for kind in WIDTHS}
    )
    keys: set[object] = field(default_factory=set)

    def add(self, number: int, unit: Unit) -> bool:
        """Whether it can go with the others: the first that touches a thing does, the next goes slowly."""
        keys: set[object] = set()
        for row in unit.rows:
            touched = _touched(row)
            if not touched or not keys.isdisjoint(touched):
                return False
            keys.update(touched)
        if sum(type(row) is OnceRow for row in unit.rows) > 1 or not keys.isdisjoint(self.keys):
            return False  # of several claims one could fail when another is made already
        self.keys |= keys
        for row in unit.rows:
            self.rows[type(row)].append((number, *row))
        return True

    def values(self, now: float) -> list[object]:
        """The parameters of LAND."""
        arrays: list[object] = [now]
        for kind, width in WIDTHS.items():
            rows = self.rows[kind]
            arrays += map(list, zip(*rows, strict=True)) if rows else [[]] * (width + 1)
        return arrays


def _touched(row: Row) -> tuple[object, ...]:
    """What no other unit of the group may touch; nothing for rows that need a script."""
    match row:
        case TakeRow():
            return (row.handle,)
        case PutRow():
            return (row.handle, (row.tenant, row.kind, row.id))
        case SwapRow():
            return ((row.tenant, row.kind, row.id),)
        case OnceRow():
            return (row.key,)
        case NoteRow():
            return ((row.tenant, row.id),)
        case _:
            return ()
