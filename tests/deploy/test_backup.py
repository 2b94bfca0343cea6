"""Restore drills, with the commands of docs/how-to/back-up-and-restore.md."""

import asyncio
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.deploy.drill import Promises, busy, elsewhere, handed_out, honours
from tests.outside import free_port, program
from tests.servers import SEKISHO, Installation


def command(*words: str | Path) -> str:
    """A command of the how-to; what it prints."""
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def copied(made: Installation, copy: list[str | Path]) -> Promises:
    """Promises, and then a copy that is taken while the server writes; nobody was kept waiting."""
    with made.serving(free_port()) as server:
        promises = handed_out(server)
        with busy(server, promises.form) as seen:
            time.sleep(0.3)
            before = len(seen)
            command(*copy)
            time.sleep(0.3)
        assert len(seen) > before > 0
        assert set(seen) == {200, 201}
    return promises


@pytest.mark.parametrize("order", [".backup '{copy}'", "VACUUM INTO '{copy}'"])
def test_sqlite_is_backed_up_while_it_is_written(tmp_path: Path, order: str):
    """A copy of SQLite that is taken while a server writes is sound, and honours what was handed out."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    copy = tmp_path / "copy.db"
    words: list[str | Path] = ["-cmd", ".timeout 10000", tmp_path / "sekisho.db", order.format(copy=copy)]
    promises = copied(made, [program("sqlite3"), *words])
    with closing(sqlite3.connect(copy)) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    restored = elsewhere(made, tmp_path / "elsewhere", f"sqlite:///{tmp_path}/elsewhere/sekisho.db")
    copy.rename(tmp_path / "elsewhere" / "sekisho.db")
    assert "already" in restored.run("migrate")
    honours(restored, promises)


async def test_postgres_is_dumped_while_it_is_written(postgres_database: str, tmp_path: Path):
    """A dump of PostgreSQL that is taken while a server writes restores to what was handed out."""
    await asyncio.to_thread(dumped_and_restored, postgres_database, tmp_path)


def dumped_and_restored(url: str, folder: Path) -> None:
    """The drill, with blocking programs."""
    made, dump = Installation(folder, url), folder / "sekisho.dump"
    made.prepare()
    options = ["--format=custom", "--no-owner", "--no-unlogged-table-data", f"--file={dump}"]
    promises = copied(made, [program("pg_dump"), f"--dbname={url}", *options])
    other = f"{url}_restored"
    command(program("createdb"), f"--maintenance-db={url}", other.rpartition("/")[2])
    try:
        command(program("pg_restore"), f"--dbname={other}", "--no-owner", "--exit-on-error", dump)
        restored = elsewhere(made, folder / "elsewhere", other)
        assert "already" in restored.run("migrate")
        honours(restored, promises)
    finally:
        command(program("dropdb"), f"--maintenance-db={url}", "--force", other.rpartition("/")[2])


def test_a_backup_is_of_no_use_without_its_master_key(tmp_path: Path):
    """With another master key a restored database signs nothing, and the reason is one line."""
    from sekisho.keys.master import Master

    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    (tmp_path / "master.key").rename(tmp_path / "kept.key")
    Master.create(tmp_path / "master.key")
    ended = subprocess.run(
        [SEKISHO, "token"], env=made.environment(), capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "The master key that sealed this is not in its file" in ended.stderr
