"""Migrations: from nothing, from before, and never from what this program cannot know."""

import asyncio
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing as closing_file
from pathlib import Path

import asyncpg
import msgspec
import pytest
from alembic.script import ScriptDirectory

from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.step import Save, Send
from sekisho.store import Window, sql
from sekisho.store.sql import migrate, open_engine, revision, sqlite
from sekisho.store.sql.migration import Line
from sekisho.store.sql.migration import migrate as migrate_along
from sekisho.store.sql.revision import SchemaMismatch, SchemaNewer, SchemaOutdated, SchemaTooOld
from tests.store.things import PEPPER, Clock, client, closing, sending

LATER = '''"""A revision of a test."""

from alembic import op

revision = "{later}"
down_revision = "{before}"


def upgrade() -> None:
    """Plant a table."""
    op.execute("CREATE TABLE planted_{later} (one INTEGER)")
    {more}
'''


HEAD = revision.HEAD


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("postgres_database"))


def line(folder: Path, *later: str, oldest: str = revision.OLDEST_UPGRADABLE, more: str = "") -> Line:
    """This program's revisions, and later ones."""
    shutil.copytree(Line().versions, folder, dirs_exist_ok=True)
    for before, name in zip((revision.HEAD, *later), later, strict=False):
        (folder / f"{name}.py").write_text(LATER.format(before=before, later=name, more=more))
    return Line(folder, oldest)


async def asked(url: str, question: str) -> list[tuple]:
    """What the database says, past the engine."""
    if url.startswith("sqlite"):
        with closing_file(sqlite3.connect(sqlite.path(url))) as connection:
            return connection.execute(question).fetchall()
    server = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await server.fetch(question)]
    finally:
        await server.close()


async def migrated(url: str, along: Line) -> str:
    return await asyncio.to_thread(migrate_along, url, along)


def test_constants_tell_the_truth():
    """The revisions that engines know by heart are those of the migrations."""
    known = ScriptDirectory.from_config(Line().config())
    revisions = [script.revision for script in known.walk_revisions()]
    assert revisions == [revision.HEAD, *reversed(revision.OLDER)]
    assert known.get_heads() == [revision.HEAD]
    assert revision.OLDEST_UPGRADABLE in revisions


async def test_an_empty_database_must_be_migrated(empty: str):
    """An engine refuses an empty database and says what to do; after the migration it opens."""
    with pytest.raises(SchemaOutdated, match="run `sekisho migrate`"):
        await open_engine(empty, PEPPER)
    assert "was empty" in await asyncio.to_thread(migrate, empty)
    async with closing(await open_engine(empty, PEPPER)) as engine:
        assert (await engine.changes(0)).version == 0
    assert "already" in await asyncio.to_thread(migrate, empty)


