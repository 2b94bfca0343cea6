"""The key set, which every API that checks our tokens fetches."""

from bench import table
from bench.bounds import judge
from bench.rig import Rig
from bench.series import alternate, ratio
from bench.subject import JWKS, JWKS_PATH
from bench.table import Table


def measure(rig: Rig) -> list[Table]:
    if not rig.subjects:
        return []
    rig.say("key set")
    series = alternate({one.name: rig.contestant(one, JWKS) for one in rig.subjects}, rig.pairs)
    verdicts = []
    if rig.ours and rig.peer:
        ours, peer = series[rig.ours.name], series[rig.peer.name]
        one = ratio(ours, peer, lambda leg: leg.rate)
        verdicts.append(judge(f"key set / {rig.peer.name}", one.median, str(one)))
    return [table.of_rates(f"GET {JWKS_PATH}", series.values(), verdicts)]
