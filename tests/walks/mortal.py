"""A server that dies where a request tells it to: by kill -9, after its n-th write or before its answer.

It is the real one, composed as `sekisho serve` composes it. A parent that has everything imported holds the
socket and makes a new process out of itself whenever one died, so that a life begins within a moment.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import Any, NoReturn

import httpx
import pytest
import uvicorn

from sekisho import house
from sekisho.cli.server import configured
from sekisho.events import log
from sekisho.server import serving
from sekisho.settings import Settings, load
from sekisho.store import Engine
from sekisho.store.sql import open_engine
from sekisho.web.life import Life
from sekisho.web.read import Receive, Scope
from sekisho.web.send import Send
from tests.servers import PATIENCE, Installation

ROOT = Path(__file__).parents[2]
DIES, WROTE = "x-dies", "x-wrote"
ANSWERING = "answering"


@dataclass
class Fate:
    """What a request was told, and how often it has written."""

    dies: str = ""
    wrote: int = 0

    def written(self) -> None:
        """One more has landed."""
        self.wrote += 1
        self.reached(str(self.wrote))

    def reached(self, point: str) -> None:
        """Here it ends, if this is the point."""
        if self.dies == point:
            os.kill(os.getpid(), signal.SIGKILL)


FATE: ContextVar[Fate] = ContextVar("fate")


class Mortal(Life):
    """The application: each request has its fate."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        fate = Fate(headers.get(DIES.encode(), b"").decode())
        FATE.set(fate)

        async def sent(message: MutableMapping[str, Any]) -> None:
            fate.reached(ANSWERING)
            if message["type"] == "http.response.start":
                message["headers"].append((WROTE.encode(), b"%d" % fate.wrote))
            await send(message)

        await super().__call__(scope, receive, sent)


def counted(write: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A way to write that the fate of the request is told about."""

    async def told(*what: Any) -> Any:
        found = await write(*what)
        if fate := FATE.get(None):
            fate.written()
        return found

    return told


async def opened(*what: Any) -> Engine:
    """The engine of this process, whose requests have a fate."""
    engine = await open_engine(*what)
    for name in ("write", "revoke"):
        setattr(engine, name, counted(getattr(engine, name)))
    return engine


def served(settings: Settings, taken: socket.socket) -> NoReturn:
    """One life."""
    setattr(house, open_engine.__name__, opened)
    log.configure(settings.log, settings.log_format)
    threading.Thread(target=ends_with_the_test, daemon=True).start()
    life = Mortal(serving(settings)._opening)
    uvicorn.Server(configured(settings, life)).run(sockets=[taken])
    os._exit(1)


def ends_with_the_test() -> NoReturn:
    """Nobody is left behind, however the test ended."""
    os.read(0, 1)
    os._exit(0)


def lives(settings: Settings) -> None:
    """One life after another, until one ends in another way."""
    with socket.create_server((settings.host, settings.port), backlog=settings.backlog) as taken:
        while True:
            child = os.fork()
            if child == 0:
                served(settings, taken)
            say("born", child)
            died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            say("died", died)
            if died != -signal.SIGKILL:
                return


def say(what: str, number: int) -> None:
    os.write(1, json.dumps([what, number]).encode() + b"\n")


@dataclass
class Mortals:
    """The process that makes them, seen from a test."""

    installation: Installation
    url: str
    process: "subprocess.Popen[bytes]"
    born: list[int] = field(default_factory=list)

    def hear(self) -> int:
        """What became of one."""
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "nothing happened"
        what, number = json.loads(self.process.stdout.readline())
        if what == "born":
            self.born.append(number)
        return int(number)

    async def dies(self, request: Awaitable[httpx.Response]) -> None:
        """A request that is not answered, because the process dies of it; the next one lives already."""
        with pytest.raises(httpx.TransportError):
            await request
        self.died()

    def died(self) -> None:
        """It did, and by SIGKILL."""
        assert self.hear() == -signal.SIGKILL
        self.hear()


@contextmanager
def mortals(installation: Installation, port: int) -> Iterator[Mortals]:
    """Lives at a port."""
    environment = installation.environment(SEKISHO_LISTEN=f"127.0.0.1:{port}")
    command = (sys.executable, "-m", "tests.walks.mortal")
    with (
        (installation.folder / "mortal.log").open("ab") as kept,
        subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=kept, bufsize=0
        ) as process,
    ):
        found = Mortals(installation, f"http://127.0.0.1:{port}", process)
        found.hear()
        try:
            yield found
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(PATIENCE)


if __name__ == "__main__":
    lives(load(None, os.environ))
