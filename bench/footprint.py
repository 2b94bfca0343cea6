"""What a process and its children use: CPU seconds and memory, read from /proc."""

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bench.cores import Cores
from bench.failure import BenchError

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Reading:
    """CPU seconds so far: of what is measured, and of strangers on its core and on the load's."""

    cpu: float
    beside_server: float
    beside_load: float

    def since(self, before: "Reading") -> tuple[float, float]:
        """CPU of what is measured, and of the strangers on whichever core they took more of."""
        strangers = (self.beside_server - before.beside_server, self.beside_load - before.beside_load)
        return self.cpu - before.cpu, max(0.0, *strangers)


@dataclass(frozen=True)
class Memory:
    rss_mb: float
    pss_mb: float


def _stat(pid: int) -> list[str]:
    """The fields after the command name, which may itself hold blanks and brackets."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                children[int(_stat(int(entry.name))[1])].append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return children


def tree(pid: int) -> tuple[int, ...]:
    children, found, ahead = _children(), [], [pid]
    while ahead:
        found.append(ahead.pop())
        ahead += children.get(found[-1], [])
    return tuple(found)


def cpu_seconds(pids: tuple[int, ...]) -> float:
    """User and system time of these processes and of the children they have reaped."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in pids) / _TICKS


def core_seconds(core: int) -> float:
    """All work on a core, what the hypervisor took away included; not idling, not interrupts."""
    for line in (_PROC / "stat").read_text().splitlines():
        if line.startswith(f"cpu{core} "):
            user, nice, system, _idle, _wait, _irq, _softirq, steal, *_ = map(int, line.split()[1:])
            return (user + nice + system + steal) / _TICKS
    raise BenchError(f"core {core} is not in /proc/stat")


def reading(cores: Cores, pids: tuple[int, ...]) -> Reading:
    cpu = cpu_seconds(pids)
    beside_load = core_seconds(cores.load) - time.process_time()
    return Reading(cpu, core_seconds(cores.server) - cpu, beside_load)


def memory(pid: int) -> Memory:
    rss = pss = 0
    for member in tree(pid):
        for line in (_PROC / str(member) / "smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name == "Rss":
                rss += int(rest.split()[0])
            elif name == "Pss":
                pss += int(rest.split()[0])
    return Memory(rss_mb=rss / 1024, pss_mb=pss / 1024)
