"""The door: every request comes in here, and every answer leaves here."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count

import structlog
from msgspec.structs import replace

from sekisho.events.tally import Tally
from sekisho.events.traces import Traces
from sekisho.limits import Limits
from sekisho.pages.render import render
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import (
    HOST_UNKNOWN,
    INTERNAL,
    MALFORMED_REQUEST,
    NOT_FOUND,
    OVERLOADED,
    REQUEST_TOO_LARGE,
    Refused,
)
from sekisho.tenant import Directory, Tenant
from sekisho.web import cors, limit, read, send
from sekisho.web.route import BODY_LIMITS, Found, Routes, Says

log = structlog.get_logger()

Machine = Callable[[], Awaitable[Answer]]

LONGEST_TARGET = 16 * 1024
MOST_REQUESTS = 1_000
RETRY_AFTER = "2"
_ONCE = ("host", "authorization", "content-type", "origin")


@dataclass(frozen=True, slots=True)
class Building:
    """What a door leads to: tenants, URLs, the machines' own addresses, and a voice for whoever is lost.

    `limits` are those of the tenants' tools unless told otherwise; `most_requests` are worked on at once.
    """

    directory: Directory
    routes: Routes
    machines: Mapping[str, Machine]
    says: Says
    tally: Tally | None = None
    limits: Limits | None = None
    most_requests: int = MOST_REQUESTS
    traces: Traces | None = None


@dataclass(slots=True)
class Visit:
    """One request on its way: filled in as it is understood."""

    ask: Ask
    says: Says
    tenant: Tenant | None = None
    route: str = ""
    cors: Pairs = ()
    refused: str = ""


class Door:
    """The ASGI callable."""

    def __init__(self, building: Building) -> None:
        self._building = building
        secure = building.directory.addresses.origin.startswith("https:")
        self._fixed = send.SECURE if secure else send.ALWAYS
        # Requests are told apart by a number: unique here by counting, elsewhere by the name of the process.
        self._process = secrets.token_hex(8)
        self._numbers = count()
        self._working = 0
        # Bound once: the lazy logger would look its settings up at every request.
        self._log = log.bind()

    async def __call__(self, scope: read.Scope, receive: read.Receive, send_: send.Send) -> None:
        """Understand, answer, log."""
        started = time.perf_counter()
        visit = Visit(_ask(scope, f"{self._process}{next(self._numbers):08x}"), self._building.says)
        traces = self._building.traces
        seen = None if traces is None else traces.begin(visit.ask.headers, scope["scheme"])
        try:
            answer = await self._answer(visit, scope, receive)
        except (read.Gone, asyncio.CancelledError):
            return
        ask = visit.ask
        more = (*visit.cors, ("x-correlation-id", ask.correlation))
        if answer.page:
            answer, more = render(answer, ask, visit.tenant), (*send.PAGE, *more)
        answer = replace(answer, headers=(*answer.headers, *more))
        await send.send_answer(send_, answer, send.content(answer), self._fixed, head=ask.method == "HEAD")
        if self._building.tally:
            _count(visit, self._building.tally, answer.status, time.perf_counter() - started)
        if seen is not None:
            seen.answered(_line(visit, answer.status, started), visit.refused)
        if self._log.is_enabled_for(logging.INFO):
            self._log.info("request", **_line(visit, answer.status, started))

    async def _answer(self, visit: Visit, scope: read.Scope, receive: read.Receive) -> Answer:
        try:
            return await self._enter(visit, scope, receive)
        except Refused as refused:
            return _refusal(visit, refused)
        except (read.Gone, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("incident", correlation=visit.ask.correlation, route=visit.route)
            return _refusal(visit, Refused(INTERNAL, debug="see the incident in the log"))

    async def _enter(self, visit: Visit, scope: read.Scope, receive: read.Receive) -> Answer:
        """Host, tenant, route, body: then the endpoint."""
        machine = self._building.machines.get(visit.ask.path)
        if machine:
            visit.route = visit.ask.path
            return await machine()
        self._has_room()
        _is_sound(scope, visit.ask)
        tenant = visit.tenant = self._tenant(visit, scope)
        found = self._found(visit.ask, tenant)
        route = found.route
        visit.says, visit.route = route.says, route.path
        if route.cors:
            visit.cors = await cors.headers(route, visit.ask.headers.get("origin", ""), tenant)
        if visit.ask.method == "OPTIONS" and (route.cors or route.method != "*"):
            return Answer(status=204, headers=cors.preflight(visit.cors, route.method)[len(visit.cors) :])
        await self._read(visit, found, tenant, receive)
        self._has_room()
        self._working += 1
        try:
            return await route.endpoint(visit.ask, tenant)
        finally:
            self._working -= 1

    def _has_room(self) -> None:
        """Before any work; bodies that are on their way take no room, or slow ones would lock others out."""
        if self._working >= self._building.most_requests:
            raise Refused(OVERLOADED, debug=f"{self._working} requests are being worked on")

    async def _read(self, visit: Visit, found: Found, tenant: Tenant, receive: read.Receive) -> None:
        """The body, between the limits that need none of it and those that do."""
        route, limits = found.route, self._building.limits or tenant.tools.limits
        if route.limit:
            await limit.address_may_ask(visit.ask, route, tenant, limits)
        waits = read.may_have_body(visit.ask.method, visit.ask.headers)
        raw = await read.body(receive, BODY_LIMITS[route.reads]) if waits else b""
        visit.ask = replace(
            visit.ask,
            names=found.names,
            form=read.READERS[route.reads](visit.ask.headers.get("content-type", ""), raw),
            body=raw,
        )
        if route.limit:
            await limit.client_may_ask(visit.ask, route, tenant, limits)

    def _tenant(self, visit: Visit, scope: read.Scope) -> Tenant:
        ask, directory = visit.ask, self._building.directory
        host = directory.addresses.host(ask.headers.get("host", ""))
        if host is None or not directory.addresses.knows(host):
            raise Refused(HOST_UNKNOWN)
        place = directory.addresses.locate(host, ask.path)
        if place is None:
            raise Refused(NOT_FOUND)
        raw = scope["query_string"]
        visit.ask = replace(ask, root=place.root, path=place.path, query=read.pairs(raw), raw_query=raw)
        return directory.find(place)

    def _found(self, ask: Ask, tenant: Tenant) -> Found:
        routes = self._building.routes
        found = (ask.method == "OPTIONS" and routes.any_of(ask.path)) or routes.find(ask.method, ask.path)
        if found.route.stands:
            found.route.stands(ask, tenant)
        return found


def _ask(scope: read.Scope, id: str) -> Ask:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Ask(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        root="",
        headers=headers,
        lines=scope["headers"],
        address=scope["client"][0] if scope["client"] else "",
        id=id,
        correlation=read.correlation(headers) or id,
    )


def _is_sound(scope: read.Scope, ask: Ask) -> None:
    """Headers that decide something come once, and the target has a bound."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_TARGET:
        raise Refused(REQUEST_TOO_LARGE, debug="the target is too long")
    if len(ask.headers) != len(scope["headers"]):
        names = [name for name, _ in scope["headers"]]
        if any(names.count(name.encode()) > 1 for name in _ONCE):
            raise Refused(MALFORMED_REQUEST, debug="a header that decides something was repeated")


