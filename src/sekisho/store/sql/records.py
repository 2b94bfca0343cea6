"""Records and audit events in SQL: how they are saved, erased, noted and listed."""

from collections.abc import Iterable, Mapping, Sequence

from sekisho.model.step import Erase, Lost, Note, Save
from sekisho.store import Where, Window
from sekisho.store.nouns import FIRST_ADDRESSES, MOST_BROUGHT, NOUNS, WORDS, Noun
from sekisho.store.rows import EraseRow, NoteRow, SaveRow
from sekisho.store.sound import searched
from sekisho.store.sql.script import Script, Statement, joined

NAME = """INSERT INTO record_name (kind, tenant, name, id) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO NOTHING RETURNING 1"""
NAMES = "SELECT name FROM record_name WHERE kind = ?1 AND tenant = ?2 AND id = ?3"
UNNAME = "DELETE FROM record_name WHERE kind = ?1 AND tenant = ?2 AND name = ?3"
TAG = "INSERT INTO record_tag (kind, tenant, tag, id) VALUES (?1, ?2, ?3, ?4)"
TAGS = "SELECT tag FROM record_tag WHERE kind = ?1 AND tenant = ?2 AND id = ?3"
UNTAG = "DELETE FROM record_tag WHERE kind = ?1 AND tenant = ?2 AND tag = ?3 AND id = ?4"
# What finds records by more than their own columns: the places are kind, value, end of a stretch, how many.
LOOKUPS: Mapping[str, str] = {
    "tag": "AND id IN (SELECT id FROM record_tag WHERE tenant = ?1 AND kind = ?{0} AND tag = ?{1})",
    "name": "AND id IN (SELECT id FROM record_name WHERE tenant = ?1 AND kind = ?{0} AND name = ?{1})",
    "address": """AND id IN (SELECT id FROM record_name WHERE tenant = ?1 AND kind = ?{0}
        AND name >= ?{1} AND name < ?{2} AND name LIKE '%@%')""",
    "first_addresses": """AND id IN (SELECT id FROM record_name WHERE tenant = ?1 AND kind = ?{0}
        AND name >= ?{1} AND name < ?{2} AND name LIKE '%@%' ORDER BY name LIMIT {3})""",
}
BEGINNINGS = ("address", "first_addresses")
# No name has a character like this, and every other one comes before it.
LAST = "\U0010ffff"
_WILD = str.maketrans({each: f"!{each}" for each in "!%_"})
BUMP = "UPDATE config_version SET version = version + 1 RETURNING version"
CHANGED = "INSERT INTO config_change (version, kind, tenant, id, at) VALUES (?1, ?2, ?3, ?4, ?5)"
NOTE = """INSERT INTO audit (tenant, id, at, slug, client_id, user_id, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING RETURNING 1"""
MANY = 50
WIDTH = 7
MANY_NOTES = NOTE.replace(
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    ", ".join(
        "(" + ", ".join(f"?{n}" for n in range(first, first + WIDTH)) + ")"
        for first in range(1, MANY * WIDTH, WIDTH)
    ),
)
EVENT_COLUMNS: Mapping[str, str] = {"slug": "slug", "client": "client_id", "user": "user_id"}


def save(step: Save, row: SaveRow, now: float) -> Script[Lost | None]:
    """Create it, or change what still has its version."""
    if not (yield (_update(row) if row.version else _insert(row))):
        if row.version == 0:
            return Lost(step, "duplicate")
        return Lost(step, "stale" if (yield _exists(row)) else "absent")
    if not (yield from _name(row)):
        return Lost(step, "duplicate")
    yield from _tag(row, row.tags)
    yield from _move(row, now)
    return None


def erase(step: Erase, row: EraseRow, now: float) -> Script[Lost | None]:
    """Remove it with its names and tags."""
    gone = yield (
        joined("DELETE FROM", row.noun.table, "WHERE tenant = ?1 AND id = ?2 AND version = ?3 RETURNING 1"),
        (row.tenant, row.id, row.version),
    )
    if not gone:
        return Lost(step, "stale" if (yield _exists(row)) else "absent")
    for (name,) in (yield NAMES, (row.noun.table, row.tenant, row.id)):
        yield UNNAME, (row.noun.table, row.tenant, name)
    yield from _tag(row, ())
    yield from _move(row, now)
    return None


def note(step: Note, row: NoteRow, _: float) -> Script[Lost | None]:
    """Write it into the audit."""
    return None if (yield NOTE, row) else Lost(step, "duplicate")


def notes(steps: Sequence[Note], rows: Sequence[NoteRow]) -> Script[Lost | None]:
    """Write a batch of MANY into the audit by one statement; one that is there already loses them all."""
    written = yield MANY_NOTES, [value for row in rows for value in row]
    return None if len(written) == MANY else Lost(steps[0], "duplicate")


def _insert(row: SaveRow) -> Statement:
    columns = ("tenant", "id", "version", "created_at", "updated_at", "doc", *row.noun.kept)
    places = ", ".join(f"?{n}" for n in range(1, len(columns) + 1))
    sql = joined(
        *("INSERT INTO", row.noun.table, "(", ", ".join(columns), ") VALUES (", places, ")"),
        "ON CONFLICT DO NOTHING RETURNING 1",
    )
    return sql, (row.tenant, row.id, 1, row.created_at, row.updated_at, row.doc, *row.columns)


