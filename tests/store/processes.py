"""Processes of a test: workers on a store, which are told lines and answer lines."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


class Worker:
    """Another process on the same store."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def say(self, *words: object) -> Any:
        """A line to it, and its answer."""
        await self.tell(*words)
        return await self.hear()

    async def tell(self, *words: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> Any:
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.process.stdout.readline())


@asynccontextmanager
async def worker(url: str, *before: str) -> AsyncIterator[Worker]:
    """A process that has opened the store; `before` is a program that runs it."""
    command = (*before, sys.executable, "-m", "tests.store.worker", url)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    try:
        one = Worker(process)
        assert await one.hear() == "ready"
        yield one
    finally:
        await ended(process)


async def ended(process: Process) -> None:
    """It ends by itself when its input does; a tracer that is killed would leave what it traces behind."""
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    try:
        async with asyncio.timeout(PATIENCE):
            await process.stdout.read()
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise


@asynccontextmanager
async def workers(url: str) -> AsyncIterator[Sequence[Worker]]:
    """Two of them."""
    async with worker(url) as one, worker(url) as two:
        yield one, two
