"""Two cores: one for what is measured, one for what measures."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.failure import BenchError


@dataclass(frozen=True)
class Cores:
    server: int
    load: int


def pick() -> Cores:
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError("two cores are needed: one for the server, one for the load")
    return Cores(server=allowed[0], load=allowed[1])


def stay_on(core: int) -> None:
    os.sched_setaffinity(0, {core})


@contextmanager
def children_on(core: int) -> Iterator[None]:
    """Whatever is started inside stays on this core: a child inherits its parent's."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
