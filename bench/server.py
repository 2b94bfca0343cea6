"""A server under measurement: started on its core, waited for, stopped."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from bench import wire
from bench.cores import children_on
from bench.failure import BenchError

START_LIMIT = 60.0
STOP_LIMIT = 20.0
POLL = 0.003


@dataclass(frozen=True)
class Command:
    """How a server is started; `ready` is the path that answers 200 once it serves."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    port: int
    ready: str


@dataclass(frozen=True)
class Running:
    pid: int
    port: int
    ready_after: float


@contextmanager
def running(command: Command, core: int) -> Iterator[Running]:
    log = command.folder / f"{command.name}-{command.port}.log"
    began = time.perf_counter()
    with log.open("wb") as output, children_on(core):
        process = subprocess.Popen(
            command.argv,
            env=dict(command.env),
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, command, log)
        yield Running(process.pid, command.port, time.perf_counter() - began)
        if process.poll() is not None:
            raise BenchError(f"{command.name} died during the run: {_tail(log)}")
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], command: Command, log: Path) -> None:
    deadline = time.perf_counter() + START_LIMIT
    while not _answers(command):
        if process.poll() is not None:
            raise BenchError(f"{command.name} ended with {process.returncode}: {_tail(log)}")
        if time.perf_counter() > deadline:
            raise BenchError(f"{command.name} not ready after {START_LIMIT} s: {_tail(log)}")
        time.sleep(POLL)


def _answers(command: Command) -> bool:
    try:
        reply = wire.exchange(command.port, wire.get(command.port, command.ready), 5.0)
    except (OSError, HTTPException):
        return False
    return reply.status == 200


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:].strip() or "(it printed nothing)"
