"""Whether a token costs the same with ten registered clients and with a hundred thousand."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from bench import proof, seed, sekisho, table
from bench.bounds import judge
from bench.footprint import memory
from bench.leg import Leg
from bench.rig import Rig
from bench.seed import Credentials
from bench.series import Series, alternate, ratio
from bench.server import Running
from bench.table import Table

KIND = "ES256"
POOL = 4000


@dataclass(frozen=True)
class _Crowd:
    running: Running
    clients: list[Credentials]
    note: str


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    with ExitStack() as stack:
        crowds = {_label(size): _gather(rig, stack, size) for size in rig.sizes}
        rig.say("token endpoint, random clients")
        legs = {label: _contestant(rig, crowd) for label, crowd in crowds.items()}
        series = alternate(legs, rig.pairs)
        notes = [crowd.note for crowd in crowds.values() if crowd.note]
        notes += [_weight(label, crowd) for label, crowd in crowds.items()]
    title = f"POST /oauth/token, {KIND}, random clients ({POOL:,} drawn anew for each leg)"
    few = next(iter(series.values()))
    ratios = {many.label: ratio(many, few, lambda leg: leg.cpu_per_1000) for many in _rest(series)}
    verdicts = [judge(f"CPU of {m} / {few.label}", r.median, str(r)) for m, r in ratios.items()]
    return [table.of_rates(title, series.values(), verdicts, notes)]


def _rest(series: dict[str, Series]) -> list[Series]:
    return list(series.values())[1:]


def _label(size: int) -> str:
    return f"{size:,} clients"


def _gather(rig: Rig, stack: ExitStack, size: int) -> _Crowd:
    """A server of its own, so that its database holds this many clients and no more."""
    folder = rig.folder / f"clients-{size}"
    site = sekisho.prepare(folder)
    running = stack.enter_context(sekisho.started(site, rig.cores))
    bearer = sekisho.bearer(site)
    sekisho.create_api(site, bearer, KIND)
    rig.say(f"registering {size:,} clients")
    began = time.perf_counter()
    clients = seed.register(site.port, bearer, KIND, size)
    took = time.perf_counter() - began
    proof.answers(site.port, KIND, sekisho.token_request(site.port, KIND, clients[0]))
    return _Crowd(running, clients, f"{size:,} clients with their grants registered in {took:.1f} s")


def _contestant(rig: Rig, crowd: _Crowd) -> Callable[[], Leg]:
    port, pid = crowd.running.port, crowd.running.pid
    draw = random.Random(port)

    def leg() -> Leg:
        pool = draw.sample(crowd.clients, min(POOL, len(crowd.clients)))
        requests = [sekisho.token_request(port, KIND, one) for one in pool]
        return rig.leg(port, pid, KIND, requests)

    return leg


def _weight(label: str, crowd: _Crowd) -> str:
    weight = memory(crowd.running.pid)
    return f"memory after the load with {label}: RSS {weight.rss_mb:.0f} MB, PSS {weight.pss_mb:.0f} MB"
