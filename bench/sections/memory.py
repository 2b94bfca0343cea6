"""Memory of the server after its start and after it has worked."""

from dataclasses import asdict
from typing import Any

from bench.bounds import judge
from bench.footprint import memory
from bench.rig import Rig
from bench.table import Table

HEAD = ("MB", "RSS, start", "PSS, start", "RSS, load", "PSS, load")


def measure(rig: Rig) -> list[Table]:
    """Runs last: the load of the sections before counts too."""
    rows, figures, verdicts = [], dict[str, Any](), []
    for subject in rig.subjects:
        rig.say(f"memory, {subject.name}")
        for kind in subject.requests:
            rig.contestant(subject, kind)
        before, after = subject.at_start, memory(subject.running.pid)
        cells = (before.rss_mb, before.pss_mb, after.rss_mb, after.pss_mb)
        rows.append((subject.name, *(f"{cell:.0f}" for cell in cells)))
        figures[subject.name] = {"start": asdict(before), "load": asdict(after)}
        if subject is rig.ours:
            verdicts.append(judge("memory, RSS after the load", after.rss_mb, f"{after.rss_mb:.0f} MB"))
    return [Table("Memory", HEAD, tuple(rows), tuple(verdicts), figures=figures)] if rows else []
