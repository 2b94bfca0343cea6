"""The token endpoint, against the raw signing rate of its core and against the peer."""

from functools import partial

from bench import raw, table
from bench.bounds import Verdict, judge
from bench.rig import Rig
from bench.series import Series, alternate, ratio
from bench.subject import KINDS
from bench.table import Table

RAW = "raw signing"


def measure(rig: Rig) -> list[Table]:
    return [_kind(rig, kind) for kind in KINDS] if rig.subjects else []


def _kind(rig: Rig, kind: str) -> Table:
    rig.say(f"token endpoint, {kind}")
    contestants = {one.name: rig.contestant(one, kind) for one in rig.subjects}
    if kind in raw.SIGNERS:
        signing = partial(raw.leg, kind, rig.window.seconds, rig.cores.server)
        contestants = {RAW: signing, **contestants}
    series = alternate(contestants, rig.pairs)
    title = f"POST /oauth/token, client_credentials, {kind}"
    return table.of_rates(title, series.values(), _verdicts(rig, kind, series))


def _verdicts(rig: Rig, kind: str, series: dict[str, Series]) -> list[Verdict]:
    pairs = []
    if rig.ours:
        ours = series[rig.ours.name]
        pairs = [(kind, ours, other) for other in series.values() if other is not ours]
    if rig.peer and RAW in series:  # what even a server without any cost of its own could not exceed
        pairs.append((f"{kind}, {RAW}", series[RAW], series[rig.peer.name]))
    return [_verdict(f"{name} / {under.label}", over, under) for name, over, under in pairs]


def _verdict(what: str, over: Series, under: Series) -> Verdict:
    rate = ratio(over, under, lambda leg: leg.rate)
    return judge(what, rate.median, f"{rate}, by CPU {under.cpu_per_1000 / over.cpu_per_1000:.2f}")
