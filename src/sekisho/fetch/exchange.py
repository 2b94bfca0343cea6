"""One request and its response over a connection of its own: no redirects, cookies, proxies or codings."""

import ssl
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import cast

import certifi
import httpcore

from sekisho.fetch.order import Order, Reply
from sekisho.fetch.way import Network, Way
from sekisho.spec.refusal import Refused

OK = 200
NOT_MODIFIED = 304
REDIRECTS = range(300, 400)
AGENT = b"Sekisho"

Headers = list[tuple[bytes, bytes]]


def trust(authorities: str) -> ssl.SSLContext:
    """TLS that trusts the system's authorities (a packaged list where there are none), and these (PEM)."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    paths = ssl.get_default_verify_paths()
    has_folder = bool(paths.capath) and any(Path(paths.capath).iterdir())
    if not paths.cafile and not has_folder:
        context.load_verify_locations(certifi.where())
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


class Exchange:
    """How documents are asked for: over this network, with this trust."""

    def __init__(self, network: Network, authorities: str) -> None:
        self._network = network
        self._tls = trust(authorities)

    async def fetch(self, order: Order, tag: str) -> Reply:
        """The document, or word that it is still the one with this tag; refused is everything else."""
        way = Way(order, self._network)
        try:
            return await self._ask(order, tag, way)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server makes the libraries raise
            raise order.failed(fault(error)) from None
        finally:
            await way.close()

    async def _ask(self, order: Order, tag: str, way: Way) -> Reply:
        place = order.destination
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=place.port,
            target=place.target.encode(),
        )
        backend = cast("httpcore.AsyncNetworkBackend", way)
        connection = httpcore.AsyncHTTPConnection(url.origin, self._tls, network_backend=backend)
        limits = {"timeout": {"connect": self._network.caps.connect_seconds}}
        request = httpcore.Request("GET", url, headers=_said(order, tag), extensions=limits)
        async with connection:
            response = await connection.handle_async_request(request)
            try:
                headers = _read(response.headers)
                _hold(order, response.status, headers, tag)
                return Reply(response.status == NOT_MODIFIED, headers, await _body(response, order))
            finally:
                await response.aclose()


def _said(order: Order, tag: str) -> Headers:
    said = [
        (b"host", order.destination.authority.encode()),
        (b"accept", order.accept.encode()),
        (b"accept-encoding", b"identity"),
        (b"user-agent", AGENT),
        (b"connection", b"close"),
    ]
    return [*said, (b"if-none-match", tag.encode())] if tag else said


def _read(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        read[key] = f"{read[key]}, {text}" if key in read else text
    return read


def _hold(order: Order, status: int, headers: Mapping[str, str], tag: str) -> None:
    if status in REDIRECTS and not (status == NOT_MODIFIED and tag):
        raise order.failed("it redirects, and redirects are not followed")
    if status not in (OK, NOT_MODIFIED):
        raise order.failed(f"it answers with the status {status}")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise order.failed("it sends a content coding that was not asked for")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > order.limit:
        raise order.failed(f"the document is longer than {order.limit} bytes")


async def _body(response: httpcore.Response, order: Order) -> bytes:
    body = bytearray()
    async with aclosing(response.aiter_stream()) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            body += chunk
            if len(body) > order.limit:
                raise order.failed(f"the document is longer than {order.limit} bytes")
    return bytes(body)


def fault(error: BaseException | None) -> str:
    """What is wrong with a server or the way to it, in words of ours."""
    if isinstance(error, httpcore.TimeoutException):
        return "it does not answer in time"
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return "TLS could not be agreed on"
        error = error.__cause__ or error.__context__
    return "the connection broke, or does not speak HTTP"
