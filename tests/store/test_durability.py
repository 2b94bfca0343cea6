"""What is acknowledged is on disk: shown by tracing, and by killing the process that wrote."""

import asyncio
import re
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from sekisho.model.client import Client
from sekisho.model.step import Lost, Put, PutOnce
from sekisho.store import Engine, Window
from sekisho.store.sql import open_engine, sqlite
from tests.outside import leave_out, program
from tests.store.processes import worker
from tests.store.things import NOW, PEPPER, Clock, Code, closing, code, inside

CALLS = "fsync,fdatasync,sync_file_range,write,pwrite64,sendto"


async def test_sqlite_syncs_before_it_answers(sqlite_url: str, tmp_path: Path):
    """Between the write to SQLite's log and the acknowledgement the log is synced."""
    trace = tmp_path / "trace"
    command = (program("strace"), "-f", "-y", "-e", f"trace={CALLS}", "-s", "64", "-o", str(trace))
    async with worker(sqlite_url, *command) as one:
        assert await one.say("put", "first") is True
        assert await one.say("put", "second") is True
    lines = trace.read_text().splitlines()
    answers = [n for n, line in enumerate(lines) if "write(1<" in line and '"true' in line]
    assert len(answers) == 2
    for start, answer in zip([0, answers[0]], answers, strict=True):
        calls = [line for line in lines[start:answer] if "-wal>" in line]
        written = max(n for n, line in enumerate(calls) if "pwrite64(" in line)
        synced = max(n for n, line in enumerate(calls) if re.search(r"f(data)?sync\(", line))
        assert synced > written


async def test_postgres_syncs_before_it_answers(postgres_emptied: str, clock: Clock, tmp_path: Path):
    """Between the write to PostgreSQL's log and its answer to our commit the log is synced."""
    if urlsplit(postgres_emptied).hostname not in {"127.0.0.1", "localhost"}:
        leave_out("the PostgreSQL server is on another machine: its system calls cannot be traced")
    trace = tmp_path / "trace"
    async with closing(await open_engine(postgres_emptied, PEPPER, clock)) as engine:
        await engine.write(Put(code("first"), "first"))
        backend = inside(engine)._database._writer._connection.get_server_pid()
        strace = (program("strace"), "-e", f"trace={CALLS}", "-o", str(trace), "-p", str(backend))
        tracer: Any = await asyncio.create_subprocess_exec(*strace, stderr=subprocess.PIPE)
        try:
            if b"attached" not in await tracer.stderr.readline():
                leave_out("the PostgreSQL server cannot be traced: strace may not attach to it")
            for n in range(3):
                await engine.write(Put(code(f"{n}"), f"{n}"))
        finally:
            if tracer.returncode is None:
                tracer.send_signal(signal.SIGINT)
            await tracer.communicate()
    calls = [call for line in trace.read_text().splitlines() if (call := line.partition("(")[0])]
    answers = [n for n, call in enumerate(calls) if call == "sendto"]
    assert len(answers) == 3
    for start, answer in zip([0, *answers], answers, strict=False):
        between = calls[start:answer]
        assert "fdatasync" in between or "fsync" in between
        assert between[::-1].index("fdatasync") < between[::-1].index("pwrite64")


async def test_postgres_has_flushed_what_it_acknowledged(postgres_emptied: str, clock: Clock):
    """When a write is acknowledged, PostgreSQL's log is flushed beyond the commit."""
    server = await asyncpg.connect(postgres_emptied)
    async with closing(await open_engine(postgres_emptied, PEPPER, clock)) as engine:
        for n in range(20):
            before = await server.fetchval("SELECT pg_current_wal_insert_lsn()")
            await engine.write(Put(code(f"{n}"), f"{n}"))
            assert await server.fetchval("SELECT pg_current_wal_flush_lsn() > $1", before)
    await server.close()


@pytest.mark.parametrize("seconds", [0.3, 0.6])
async def test_a_killed_process_lost_nothing(url: str, clock: Clock, seconds: float):
    """After kill -9 of a process under load, all that it acknowledged is there, whole and clean."""
    async with worker(url) as one:
        await one.tell("load")
        assert one.process.stdout
        said = asyncio.create_task(one.process.stdout.read())
        await asyncio.sleep(seconds)
        one.process.kill()
        acknowledged = (await said).decode().splitlines(keepends=True)
    handles = [line.strip() for line in acknowledged if line.endswith("\n")]
    assert len(handles) > 100
    if url.startswith("sqlite"):
        check = sqlite3.connect(sqlite.path(url))
        assert check.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        check.close()
    async with closing(await open_engine(url, PEPPER, clock)) as engine:
        await everything_is_there(engine, handles)


async def everything_is_there(engine: Engine, handles: list[str]) -> None:
    """Each acknowledged unit is there with all of its steps."""
    events = {line.id for line in await engine.events("t", {}, Window(limit=1_000_000))}
    clients = {record.id for record in await engine.records(Client, "t", {}, Window(limit=1_000_000))}
    assert events.issuperset(handles)
    assert clients.issuperset(handle for handle in handles if int(handle.partition("-")[2]) % 8 == 0)
    for handle in handles:
        assert await engine.get(Code, handle) == code(handle)
    claimed = await asyncio.gather(*(engine.write(PutOnce(handle, NOW + 100)) for handle in handles[:200]))
    assert all(isinstance(lost, Lost) for lost in claimed)
