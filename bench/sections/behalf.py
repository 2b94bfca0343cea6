"""On behalf of: each exchange verifies the token that came in and signs another one, or an assertion."""

from collections.abc import Mapping

from bench import behalf, sekisho, table
from bench.bounds import Verdict, judge
from bench.rig import Rig
from bench.series import Series, alternate, ratio
from bench.subject import BEHALF, BEHALF_PATH, SAML, Subject
from bench.table import Table

KIND = "RS256"
SAML2 = "urn:ietf:params:oauth:token-type:saml2"
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
        requests: Mapping[str, bytes] = {
            BEHALF: behalf.request(site, *both),
            SAML: behalf.request(site, *both, SAML2),
        }
        ours = Subject(sekisho.NAME, rig.ours.version, running, requests, rig.ours.at_start)
        contestants = {
            TOKENS: rig.contestant(rig.ours, KIND),
            BEHALF: rig.contestant(ours, BEHALF),
            SAML: rig.contestant(ours, SAML),
        }
        series = alternate(contestants, rig.pairs)
    title = f"POST {BEHALF_PATH}, secret in the form, beside tokens"
    return [table.of_rates(title, series.values(), [_verdict(series, each) for each in (BEHALF, SAML)])]


def _verdict(series: Mapping[str, Series], kind: str) -> Verdict:
    found = ratio(series[TOKENS], series[kind], lambda leg: leg.cpu_per_1000)
    return judge(f"{kind} / {TOKENS}", found.median, f"{found}, by CPU")
