"""`python -m bench`: measure, print one report, fail only on a wrong answer."""

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Unpack

import click

from bench import cores, machine, peer, report, sekisho
from bench.failure import BenchError
from bench.plan import Options, Plan
from bench.rig import Rig
from bench.sections import SECTIONS
from bench.subject import Subject
from bench.table import Table

SUBJECTS = (sekisho.NAME, peer.NAME)
NEED_SUBJECTS = {"token", "behalf", "introspect", "jwks", "memory", "people"}


class _Names(click.ParamType[tuple[str, ...]]):
    """A comma-separated choice, kept in the order in which the names are known."""

    name = "names"

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        chosen = str(value).split(",")
        if unknown := set(chosen) - set(self.known):
            known = ", ".join(self.known)
            self.fail(f"{', '.join(sorted(unknown))}: choose from {known}", param, ctx)
        return tuple(name for name in self.known if name in chosen)


@click.command()
@click.option("--only", type=_Names(tuple(SECTIONS)), default=",".join(SECTIONS), show_default=True)
@click.option("--servers", type=_Names(SUBJECTS), default=",".join(SUBJECTS), show_default=True)
@click.option("--pairs", type=click.IntRange(1), help="Alternations of each comparison [default: 7]")
@click.option("--seconds", type=click.FloatRange(0.1), help="Length of a leg [default: 2]")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--quick", is_flag=True, help="2 pairs of 0.5 s, at most 1,000 clients.")
def main(**said: Unpack[Options]) -> None:
    """Measure Sekisho beside node-oidc-provider and the raw signing rate of one core."""
    plan = Plan.of(said)
    began, allowed = time.perf_counter(), len(os.sched_getaffinity(0))
    try:
        tables = _measure(plan)
    except BenchError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    on = machine.describe(allowed)
    if (why := peer.absent()) and peer.NAME in plan.servers:
        on["peer"] = why
    click.echo(report.as_text(on, str(plan), tables))
    click.echo(f"took {time.perf_counter() - began:.0f} s")
    if said["json_file"]:
        said["json_file"].write_text(report.as_json(on, asdict(plan), tables))


def _measure(plan: Plan) -> list[Table]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sekisho-bench-")))
        rig = _rig(plan, folder, stack)
        return [table for name in plan.only for table in SECTIONS[name](rig)]


def _rig(plan: Plan, folder: Path, stack: ExitStack) -> Rig:
    pair = cores.pick()
    cores.stay_on(pair.load)
    return Rig(
        cores=pair,
        window=plan.window,
        pairs=plan.pairs,
        sizes=plan.sizes,
        folder=folder,
        measures_ours=sekisho.NAME in plan.servers,
        ours=_ours(plan, pair, folder, stack),
        peer=_peer(plan, pair, folder, stack),
        say=_say,
    )


def _ours(plan: Plan, pair: cores.Cores, folder: Path, stack: ExitStack) -> Subject | None:
    if sekisho.NAME not in plan.servers or not NEED_SUBJECTS.intersection(plan.only):
        return None
    _say(f"starting {sekisho.NAME}")
    return stack.enter_context(sekisho.serving(folder / sekisho.NAME, pair))


def _peer(plan: Plan, pair: cores.Cores, folder: Path, stack: ExitStack) -> Subject | None:
    if peer.NAME not in plan.servers or not NEED_SUBJECTS.intersection(plan.only):
        return None
    if why := peer.absent():
        _say(why)
        return None
    _say(f"starting {peer.NAME}")
    return stack.enter_context(peer.serving(folder, pair))


def _say(progress: str) -> None:
    click.echo(f"bench: {progress}", err=True)


if __name__ == "__main__":
    main()
