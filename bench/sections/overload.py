"""Ten times the load: what is admitted stays fast, the rest is refused, and memory stays where it was."""

import json
from collections.abc import Mapping

from bench import crush, seed, sekisho, wire
from bench.bounds import Verdict, judge
from bench.crush import Crush, Outcome
from bench.failure import BenchError
from bench.footprint import memory
from bench.rig import Rig
from bench.seed import Credentials
from bench.sekisho import Site
from bench.subject import JWKS_PATH, TOKEN_PATH
from bench.table import Table

KIND = "ES256"
CONNECTIONS, TIMES = 32, 10
SLOW = HEAVY = 32
SHARE = 0.7  # of what the server can do, for the one client that asks
CALM, STORM = 3.0, 6.0
HEAD = ("", "admitted/s", "median ms", "p99 ms", "refused/s", "RSS MB")


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    rig.say("overload")
    site = sekisho.prepare(rig.folder / "overload")
    with sekisho.started(site, rig.cores) as running:
        token = sekisho.bearer(site)
        request = _request(site, token)
        alone = Crush(CONNECTIONS, request)
        crush.press(site.port, alone, CALM)  # not counted: caches fill
        found: dict[str, tuple[Outcome, float]] = {}
        found["at capacity"] = _leg(site, running.pid, alone, CALM)
        _limit(site, token, found["at capacity"][0].rate * SHARE)
        found["admitted, quiet"] = _leg(site, running.pid, alone, CALM)
        storm = _storm(site, request)
        found[f"{TIMES} times the connections"] = _leg(site, running.pid, storm, STORM)
        found["once more"] = _leg(site, running.pid, storm, STORM)
        found["admitted, afterwards"] = _leg(site, running.pid, alone, CALM)
    return [_table(found)]


def _request(site: Site, token: str) -> bytes:
    sekisho.create_api(site, token, KIND)
    made = sekisho.create(site, token, seed.CLIENTS, seed.client("crush"))
    sekisho.create(site, token, seed.GRANTS, seed.grant(made["client_id"], KIND))
    return sekisho.token_request(site.port, KIND, Credentials(made["client_id"], made["client_secret"]))


def _limit(site: Site, token: str, rate: float) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps({"token_client_rate": round(rate), "token_client_burst": round(rate / 10)}).encode()
    raw = wire.request(site.port, "PATCH", "/api/v2/tenants/settings", headers, body)
    reply = wire.exchange(site.port, raw)
    if reply.status != 200:
        raise BenchError(f"limits: {reply.status} {reply.body[:500]!r}")


def _storm(site: Site, request: bytes) -> Crush:
    """Most of them hurry; some read a byte each second, some send a megabyte where 64 KB are taken."""
    large = wire.post_form(site.port, TOKEN_PATH, {"client_secret": "x" * 1_000_000})
    hurry = CONNECTIONS * TIMES - SLOW - HEAVY
    return Crush(hurry, request, SLOW, wire.get(site.port, JWKS_PATH), HEAVY, large)


def _leg(site: Site, pid: int, load: Crush, seconds: float) -> tuple[Outcome, float]:
    return crush.press(site.port, load, seconds), memory(pid).rss_mb


def _table(found: Mapping[str, tuple[Outcome, float]]) -> Table:
    rows = tuple(_row(name, one, rss) for name, (one, rss) in found.items())
    quiet, storm = found["admitted, quiet"], found[f"{TIMES} times the connections"]
    taken = dict(sorted((status or "hung up", len(took)) for status, took in storm[0].took.items()))
    heavy = {status or "hung up": count for status, count in sorted(storm[0].heavy.items())}
    notes = (
        f"the hurried ones were answered {taken}; those with a megabyte {heavy}",
        f"{SLOW} slow readers took {storm[0].sips} bytes in {storm[0].seconds:.0f} s",
    )
    figures = {
        name: {"admitted": one.rate, "median": one.median, "p99": one.p99, "refused": one.refused, "rss": rss}
        for name, (one, rss) in found.items()
    }
    title = f"POST {TOKEN_PATH}, {KIND}, {TIMES} times the connections"
    return Table(title, HEAD, rows, tuple(_verdicts(quiet, storm, found)), notes, figures)


def _row(name: str, one: Outcome, rss: float) -> tuple[str, ...]:
    figures = (f"{one.rate:,.0f}", f"{one.median:.1f}", f"{one.p99:.1f}", f"{one.refused:,.0f}", f"{rss:.0f}")
    return (name, *figures)


def _verdicts(
    quiet: tuple[Outcome, float], storm: tuple[Outcome, float], found: Mapping[str, tuple[Outcome, float]]
) -> list[Verdict]:
    kept = storm[0].rate / quiet[0].rate
    first, last = found["at capacity"][1], found["admitted, afterwards"][1]
    return [
        judge("overload, median of what is admitted", storm[0].median, f"{storm[0].median:.0f} ms"),
        judge("overload, p99 of what is admitted", storm[0].p99, f"{storm[0].p99:.0f} ms"),
        judge("overload, admitted / quiet", kept, f"{kept:.2f}"),
        judge("overload, memory grown", last - first, f"{last - first:.1f} MB"),
        judge("overload, memory grown by a second one", last - storm[1], f"{last - storm[1]:.1f} MB"),
    ]