def _refusal(visit: Visit, refused: Refused) -> Answer:
    ask = visit.ask
    visit.refused = refused.reason.slug
    status = refused.reason.status
    answer = visit.says(refused, ask)  # first, because it may give the refusal a name
    if visit.tenant and status not in (404, 405):
        facts = {"client": read.claimed(ask), "address": ask.address, "correlation": ask.correlation}
        visit.tenant.audit.refused(visit.tenant.id, refused, **facts)
    level = log.warning if status >= INTERNAL.status else log.info
    named = {"trace": refused.trace} if refused.trace else {}
    level("refused", slug=refused.reason.slug, debug=refused.debug, correlation=ask.correlation, **named)
    headers = dict(refused.headers)
    if status in (429, 503):
        headers.setdefault("retry-after", RETRY_AFTER)
    return replace(answer, headers=(*answer.headers, *headers.items()))


def _count(visit: Visit, tally: Tally, status: int, seconds: float) -> None:
    tenant = visit.tenant.record.slug if visit.tenant else ""
    tally.answered(visit.route, visit.ask.method, tenant, status, seconds)
    if visit.refused:
        tally.count(("refusals", visit.refused))


def _line(visit: Visit, status: int, started: float) -> dict[str, object]:
    ask = visit.ask
    return {
        "method": ask.method,
        # Not the path as it came: it may be anything of any length, a secret in the wrong place included.
        "route": visit.route,
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 2),
        "tenant": visit.tenant.record.slug if visit.tenant else "",
        "address": ask.address,
        "request": ask.id,
        "correlation": ask.correlation,
    }
