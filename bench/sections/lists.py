"""Lists of the management API over a crowd: how long the server takes for a page, wherever it lies."""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import md5
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

from bench import crowd, seed, sekisho
from bench.bounds import Verdict, judge
from bench.crowd import Size
from bench.failure import BenchError
from bench.rig import Rig
from bench.sekisho import Site
from bench.subject import audience
from bench.table import Table
from bench.wire import HOST, PATIENCE

KIND = "RS256"
WHOLE, QUICK = Size(100_000, 1_000_000), Size(2_000, 20_000)
TIMES, LEAST, MOST_SECONDS = 60, 7, 2.0
PER_PAGE = 50
HEAD = ("", "median ms", "p95 ms", "bytes", "times")


@dataclass(frozen=True)
class Asked:
    """What a list was asked for, and how long each answer took, in milliseconds."""

    what: str
    bytes: int
    took: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.took)

    @property
    def p95(self) -> float:
        return sorted(self.took)[int(len(self.took) * 0.95)]


class Reader:
    """One keep-alive connection with a token that reads everything."""

    def __init__(self, site: Site, bearer: str) -> None:
        self._connection = HTTPConnection(HOST, site.port, timeout=PATIENCE)
        self._headers = {"authorization": f"Bearer {bearer}"}

    def get(self, path: str) -> tuple[Any, int, float]:
        """What is there, how many bytes that is, and how many milliseconds it took."""
        began = time.perf_counter()
        self._connection.request("GET", f"/api/v2/{path}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {body[:500]!r}")
        return json.loads(body), len(body), took

    def ask(self, what: str, path: str) -> Asked:
        """How long this list takes."""
        return again(what, lambda: self.get(path)[1:])

    def close(self) -> None:
        self._connection.close()


def again(what: str, look: Callable[[], tuple[int, float]]) -> Asked:
    """The same again and again, for a while; the first answer is not counted."""
    size, _ = look()
    took: list[float] = []
    until = time.perf_counter() + MOST_SECONDS
    while len(took) < LEAST or (len(took) < TIMES and time.perf_counter() < until):
        took.append(look()[1])
    return Asked(what, size, tuple(took))


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    with ExitStack() as stack:
        url = stack.enter_context(crowd.database())
        if url is None:
            rig.say("there is no PostgreSQL: lists are left out")
            return []
        size = WHOLE if max(rig.sizes) >= WHOLE.clients else QUICK
        site = sekisho.prepare(rig.folder / "lists", url)
        stack.enter_context(sekisho.started(site, rig.cores))
        took = _furnish(rig, site, url, size)
        reader = Reader(site, sekisho.bearer(site))
        stack.callback(reader.close)
        rig.say("lists")
        asked = [reader.ask(what, path) for what, path in _questions(reader, size)]
        return [_table(asked, size, f"the crowd was written in {took:.0f} s")]


def _furnish(rig: Rig, site: Site, url: str, size: Size) -> float:
    rig.say(f"writing {size.clients:,} clients and {size.events:,} events")
    began, token = time.perf_counter(), sekisho.bearer(site)
    sekisho.create_api(site, token, KIND)
    made = sekisho.create(site, token, seed.CLIENTS, seed.client("model"))
    sekisho.create(site, token, seed.GRANTS, seed.grant(made["client_id"], KIND))
    crowd.gather(url, size)
    return time.perf_counter() - began


def _questions(reader: Reader, size: Size) -> Iterator[tuple[str, str]]:
    """What is asked, and how that is written."""
    last, who = size.clients // PER_PAGE, md5(b"name1", usedforsecurity=False).hexdigest()
    pages: Mapping[str, int] = {"first": 0, "middle": last // 2, "last": last}
    for name, page in pages.items():
        yield f"clients, {name} page", f"clients?page={page}&per_page={PER_PAGE}"
    for name, page in pages.items():
        yield (
            f"clients, {name} page with totals",
            f"clients?page={page}&per_page={PER_PAGE}&include_totals=true",
        )
    yield "clients, 100 on a page, two fields", "clients?per_page=100&fields=client_id,name"
    yield "clients, take", f"clients?take={PER_PAGE}"
    yield (
        "clients, take from the middle",
        f"clients?take={PER_PAGE}&from=80000000-0000-4000-8000-000000000000",
    )
    for filters in ("app_type=spa", "app_type=spa,native", "is_first_party=false"):
        yield f"clients, {filters}", f"clients?{filters}&per_page={PER_PAGE}&include_totals=true"
    yield "clients, app_type=spa, last page", f"clients?app_type=spa&per_page={PER_PAGE}&page={last // 4 - 1}"
    yield "client grants of a client", f"client-grants?client_id={who}"
    api = quote(audience(KIND), safe="")
    yield "client grants of an API, totals", f"client-grants?audience={api}&include_totals=true"
    yield "client grants, take", f"client-grants?take={PER_PAGE}"
    yield "resource servers", "resource-servers?include_totals=true"
    yield from _logs(reader, who)
    yield "active users", "stats/active-users"
    yield "daily, 30 days", "stats/daily"


def _logs(reader: Reader, who: str) -> Iterator[tuple[str, str]]:
    yield "logs, first page", f"logs?per_page={PER_PAGE}"
    yield "logs, first page with totals", f"logs?per_page={PER_PAGE}&include_totals=true"
    yield "logs, last page there is", f"logs?per_page={PER_PAGE}&page={1_000 // PER_PAGE - 1}"
    found, _, _ = reader.get(f"logs?take={PER_PAGE}")
    yield "logs, take, oldest", f"logs?take={PER_PAGE}"
    yield "logs, take after the oldest page", f"logs?take={PER_PAGE}&from={found[-1]['log_id']}"
    oldest, newest = (int(found[0]["log_id"][:12], 16), time.time() * 1000)
    middle = f"{int(oldest + (newest - oldest) / 2):012x}"
    yield "logs, take from the middle", f"logs?take={PER_PAGE}&from={middle}{'0' * 16}"
    terms = ("type:seccft", "type:fapi", "type:s", f"client_id:{who}", f"type:feccft client_id:{who}")
    for q in (*terms, 'user_id:"auth0|1"'):
        yield f"logs, {q.partition(who)[0]}", f"logs?per_page={PER_PAGE}&include_totals=true&q={quote(q)}"


def _table(asked: list[Asked], size: Size, note: str) -> Table:
    title = f"Lists on PostgreSQL, {size.clients:,} clients and {size.events:,} events"
    return table(title, asked, slowest("lists", asked), (note,))


def slowest(what: str, asked: Iterable[Asked]) -> Verdict:
    """The one that takes longest, beside what was promised of it."""
    last = max(asked, key=lambda one: one.median)
    return judge(f"{what}, slowest median", last.median, f"{last.median:.1f} ms ({last.what})")


def table(title: str, asked: list[Asked], verdict: Verdict, notes: tuple[str, ...] = ()) -> Table:
    """All of them, a row each."""
    rows = tuple(
        (one.what, f"{one.median:.1f}", f"{one.p95:.1f}", f"{one.bytes:,}", str(len(one.took)))
        for one in asked
    )
    figures = {one.what: {"median": one.median, "p95": one.p95, "bytes": one.bytes} for one in asked}
    return Table(title, HEAD, rows, (verdict,), notes, figures)
