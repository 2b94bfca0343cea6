"""Which rows a slow transaction locks before it starts, in the order that every process keeps."""

from collections import defaultdict
from collections.abc import Sequence

from sekisho.store.rows import EraseRow, SaveRow, SwapRow, TakeRow, Unit
from sekisho.store.sql.postgres_connection import Connection
from sekisho.store.sql.script import joined

CONFIGURATION = "SELECT version FROM config_version FOR UPDATE"
HANDLES = """SELECT a.handle FROM unnest($1::text[], $2::text[], $3::text[]) AS n (tenant, kind, id)
    JOIN artifact AS a ON a.tenant = n.tenant AND a.kind = n.kind AND a.id = n.id"""
ARTIFACTS = "SELECT 1 FROM artifact WHERE handle = ANY($1::bytea[]) ORDER BY handle FOR UPDATE"


async def lock(connection: Connection, units: Sequence[Unit]) -> None:
    """Configuration, then artifacts, then records."""
    rows = [row for unit in units for row in unit.rows]
    records = [row for row in rows if isinstance(row, SaveRow | EraseRow)]
    if any(row.noun.config for row in records):
        await connection.fetch(CONFIGURATION)
    handles = [row.handle for row in rows if isinstance(row, TakeRow)]
    swaps = [row[:3] for row in rows if isinstance(row, SwapRow)]
    if swaps:
        named = await connection.fetch(HANDLES, *map(list, zip(*swaps, strict=True)))
        handles += [row[0] for row in named]
    if len(handles) > 1:
        await connection.fetch(ARTIFACTS, handles)
    await _records(connection, records)


async def _records(connection: Connection, records: Sequence[SaveRow | EraseRow]) -> None:
    tables: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in records:
        tables[row.noun.table].append((row.tenant, row.id))
    for table, keys in sorted(tables.items()):
        if len(records) > 1:
            sql = joined(
                *("SELECT 1 FROM", table, "AS r JOIN unnest($1::text[], $2::text[]) AS n (tenant, id)"),
                "ON r.tenant = n.tenant AND r.id = n.id ORDER BY r.tenant, r.id FOR UPDATE OF r",
            )
            await connection.fetch(sql, *map(list, zip(*keys, strict=True)))
