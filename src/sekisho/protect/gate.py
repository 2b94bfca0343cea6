"""Asking a Sekisho server's gate over HTTP: whoever cannot be asked about does not come in."""

import asyncio
import logging
import ssl
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpcore
import msgspec

from sekisho.spec.software.enhanced import HELP, PROBLEMS, in_header

log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]
# An ASGI scope, as servers and frameworks hand it on.
Scope = MutableMapping[str, Any]

ADMITTED = 200
# Any other status is not a gate's, so somebody else answers at this address.
REFUSALS = frozenset((400, 401, 403, 405, 408, 413, 429, 500, 503))
LONGEST_ANSWER = 64 * 1024
LONGEST_MEMORY = 1.0
MOST_REMEMBERED = 10_000
FACTS = (
    b"x-client-id",
    b"x-registered-application",
    b"x-software-statement",
    b"x-scopes",
    b"x-service-provider",
)
# What the gate looks at of a client's request; the rest is none of its business.
SHOWN = frozenset(
    (b"authorization", b"x-device-info", b"accept", b"origin", b"access-control-request-method")
)
# About one connection or about the bytes on it, so not for whoever gets the answer from us.
_OURS = frozenset(
    (
        *(b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"upgrade", b"trailer"),
        *(b"date", b"server", b"te", b"strict-transport-security"),
    )
)


@dataclass(frozen=True, slots=True)
class Pass:
    """Who was admitted; all of it is empty where the address is open to everybody."""

    client_id: str
    application: str
    statement: str
    scopes: tuple[str, ...]
    channel: str

    @property
    def headers(self) -> Headers:
        """The same facts as a proxy would hand them on."""
        scopes, channel = " ".join(self.scopes), in_header(self.channel)
        facts = (self.client_id, self.application, self.statement, scopes, channel)
        return [(name, fact.encode("latin-1")) for name, fact in zip(FACTS, facts, strict=True)]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the client is answered in place of the API."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the gate is and what it is asked for.

    `server` is the public address of a tenant. `connect_to` is where it is reached, if that is another one.
    `remembers` is for how many seconds, one at most, an admission holds that was not asked about again.
    `trust` is for a gate whose certificate is of an authority of one's own.
    """

    server: str
    connect_to: str = ""
    api_scope: str = ""
    channel: str = ""
    seconds: float = 2.0
    remembers: float = 0.0
    connections: int = 100
    trust: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.remembers <= LONGEST_MEMORY:
            raise ValueError("remembers: a revocation has to be in effect within a second, so 0 to 1")
        if not self.server.startswith(("http://", "https://")):
            raise ValueError("server: http:// or https://")


@dataclass(slots=True)
class Gate:
    """Kept connections to the gate; one for each process of an API."""

    settings: Settings
    _pool: httpcore.AsyncConnectionPool | None = None
    _admitted: OrderedDict[bytes, tuple[float, Pass]] = field(default_factory=OrderedDict)

    async def ask(self, scope: Scope) -> Pass | Refusal:
        """Whether the request of this scope may go on."""
        said = _said(scope)
        key = sha256(repr(said).encode()).digest()
        known = self._admitted.get(key)
        if known and time.monotonic() < known[0]:
            return known[1]
        try:
            async with asyncio.timeout(self.settings.seconds):
                found = await self._asked(said)
        except Exception as error:  # noqa: BLE001 - whatever is wrong on the way: not admitted
            found = self._closed(type(error).__name__)
        if isinstance(found, Pass) and self.settings.remembers:
            self._remember(key, found)
        return found

    async def close(self) -> None:
        """Hang up."""
        if self._pool:
            await self._pool.aclose()
            self._pool = None

    async def _asked(self, said: Headers) -> Pass | Refusal:
        try:
            return await self._once(said)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            # A connection that was kept may end just when it is used; asking twice changes nothing there.
            return await self._once(said)

    async def _once(self, said: Headers) -> Pass | Refusal:
        if self._pool is None:
            most = self.settings.connections
            self._pool = httpcore.AsyncConnectionPool(
                self.settings.trust,
                max_connections=most,
                max_keepalive_connections=most,
                keepalive_expiry=30,
            )
        wait = dict.fromkeys(("connect", "read", "write", "pool"), self.settings.seconds)
        headers = [(b"host", httpcore.URL(self.settings.server).host + self._port()), *said]
        stream = self._pool.stream("GET", self._address(), headers=headers, extensions={"timeout": wait})
        async with stream as answer:
            body = b""
            async for part in answer.aiter_stream():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise ValueError("no gate answers this much")
        return _read(answer.status, answer.headers, body)

    def _port(self) -> bytes:
        port = httpcore.URL(self.settings.server).port
        return b":%d" % port if port else b""

    def _address(self) -> str:
        asked = {"scope": self.settings.api_scope, "service_provider": self.settings.channel}
        query = urlencode({name: value for name, value in asked.items() if value})
        place = (self.settings.connect_to or self.settings.server).rstrip("/")
        return f"{place}/o/gate" + (f"?{query}" if query else "")

    def _remember(self, key: bytes, found: Pass) -> None:
        if len(self._admitted) >= MOST_REMEMBERED:
            self._admitted.popitem(last=False)
        self._admitted[key] = (time.monotonic() + self.settings.remembers, found)
        self._admitted.move_to_end(key)

    def _closed(self, why: str) -> Refusal:
        problem, trace = PROBLEMS["temporarily_unavailable"], str(uuid.uuid4())
        log.warning("the gate could not be asked: %s, trace %s", why, trace)
        document: Mapping[str, object] = {
            "action": problem.action,
            "status": problem.status,
            "code": problem.code,
            "message": problem.message,
            "helpUrl": f"{self.settings.server.rstrip('/')}{HELP}#{problem.code}",
            "trace": trace,
        }
        headers = [
            (b"content-type", b"application/json;charset=UTF-8"),
            (b"cache-control", b"no-store"),
            (b"retry-after", b"2"),
        ]
        return Refusal(problem.status, headers, msgspec.json.encode(document))


def _said(scope: Scope) -> Headers:
    """The request as the gate is told of it: each header of the client as often as it was sent."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    named = [
        (b"x-original-method", scope["method"].encode()),
        (b"x-original-uri", raw + b"?" + query if query else raw),
    ]
    client = scope.get("client")
    if client:
        named.append((b"x-forwarded-for", str(client[0]).encode()))
    return [*named, *((name, value) for name, value in scope["headers"] if name in SHOWN)]


def _read(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Pass | Refusal:
    """A success without the facts is not a gate's."""
    low = [(name.lower(), value) for name, value in headers]
    if status == ADMITTED:
        facts = dict(low)
        client, application, statement, scopes, channel = (facts[name].decode() for name in FACTS)
        return Pass(client, application, statement, tuple(scopes.split()), unquote(channel))
    if status not in REFUSALS:
        raise ValueError("there is no gate at this address")
    return Refusal(status, [pair for pair in low if pair[0] not in _OURS], body)
