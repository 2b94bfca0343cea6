"""The rig: cores, windows and subjects that every section measures with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import load, proof
from bench.cores import Cores
from bench.footprint import reading, tree
from bench.leg import Leg, Window
from bench.server import Running
from bench.subject import MARKS, STATUSES, Subject
from bench.talk import Begin


@dataclass(frozen=True)
class Rig:
    cores: Cores
    window: Window
    pairs: int
    sizes: tuple[int, ...]
    folder: Path
    measures_ours: bool
    ours: Subject | None
    peer: Subject | None
    say: Callable[[str], None]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(one for one in (self.ours, self.peer) if one)

    def leg(self, port: int, pid: int, kind: str, requests: Sequence[bytes]) -> Leg:
        """Load for one window; the last answer is proved like the first."""
        pids = tree(pid)
        aim = load.Aim(port, requests, MARKS[kind], STATUSES.get(kind, 200))
        leg, last = load.drive(aim, self.window, lambda: reading(self.cores, pids))
        proof.holds(port, kind, last)
        return leg

    def talks(self, running: Running, begin: Sequence[Begin]) -> Leg:
        """A window of talks, one after the other on each connection."""
        pids = tree(running.pid)
        return load.converse(running.port, begin, self.window, lambda: reading(self.cores, pids))

    def contestant(self, subject: Subject, kind: str) -> Callable[[], Leg]:
        """Proved, and driven once uncounted: a just-in-time compiler needs more than the warm-up."""
        running, request = subject.running, subject.requests[kind]
        proof.answers(running.port, kind, request)
        run = partial(self.leg, running.port, running.pid, kind, (request,))
        run()
        return run
