"""From the command to the first 200 of /readyz, on a data folder that exists."""

from bench import sekisho
from bench.bounds import judge
from bench.rig import Rig
from bench.table import Table

TIMES = 3


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    rig.say("start")
    site = sekisho.prepare(rig.folder / "start")
    seconds = []
    for _ in range(TIMES + 1):  # the first start compiles the bytecode and is not counted
        with sekisho.started(site, rig.cores) as running:
            seconds.append(running.ready_after)
    first, *later = seconds
    best = min(later)
    rows = (("best of 3", f"{best:.2f}"), *((f"start {n + 2}", f"{s:.2f}") for n, s in enumerate(later)))
    verdict = judge("start, best", best, f"{best:.2f} s")
    figures = {"first": first, "later": later}
    return [Table("Start to ready", ("", "seconds"), rows, (verdict,), figures=figures)]