def _update(row: SaveRow) -> Statement:
    columns = ("created_at", "updated_at", "doc", *row.noun.kept)
    changes = ", ".join(f"{column} = ?{n}" for n, column in enumerate(columns, 4))
    sql = joined(
        *("UPDATE", row.noun.table, "SET version = version + 1,", changes),
        "WHERE tenant = ?1 AND id = ?2 AND version = ?3 RETURNING 1",
    )
    return sql, (row.tenant, row.id, row.version, row.created_at, row.updated_at, row.doc, *row.columns)


def _exists(row: SaveRow | EraseRow) -> Statement:
    return joined("SELECT 1 FROM", row.noun.table, "WHERE tenant = ?1 AND id = ?2"), (row.tenant, row.id)


def _name(row: SaveRow) -> Script[bool]:
    kind, tenant = row.noun.table, row.tenant
    had = {name for (name,) in (yield NAMES, (kind, tenant, row.id))}
    for name in had.difference(row.names):
        yield UNNAME, (kind, tenant, name)
    for name in sorted(set(row.names) - had):
        if not (yield NAME, (kind, tenant, name, row.id)):
            return False
    return True


def _tag(row: SaveRow | EraseRow, tags: Iterable[str]) -> Script[None]:
    kind, tenant = row.noun.table, row.tenant
    had = {tag for (tag,) in (yield TAGS, (kind, tenant, row.id))}
    for tag in had.difference(tags):
        yield UNTAG, (kind, tenant, tag, row.id)
    for tag in sorted(set(tags) - had):
        yield TAG, (kind, tenant, tag, row.id)


def _move(row: SaveRow | EraseRow, now: float) -> Script[None]:
    """Configuration moves; the row stays locked until the commit, so versions are in the order of commits."""
    if row.noun.config:
        ((version,),) = yield BUMP, ()
        yield CHANGED, (version, row.noun.table, row.tenant, row.id, now)


def by_id(noun: Noun, tenant: str, id: str) -> Statement:
    """The record with this id."""
    return joined("SELECT doc FROM", noun.table, "WHERE tenant = ?1 AND id = ?2"), (tenant, id)


def by_name(noun: Noun, tenant: str, name: str) -> Statement:
    """The record with this name."""
    return joined("SELECT r.doc", _of_name(noun)), (noun.table, tenant, name)


def with_brought(noun: Noun, tenant: str, name: str) -> Statement:
    """The record with this name, numbered 0, and behind it some of what it brings along, numbered 1."""
    sql = joined("SELECT 0 AS n, r.doc", _of_name(noun))
    if noun.brings:
        kind, column = noun.brings
        sql = joined(
            *(sql, "UNION ALL SELECT 1, doc FROM", NOUNS[kind].table),
            *("WHERE tenant = ?2 AND", column, "= ?3 ORDER BY n LIMIT", str(1 + MOST_BROUGHT)),
        )
    return sql, (noun.table, tenant, name)


def _of_name(noun: Noun) -> str:
    return joined(
        *("FROM record_name AS n JOIN", noun.table, "AS r ON r.tenant = n.tenant AND r.id = n.id"),
        "WHERE n.kind = ?1 AND n.tenant = ?2 AND n.name = ?3",
    )


def listed(noun: Noun, tenant: str, where: Where, window: Window) -> Statement:
    """Records by id."""
    condition, values = _matching(noun, where, 5)
    sql = joined(
        *("FROM", noun.table, "WHERE tenant = ?1 AND id > ?2", condition),
        "ORDER BY id LIMIT ?3 OFFSET ?4",
    )
    # What is skipped is skipped in an index: its rows are never looked at.
    if window.offset:
        page = ("WHERE tenant = ?1 AND id IN (SELECT id", sql, ") ORDER BY id")
        sql = joined("FROM", noun.table, *page)
    sql = joined("SELECT doc", sql)
    return sql, (tenant, window.after or "", window.limit, window.offset, *values)


def counted(noun: Noun, tenant: str, where: Where) -> Statement:
    """How many records match."""
    condition, values = _matching(noun, where, 2)
    return joined("SELECT count(*) FROM", noun.table, "WHERE tenant = ?1", condition), (tenant, *values)


def _matching(noun: Noun, where: Where, first: int) -> tuple[str, tuple[str, ...]]:
    columns = {column: f"AND {column} = ?{{0}}" for column in noun.columns}
    if noun.words:
        columns[WORDS] = f"AND {WORDS} LIKE ?{{0}} ESCAPE '!'"
    texts: list[str] = []
    values: list[str] = []
    for key, value in where.items():
        n = first + len(values)
        if key in LOOKUPS:
            texts.append(LOOKUPS[key].format(n, n + 1, n + 2, FIRST_ADDRESSES))
            values += (noun.table, value, value + LAST) if key in BEGINNINGS else (noun.table, value)
        else:
            texts.append(columns[key].format(n))
            values.append(_piece(value) if key == WORDS else value)
    return " ".join(texts), tuple(values)


def _piece(value: str) -> str:
    """What LIKE takes for texts that have this in them, letter for letter."""
    return f"%{searched((value,)).translate(_WILD)}%"


def events(tenant: str, where: Where, window: Window) -> Statement:
    """Audit events, newest first."""
    conditions = "".join(f"AND {column} = ?{n} " for n, column in enumerate(_columns(where), 4))
    before = "" if window.after is None else f"AND id < ?{len(where) + 4}"
    sql = joined(
        *(
            "SELECT body FROM audit WHERE tenant = ?1",
            conditions,
            before,
            "ORDER BY id DESC LIMIT ?2 OFFSET ?3",
        )
    )
    after = () if window.after is None else (window.after,)
    return sql, (tenant, window.limit, window.offset, *where.values(), *after)


def _columns(where: Mapping[str, str]) -> list[str]:
    return [EVENT_COLUMNS[key] for key in where]
