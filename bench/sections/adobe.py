"""Installations of one registered application, very many: their tokens, and the gate that reads these."""

import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from bench import crowd, installations, proof, seed, sekisho, table, wire
from bench.bounds import Verdict, judge
from bench.failure import BenchError
from bench.installations import Crowd
from bench.leg import Leg
from bench.rig import Rig
from bench.seed import Credentials
from bench.sekisho import Site
from bench.series import Series, alternate, ratio
from bench.server import Running
from bench.subject import DEVICE_TOKEN, GATE
from bench.table import Table

KIND = "RS256"
TOKENS = f"tokens, {KIND}"
WHOLE, QUICK = 100_000, 1_000
STOCK = 20_000  # tokens that were made before the load
POOL = 4_000


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    with ExitStack() as stack:
        url = stack.enter_context(crowd.database())
        if url is None:
            rig.say("there is no PostgreSQL: adobe is left out")
            return []
        site = sekisho.prepare(rig.folder / "adobe", url)
        everybody, plain, stock, note = _furnish(rig, site, url)
        # Started anew, so that it meets everybody for the first time.
        running = stack.enter_context(sekisho.started(site, rig.cores))
        rig.say("tokens of installations, and the gate")
        series = alternate(_contestants(rig, running, plain, everybody, stock), rig.pairs)
    title = f"Adobe Pass on PostgreSQL, {everybody.size:,} installations ({POOL:,} drawn anew for each leg)"
    return [table.of_rates(title, series.values(), _verdicts(series), (note,))]


def _furnish(rig: Rig, site: Site, url: str) -> tuple[Crowd, Credentials, list[str], str]:
    """The crowd, a client of another API, a stock of tokens, and how long it all took."""
    size = WHOLE if max(rig.sizes) >= WHOLE else QUICK
    rig.say(f"writing {size:,} installations")
    began = time.perf_counter()
    with sekisho.started(site, rig.cores):
        bearer = sekisho.bearer(site)
        sekisho.create_api(site, bearer, KIND)
        made = sekisho.create(site, bearer, seed.CLIENTS, seed.client("plain"))
        sekisho.create(site, bearer, seed.GRANTS, seed.grant(made["client_id"], KIND))
        everybody = installations.furnish(site, bearer, url, size)
        numbers = random.Random(size).sample(range(1, size + 1), min(STOCK, size))
        stock = installations.tokens(site.port, [everybody.one(number) for number in numbers])
    took = time.perf_counter() - began
    plain = Credentials(made["client_id"], made["client_secret"])
    return everybody, plain, stock, f"installations and {len(stock):,} tokens were made in {took:.0f} s"


def _contestants(
    rig: Rig, running: Running, plain: Credentials, everybody: Crowd, stock: list[str]
) -> Mapping[str, Callable[[], Leg]]:
    port, draw = running.port, random.Random(everybody.size)
    usual = sekisho.token_request(port, KIND, plain)
    proof.answers(port, KIND, usual)
    proof.answers(port, DEVICE_TOKEN, installations.token_request(port, everybody.one(1)))
    proof.answers(port, GATE, installations.gate_request(port, stock[0]))
    _bites(port, stock[0])

    def drawn() -> list[bytes]:
        numbers = draw.sample(range(1, everybody.size + 1), min(POOL, everybody.size))
        return [installations.token_request(port, everybody.one(number)) for number in numbers]

    def held() -> list[bytes]:
        texts = draw.sample(stock, min(POOL, len(stock)))
        return [installations.gate_request(port, text) for text in texts]

    return {
        TOKENS: lambda: rig.leg(port, running.pid, KIND, (usual,)),
        DEVICE_TOKEN: lambda: rig.leg(port, running.pid, DEVICE_TOKEN, drawn()),
        GATE: lambda: rig.leg(port, running.pid, GATE, held()),
    }


def _bites(port: int, token: str) -> None:
    """A gate that lets everybody in is fast."""
    reply = wire.exchange(port, installations.gate_request(port, f"{token[:-8]}AAAAAAAA"))
    if reply.status != 401:
        raise BenchError(f"the gate let a forged token in: {reply.status}")


def _verdicts(series: Mapping[str, Series]) -> list[Verdict]:
    usual = series[TOKENS]
    found = {
        label: ratio(usual, series[label], lambda leg: leg.cpu_per_1000) for label in (DEVICE_TOKEN, GATE)
    }
    return [judge(f"{label} / {TOKENS}", one.median, f"{one}, by CPU") for label, one in found.items()]