async def test_an_older_database_is_brought_to_head(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An older revision is refused by engines and upgraded by the migration, which says what it did."""
    along = line(tmp_path / "versions", "0902", "0903")
    await asyncio.to_thread(migrate, empty)
    monkeypatch.setattr(revision, "HEAD", "0903")
    monkeypatch.setattr(sql, "HEAD", "0903")
    monkeypatch.setattr(sql, "OLDER", (HEAD, "0902"))
    with pytest.raises(SchemaOutdated, match=f"revision {HEAD}, before 0903: run `sekisho migrate`"):
        await open_engine(empty, PEPPER)
    assert await migrated(empty, along) == f"The database went from revision {HEAD} to 0903."
    await (await open_engine(empty, PEPPER)).close()
    assert await asked(empty, "SELECT count(*) FROM planted_0903") == [(0,)]


async def test_the_first_schema_goes_on_with_what_it_holds(empty: str, tmp_path: Path):
    """A database of the first release keeps everything, and takes deliveries afterwards."""
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(Line().versions / "0001_first.py", first)
    await migrated(empty, Line(first, "0001"))
    for sql_ in (
        "INSERT INTO audit (tenant, id, at, slug, body) VALUES ('t', '1', 1, 's', '{}')",
        "INSERT INTO config_change (version, kind, tenant, id, at) VALUES (1, 'client', 't', '1', 1)",
        "UPDATE config_version SET version = 1",
    ):
        await said(empty, sql_)
    with pytest.raises(SchemaOutdated, match="revision 0001, before"):
        await open_engine(empty, PEPPER)
    assert await migrated(empty, Line()) == f"The database went from revision 0001 to {HEAD}."
    clock = Clock()
    async with closing(await open_engine(empty, PEPPER, clock)) as engine:
        assert (await engine.changes(0)).version == 1
        assert await asked(empty, "SELECT tenant, slug FROM audit") == [("t", "s")]
        assert await engine.write(Send(sending())) is None
        assert [one.id for one in await engine.claim(["test"], 10, 10)] == ["1"]


async def test_applications_that_were_there_are_found(empty: str, tmp_path: Path):
    """A database of the sixth schema has its applications searched, however many; installations are not."""
    sixth = tmp_path / "sixth"
    sixth.mkdir()
    for name in (*revision.OLDER[:5], "0006"):
        for file in Line().versions.glob(f"{name}_*.py"):
            shutil.copy(file, sixth)
    await migrated(empty, Line(sixth, "0001"))
    for n, application in ((1, ""), (2, ""), (3, "a")):
        doc = msgspec.json.encode(
            client(f"{n}", version=1, name="Straße", reply_urls=(ReplyUrl("https://Shop.test/"),))
        )
        await said(
            empty,
            f"""INSERT INTO client
            (tenant, id, version, created_at, updated_at, doc, app_type, is_first_party, application)
            VALUES ('t', '{n}', 1, 1, 1, '{doc.decode()}', 'spa', 'true', '{application}')""",
        )
    assert await migrated(empty, Line()) == f"The database went from revision 0006 to {HEAD}."
    async with closing(await open_engine(empty, PEPPER, Clock())) as engine:
        for piece in ("STRASSE", "client-", "shop.test"):
            matching = await engine.records(Client, "t", {"words": piece}, Window())
            assert [each.id for each in matching] == ["1", "2"]


async def test_pages_of_applications_that_were_there_may_call(empty: str, tmp_path: Path):
    """A database of the seventh schema knows where its applications' pages are; installations have none."""
    seventh = tmp_path / "seventh"
    seventh.mkdir()
    for name in (*revision.OLDER[:6], "0007"):
        for file in Line().versions.glob(f"{name}_*.py"):
            shutil.copy(file, seventh)
    await migrated(empty, Line(seventh, "0001"))
    urls = (
        "https://Shop.test:443/cb",
        "https://shop.test/other",
        "http://[::1]:8080/",
        "app:/cb",
        "https://x:y/",
    )
    replies = tuple(map(ReplyUrl, urls))
    of_one = Registration(application="a", statement="s")
    for n, registration in ((1, None), (2, None), (3, of_one)):
        record = client(f"{n}", version=1, reply_urls=replies, registration=registration)
        await said(
            empty,
            f"""INSERT INTO client
            (tenant, id, version, created_at, updated_at, doc, app_type, is_first_party, application)
            VALUES ('t', '{n}', 1, 1, 1, '{msgspec.json.encode(record).decode()}', 'spa', 'true',
            '{"a" if registration else ""}')""",
        )
    tag = "INSERT INTO record_tag (kind, tenant, tag, id) VALUES ('client', 't', 'https://shop.test', '2')"
    await said(empty, tag)
    assert await migrated(empty, Line()) == f"The database went from revision 0007 to {HEAD}."
    async with closing(await open_engine(empty, PEPPER, Clock())) as engine:
        for origin in ("https://shop.test", "http://[::1]:8080"):
            found = await engine.records(Client, "t", {"tag": origin}, Window())
            assert [each.id for each in found] == ["1", "2"]
            assert origin in client("1", reply_urls=replies).origins
        tags = await asked(empty, "SELECT DISTINCT tag FROM record_tag WHERE kind = 'client' ORDER BY tag")
        assert [tag for (tag,) in tags] == sorted(client("1", reply_urls=replies).origins)


async def test_clients_that_were_there_belong_to_no_application(empty: str, tmp_path: Path):
    """A database of the second schema keeps its clients among those that administrators made."""
    second = tmp_path / "second"
    second.mkdir()
    for name in ("0001_first.py", "0002_deliveries.py"):
        shutil.copy(Line().versions / name, second)
    await migrated(empty, Line(second, "0001"))
    doc = msgspec.json.encode(client("1", version=1)).decode()
    for sql_ in (
        f"""INSERT INTO client (tenant, id, version, created_at, updated_at, doc, app_type, is_first_party)
        VALUES ('t', '1', 1, 1, 1, '{doc}', 'regular_web', 'true')""",
        "INSERT INTO record_name (kind, tenant, name, id) VALUES ('client', 't', 'client-1', '1')",
    ):
        await said(empty, sql_)
    assert await migrated(empty, Line()) == f"The database went from revision 0002 to {HEAD}."
    async with closing(await open_engine(empty, PEPPER, Clock())) as engine:
        kept = client("1", version=1)
        installation = client("2", registration=Registration(application="a", statement="s"))
        assert await engine.write(Save(installation)) is None
        assert await engine.named(Client, "t", "client-1") == kept
        assert await engine.records(Client, "t", {"application": ""}, Window()) == [kept]
        assert await engine.count(Client, "t", {"application": "a"}) == 1
        assert await engine.write(Save(kept)) is None
        assert await engine.count(Client, "t", {"application": ""}) == 1
        assert await engine.last_used("t", ["client-1"]) == {}


async def said(url: str, sql_: str) -> None:
    """Tell the database, past the engine."""
    if url.startswith("sqlite"):
        with closing_file(sqlite3.connect(sqlite.path(url))) as connection, connection:
            connection.execute(sql_)
        return
    server = await asyncpg.connect(url)
    try:
        await server.execute(sql_)
    finally:
        await server.close()


async def test_a_newer_database_is_left_alone(empty: str, tmp_path: Path):
    """A database of a later release is refused by engines and by the migration."""
    await migrated(empty, line(tmp_path / "versions", "0902"))
    for attempt in (open_engine(empty, PEPPER), asyncio.to_thread(migrate, empty)):
        with pytest.raises(SchemaNewer, match="revision 0902, which this program does not know"):
            await attempt
    assert await asked(empty, "SELECT version_num FROM alembic_version") == [("0902",)]


async def test_releases_cannot_be_skipped(empty: str, tmp_path: Path):
    """A database that is older than what may be upgraded in one go is refused, and told how to go on."""
    await asyncio.to_thread(migrate, empty)
    with pytest.raises(SchemaTooOld, match="upgrades from 0902 on: migrate with an earlier release first"):
        await migrated(empty, line(tmp_path / "versions", "0902", "0903", oldest="0902"))
    assert await asked(empty, "SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_a_failing_migration_leaves_nothing(empty: str, tmp_path: Path):
    """A migration is one transaction: when its last step fails, the database is as it was."""
    await asyncio.to_thread(migrate, empty)
    with pytest.raises(Exception, match="nowhere"):
        await migrated(empty, line(tmp_path / "versions", "0902", more='op.execute("DELETE FROM nowhere")'))
    assert await asked(empty, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    with pytest.raises((sqlite3.OperationalError, asyncpg.UndefinedTableError)):
        await asked(empty, "SELECT 1 FROM planted_0902")


async def test_migrations_take_turns(empty: str):
    """Of several migrations that start at once one migrates; the others wait and find it done."""
    with ThreadPoolExecutor(4) as threads:
        loop = asyncio.get_running_loop()
        said = await asyncio.gather(*(loop.run_in_executor(threads, migrate, empty) for _ in range(4)))
    assert sorted("empty" in words for words in said) == [False, False, False, True]


def test_mismatches_are_of_one_kind():
    """Whoever starts a process catches one exception."""
    assert all(issubclass(kind, SchemaMismatch) for kind in (SchemaNewer, SchemaOutdated, SchemaTooOld))
