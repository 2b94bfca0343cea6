"""On behalf of: each exchange verifies the token that came in and signs another one, beside plain tokens."""

from collections.abc import Mapping

from bench import behalf, sekisho, table
from bench.bounds import judge
from bench.rig import Rig
from bench.series import alternate, ratio
from bench.subject import BEHALF, BEHALF_PATH, Subject
from bench.table import Table

KIND = "RS256"
TOKENS = f"tokens, {KIND}"


def measure(rig: Rig) -> list[Table]:
    if not rig.ours:
        return []
    rig.say("on behalf of")
    site = sekisho.prepare(rig.folder / "behalf")
    with sekisho.started(site, rig.cores):
        both = behalf.furnish(site, sekisho.bearer(site))
    # Started anew, so that it meets everybody for the first time.
    with sekisho.started(site, rig.cores) as running:
        requests: Mapping[str, bytes] = {BEHALF: behalf.request(site, *both)}
        ours = Subject(sekisho.NAME, rig.ours.version, running, requests, rig.ours.at_start)
        contestants = {
            TOKENS: rig.contestant(rig.ours, KIND),
            BEHALF: rig.contestant(ours, BEHALF),
        }
        series = alternate(contestants, rig.pairs)
    found = ratio(series[TOKENS], series[BEHALF], lambda leg: leg.cpu_per_1000)
    verdict = judge(f"{BEHALF} / {TOKENS}", found.median, f"{found}, by CPU")
    title = f"POST {BEHALF_PATH}, secret in the form, beside tokens"
    return [table.of_rates(title, series.values(), [verdict])]
