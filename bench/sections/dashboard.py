"""Pages of the dashboard over a crowd: how long the server takes for each, wherever in a list it lies."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import md5
from http.client import HTTPConnection
from urllib.parse import quote

from bench import administrator, crowd, seed, sekisho
from bench.crowd import Size
from bench.failure import BenchError
from bench.rig import Rig
from bench.sections.lists import Asked, again, slowest, table
from bench.sekisho import Site
from bench.subject import audience
from bench.table import Table
from bench.wire import HOST, PATIENCE

KIND = "RS256"
WHOLE, QUICK = Size(5_000, 1_000_000), Size(500, 20_000)
PEOPLE = {WHOLE: 100_000, QUICK: 2_000}
COUNTS = "overview"
_NEXT = re.compile(r'href="(\?[^"]*after=[^"]+)"')


class Browser:
    """One keep-alive connection with the cookie of an administrator."""

    def __init__(self, site: Site, cookie: str) -> None:
        self._connection = HTTPConnection(HOST, site.port, timeout=PATIENCE)
        self._headers = {"cookie": cookie, "accept": "text/html", "accept-language": "en"}

    def get(self, path: str) -> tuple[str, float]:
        """The page, and how many milliseconds it took."""
        began = time.perf_counter()
        self._connection.request("GET", f"/dashboard{path}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {body[:300]!r}")
        return body.decode(), took

    def ask(self, what: str, path: str) -> Asked:
        """How long this page takes."""

        def look() -> tuple[int, float]:
            page, took = self.get(path)
            return len(page.encode()), took

        return again(what, look)

    def close(self) -> None:
        self._connection.close()


def measure(rig: Rig) -> list[Table]:
    if not rig.measures_ours:
        return []
    with ExitStack() as stack:
        url = stack.enter_context(crowd.database())
        if url is None:
            rig.say("there is no PostgreSQL: the dashboard is left out")
            return []
        size = WHOLE if max(rig.sizes) >= WHOLE.clients else QUICK
        site = sekisho.prepare(rig.folder / "dashboard", url)
        rig.say(f"writing {PEOPLE[size]:,} people")
        cookie = administrator.furnish(site, PEOPLE[size])
        stack.enter_context(sekisho.started(site, rig.cores))
        _crowd(rig, site, url, size)
        browser = Browser(site, cookie)
        stack.callback(browser.close)
        rig.say("dashboard")
        asked = [browser.ask(what, path) for what, path in _pages(browser)]
        return [_table(asked, size)]


def _crowd(rig: Rig, site: Site, url: str, size: Size) -> None:
    rig.say(f"writing {size.clients:,} clients and {size.events:,} events")
    token = sekisho.bearer(site)
    sekisho.create_api(site, token, KIND)
    made = sekisho.create(site, token, seed.CLIENTS, seed.client("model"))
    sekisho.create(site, token, seed.GRANTS, seed.grant(made["client_id"], KIND))
    crowd.gather(url, size)


def _pages(browser: Browser) -> Iterator[tuple[str, str]]:
    """What is looked at, and its address."""
    who = md5(b"name1", usedforsecurity=False).hexdigest()
    for period in ("1h", "24h", "7d", "30d"):
        yield f"overview, {period}", f"?period={period}"
    for name, path in (
        ("applications", "/applications"),
        ("users", "/users"),
        ("activity", "/activity"),
        ("machine-to-machine", f"/apis/{quote(audience(KIND), safe='')}/machines"),
    ):
        yield name, path
        found = _NEXT.search(browser.get(path)[0])
        if found:
            yield f"{name}, next page", path + found[1].replace("&amp;", "&")
    yield "applications, searched", "/applications?q=crowd+499"
    yield "applications, searched in vain", "/applications?q=nothing+of+the+kind"
    yield "applications, of a type", "/applications?type=spa"
    yield "application, settings", f"/applications/{who}/settings"
    yield "application, APIs", f"/applications/{who}/apis"
    yield "users, searched", "/users?q=person4999"
    yield "users, searched by what nearly all have", "/users?q=person"
    yield "users, searched in vain", "/users?q=nobody%40people.example"
    yield "activity, of a client", f"/activity?client={who}"
    yield "activity, of a user", f"/activity?user={quote('auth0|1')}"
    yield "members", "/settings/members"
    yield "registered applications", "/registered-applications"
    yield "site settings", "/site-settings"
    yield "signing keys", "/signing-keys"
    yield "search, everything", "/search?q=person1"


def _table(asked: list[Asked], size: Size) -> Table:
    title = (
        f"Dashboard on PostgreSQL, {PEOPLE[size]:,} people, {size.clients:,} applications and "
        f"{size.events:,} events"
    )
    # Overview counts everything there is; what is promised is promised of lists.
    lists = (one for one in asked if not one.what.startswith(COUNTS))
    return table(title, asked, slowest("dashboard lists", lists))
