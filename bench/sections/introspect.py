"""Looking into tokens, beside issuing them: an API asks more often than a client."""

from bench import table
from bench.bounds import judge
from bench.rig import Rig
from bench.series import alternate, ratio
from bench.subject import INTROSPECT_PATH, LOOKS
from bench.table import Table

KIND = "RS256"
TOKENS = f"tokens, {KIND}"


def measure(rig: Rig) -> list[Table]:
    if not rig.ours:
        return []
    rig.say("introspection")
    contestants = {TOKENS: rig.contestant(rig.ours, KIND)}
    contestants |= {look: rig.contestant(rig.ours, look) for look in LOOKS}
    series = alternate(contestants, rig.pairs)
    ratios = {look: ratio(series[look], series[TOKENS], lambda leg: leg.rate) for look in LOOKS}
    verdicts = [judge(f"{look} / {TOKENS}", one.median, str(one)) for look, one in ratios.items()]
    title = f"POST {INTROSPECT_PATH} by the API, secret in the form, beside tokens"
    return [table.of_rates(title, series.values(), verdicts)]
